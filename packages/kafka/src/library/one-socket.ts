import type { Socket } from 'node:net'
import { requireInside } from './insides.ts'
import { forgetReceived } from './receive.ts'

interface Connection {
  host: string
  port: number
  socket: Socket | undefined
  connectionStatus: string
  authenticatedAt: unknown
  requestQueue: { waitForPendingRequests(): Promise<void>; destroy(): void }
  connect: (this: Connection) => Promise<true>
  disconnect: (this: Connection) => Promise<true>
  isConnected(): boolean
  rejectRequests(error: Error): void
}

/**
 * Lets what belongs to one socket end with it.
 *
 * A connection of kafkajs outlives its sockets: after a refused login, a reset or a restart of the broker it opens the next one. Left to
 * itself, it takes the late end of the old socket for that of the new one: it closes that too, forgets to look for overdue answers, and
 * does not reject what was asked on it. Whoever asked waits for ever, and with it everybody who waits for the connection's lock. It also
 * goes on reading where the old socket stopped, in the middle of an answer.
 */
export function installOneSocket(): void {
  if (isInstalled) return
  isInstalled = true
  const { prototype } = requireInside<{ prototype: Connection }>('network/connection')
  const { CONNECTION_STATUS: status } = requireInside<{ CONNECTION_STATUS: Record<'DISCONNECTING' | 'DISCONNECTED', string> }>('network/connectionStatus')
  const { connect } = prototype
  const attempts = new WeakMap<Connection, Promise<true>>()
  const releases = new WeakMap<Connection, () => void>()

  prototype.connect = function (this: Connection) {
    const under = attempts.get(this)
    if (under !== undefined) return under
    if (this.isConnected()) return Promise.resolve(true as const)
    // Whoever still waits for an answer on the old socket has to ask again.
    releases.get(this)?.()
    const connecting = connect.call(this)
    releases.set(this, release(this, this.socket))
    const attempt = Promise.race([connecting, untilClosed(this, this.socket)]).finally(() => attempts.delete(this))
    attempts.set(this, attempt)
    return attempt
  }

  prototype.disconnect = async function (this: Connection) {
    const { socket } = this
    this.authenticatedAt = null
    this.connectionStatus = status.DISCONNECTING
    await this.requestQueue.waitForPendingRequests()
    socket?.end()
    socket?.unref()
    if (this.socket !== socket) return true
    this.requestQueue.destroy()
    this.connectionStatus = status.DISCONNECTED
    return true
  }
}

/** What parts a connection from its socket of now. */
function release(connection: Connection, socket: Socket | undefined): () => void {
  // kafkajs has just put these there, after those of Node.js itself.
  const listeners = (['data', 'end', 'error', 'timeout'] as const).map((event) => [event, socket?.listeners(event).at(-1)] as const)
  return () => {
    for (const [event, listener] of listeners) if (listener !== undefined) socket?.removeListener(event, listener as () => void)
    socket?.on('error', () => {})
    socket?.destroy()
    connection.rejectRequests(closed(connection))
    forgetReceived(connection)
  }
}

/** Rejects with the end of the socket, and with it all that is still being asked on it, whatever kafkajs knows of it by then. */
function untilClosed(connection: Connection, socket: Socket | undefined): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => {})
  socket?.once('close', () => {
    if (connection.socket !== socket) return
    connection.rejectRequests(closed(connection))
    reject(cut(connection))
  })
  return promise
}

interface Errors {
  KafkaJSConnectionError: new (message: string, details: { broker: string }) => Error
  KafkaJSConnectionClosedError: new (message: string, details: { host: string; port: number }) => Error
}

/** What kafkajs says of requests on a connection that was closed; they are sent again. */
function closed({ host, port }: Connection): Error {
  return new (requireInside<Errors>('errors').KafkaJSConnectionClosedError)('Closed connection', { host, port })
}

/** What kafkajs says of an attempt to connect; the next one first asks which brokers there are. */
function cut({ host, port }: Connection): Error {
  return new (requireInside<Errors>('errors').KafkaJSConnectionError)('Connection error: closed before it was open', { broker: `${host}:${port}` })
}

let isInstalled = false
