/** Where clients reach a broker. Whatever it is called, its name is upper case. */
export interface Listener {
  name: string
  protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  /** Where the broker listens, `host:port`. */
  address: string
  /** Where clients are told to go; to `address` where undefined. */
  advertised?: string | undefined
}

/**
 * The lines of server.properties that tell of listeners.
 *
 * @param listeners the first is also the way of the broker to itself.
 * @param controllerPort of the loopback.
 */
export function buildListeners(listeners: readonly [Listener, ...Listener[]], controllerPort: number): Record<string, string> {
  return {
    listeners: [...listeners.map(({ name, address }) => `${name}://${address}`), `CONTROLLER://127.0.0.1:${controllerPort}`].join(','),
    'advertised.listeners': listeners.map(({ name, address, advertised = address }) => `${name}://${advertised}`).join(','),
    'listener.security.protocol.map': [...listeners.map(({ name, protocol }) => `${name}:${protocol}`), 'CONTROLLER:PLAINTEXT'].join(','),
    'inter.broker.listener.name': listeners[0].name,
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
  }
}
