import type { Socket } from 'node:net'
import { requireInside } from './insides.ts'

/** Requests and their answers begin with how long they are. */
const lengthBytes = 4
/** What is set aside for an answer before any of it has come: a length may be of something that is no answer of Kafka at all. */
const mostSetAside = 16 * 1024 * 1024

/**
 * Puts answers together out of what a socket brings.
 *
 *     chunks     |len..body1...|...body1..|.body1|len.body2|
 *     memory      one piece for each answer, of its own length, filled as its bytes come
 */
export class Incoming {
  readonly #length = Buffer.alloc(lengthBytes)
  #bytes: Buffer = this.#length
  /** How much of it has come. */
  #at = 0
  #end = lengthBytes

  /**
   * Takes in what has come; it may be written over afterwards.
   *
   * @param onWhole given each answer that is complete, with its length before it.
   * @throws RangeError where a length is none.
   */
  take(data: Buffer, onWhole: (answer: Buffer) => void): void {
    for (let from = 0; from < data.length;) {
      const to = Math.min(data.length, from + this.#end - this.#at)
      if (this.#at + to - from > this.#bytes.length) this.#grow(this.#at + to - from)
      data.copy(this.#bytes, this.#at, from, to)
      this.#at += to - from
      from = to
      if (this.#at < this.#end) return
      if (this.#bytes === this.#length) this.#open()
      else {
        const whole = this.#bytes
        this.forget()
        onWhole(whole)
      }
    }
  }

  /** Drops what is not whole: the rest of it will not come. */
  forget(): void {
    this.#bytes = this.#length
    this.#at = 0
    this.#end = lengthBytes
  }

  #open(): void {
    const length = this.#length.readInt32BE(0)
    if (length < lengthBytes) throw new RangeError(`an answer of ${length} bytes is none of Kafka: is something else listening there?`)
    this.#end = lengthBytes + length
    this.#bytes = Buffer.allocUnsafe(Math.min(this.#end, mostSetAside))
    this.#length.copy(this.#bytes)
  }

  #grow(least: number): void {
    const grown = Buffer.allocUnsafe(Math.min(this.#end, Math.max(least, 2 * this.#bytes.length)))
    this.#bytes.copy(grown, 0, 0, this.#at)
    this.#bytes = grown
  }
}

interface Connection {
  socket: Socket | undefined
  authHandlers: { onSuccess(data: Buffer): void } | null
  authExpectResponse: boolean
  requestQueue: { fulfillRequest(answer: { size: number; correlationId: number; payload: Buffer }): void }
  processData: (this: Connection, data: Buffer) => void
}

const incoming = new WeakMap<object, Incoming>()

/** To be called where a connection goes on with another socket. */
export const forgetReceived = (connection: object): void => incoming.get(connection)?.forget()

/**
 * In the place of kafkajs' own, which keeps all pieces of an answer and joins them at its end: twice the memory, and what is outside of the
 * heap makes the collector look through all of it again and again.
 */
export function installReceive(): void {
  const { prototype } = requireInside<{ prototype: Connection }>('network/connection')
  prototype.processData = function (this: Connection, data: Buffer) {
    if (this.authHandlers !== null && !this.authExpectResponse) return this.authHandlers.onSuccess(Buffer.from(data))
    let answers = incoming.get(this)
    if (answers === undefined) incoming.set(this, (answers = new Incoming()))
    try {
      answers.take(data, (answer) => {
        if (this.authHandlers !== null) return this.authHandlers.onSuccess(answer)
        const correlationId = answer.readInt32BE(lengthBytes)
        this.requestQueue.fulfillRequest({ size: answer.length - lengthBytes, correlationId, payload: answer.subarray(2 * lengthBytes) })
      })
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.socket?.destroy(error)
    }
  }
}

/** What all sockets read into, one after the other: each hands on what it has read before another reads. */
const shared = Buffer.allocUnsafeSlow(256 * 1024)

/** Makes a socket that is still to be connected read into memory that is there, instead of into a new piece each time. Whoever listens for `data` has to copy. */
export function readIntoShared(socketOf: () => Socket): { buffer: Buffer; callback: (bytesRead: number) => boolean } {
  return {
    buffer: shared,
    callback: (bytesRead) => {
      socketOf().emit('data', shared.subarray(0, bytesRead))
      return true
    },
  }
}
