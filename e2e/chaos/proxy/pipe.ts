import type { Socket } from 'node:net'

/** What happens to bytes on one way. */
export interface Way {
  /** How long each message takes, in milliseconds. */
  delayMs: number
  /** Nothing gets through; it is delivered late, as TCP does once a partition is over. */
  isHeld: boolean
}

/** Bytes that wait on a way before the sender is told to slow down. */
const mostWaiting = 4 * 1024 * 1024

/** One direction of a connection: messages, and at last the end, in order, as the way lets them through. */
export class Pipe {
  readonly #way: () => Way
  readonly #from: Socket
  readonly #to: Socket
  readonly #queue: { bytes: Buffer | 'end'; dueAtMs: number }[] = []
  #waiting = 0
  #timer: NodeJS.Timeout | undefined
  #hasEnded = false

  constructor(from: Socket, to: Socket, way: () => Way) {
    this.#from = from
    this.#to = to
    this.#way = way
  }

  push(bytes: Buffer): void {
    this.#waiting += bytes.length
    if (this.#waiting > mostWaiting) this.#from.pause()
    this.#add(bytes)
  }

  /** The sender has nothing more to say, or is gone: the receiver learns it after all that came before. */
  end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#add('end')
  }

  /** Delivers what is due; called again when the way has changed. */
  pump(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#queue.length > 0 && !this.#way().isHeld) {
      const { bytes, dueAtMs } = this.#queue[0]!
      const waitMs = dueAtMs - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs)
        return
      }
      this.#queue.shift()
      this.#deliver(bytes)
    }
  }

  /** Forgets what waits. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#queue.length = 0
    this.#hasEnded = true
  }

  #add(bytes: Buffer | 'end'): void {
    this.#queue.push({ bytes, dueAtMs: performance.now() + this.#way().delayMs })
    if (this.#timer === undefined) this.pump()
  }

  #deliver(bytes: Buffer | 'end'): void {
    if (bytes === 'end') {
      this.#to.end()
      return
    }
    this.#waiting -= bytes.length
    if (this.#waiting <= mostWaiting && this.#from.isPaused()) this.#from.resume()
    if (this.#to.writable) this.#to.write(bytes)
  }
}
