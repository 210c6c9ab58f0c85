import { connect } from 'node:net'

/** Metadata, version 1, of no topic: `size, key, version, correlation id, client id (null), topics (empty)`. */
const metadataRequest = Buffer.from('0000000e' + '0003' + '0001' + '00000001' + 'ffff' + '00000000', 'hex')

/** The size, the correlation id, and then the count of brokers. */
const brokerCountOffset = 8

/**
 * Asks for the cluster's brokers over a plain connection. A node in KRaft mode lists itself only once its controller
 * has let it in, so a listed broker can be worked with; an open port alone says nothing.
 *
 * Spoken here by hand, because a client library would go on to the advertised address, which may be a proxy that is
 * not up yet.
 */
export function listsBroker(port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: timeoutMs })
    let answer = Buffer.alloc(0)
    const finish = (isListed: boolean) => {
      socket.destroy()
      resolve(isListed)
    }
    socket.on('connect', () => socket.write(metadataRequest))
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
      if (answer.length >= brokerCountOffset + 4) finish(answer.readInt32BE(brokerCountOffset) > 0)
    })
    for (const ending of ['error', 'timeout', 'close'] as const) socket.on(ending, () => finish(false))
  })
}
