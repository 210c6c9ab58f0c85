import type { Socket } from 'node:net'
import { requireInside } from './insides.ts'

interface Connection {
  socket: Socket | undefined
  send: (this: Connection, protocol: object) => Promise<unknown>
}

/**
 * Breaks a connection on which a request was not answered in time.
 *
 * kafkajs gives up the request and keeps the connection. Where its other end is gone and nobody has told ours (a machine that lost its
 * power, a firewall that forgot), every attempt after it waits for its own 30 s on the same dead connection, for ever: a member
 * of a group never comes back. On a new connection the next attempt is answered, or refused at once.
 */
export function installHalfOpenBreak(): void {
  if (isInstalled) return
  isInstalled = true
  const { prototype } = requireInside<{ prototype: Connection }>('network/connection')
  const { send } = prototype
  prototype.send = async function (this: Connection, protocol: object) {
    // Taken now: by the time of the error it may be another.
    const { socket } = this
    try {
      return await send.call(this, protocol)
    } catch (error) {
      // With an error: kafkajs listens for nothing else.
      if (error instanceof Error && error.name === 'KafkaJSRequestTimeoutError') socket?.destroy(error)
      throw error
    }
  }
}

let isInstalled = false
