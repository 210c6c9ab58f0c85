import type { Clock } from '@tidewatch/kit'
import { Backoff } from './backoff.ts'

/** Told of what a queue does; all times in ms. */
export interface QueueObserver {
  onAdd?(depth: number): void
  onTake?(depth: number, waitedMs: number): void
  onDone?(workedMs: number): void
  onRetry?(): void
}

/**
 * A queue of keys, as client-go's: level-based, so a key stands for "look at it again", not for what happened.
 *
 * - A key that is queued already is not queued twice.
 * - A key in flight is never handed out a second time; added meanwhile, it comes once more after `done`.
 * - Nothing is dropped: every `add` is followed by a `take` of its key that begins after it.
 *
 *       add  add        add            done
 *     ---|----|---take---|--------------|---take---
 *        queued (once)   dirty          queued again
 */
export class WorkQueue {
  /** Insertion order is the order of taking. */
  readonly #queuedAtMs = new Map<string, number>()
  readonly #takenAtMs = new Map<string, number>()
  readonly #dirty = new Set<string>()
  readonly #delays = new Map<string, { atMs: number; cancel: AbortController }>()
  readonly #takers: (() => void)[] = []
  readonly #clock: Clock
  readonly #backoff: Backoff
  readonly #observer: QueueObserver

  constructor({ clock, backoff = new Backoff(), observer = {} }: { clock: Clock; backoff?: Backoff; observer?: QueueObserver }) {
    this.#clock = clock
    this.#backoff = backoff
    this.#observer = observer
  }

  /** Keys that wait to be taken. */
  get depth(): number {
    return this.#queuedAtMs.size
  }

  get inFlight(): number {
    return this.#takenAtMs.size
  }

  /** Keys that will be added later. */
  get delayed(): number {
    return this.#delays.size
  }

  /** Nothing to take, nothing in flight; what is delayed does not count. */
  get isIdle(): boolean {
    return this.depth === 0 && this.inFlight === 0
  }

  add(key: string): void {
    if (this.#takenAtMs.has(key)) {
      this.#dirty.add(key)
      return
    }
    if (this.#queuedAtMs.has(key)) return
    this.#queuedAtMs.set(key, this.#clock.now())
    this.#observer.onAdd?.(this.depth)
    this.#takers.shift()?.()
  }

  /** Adds the key when `ms` have passed. Of several delays of one key the earliest counts. */
  addAfter(key: string, ms: number): void {
    if (ms <= 0) return this.add(key)
    const atMs = this.#clock.now() + ms
    const pending = this.#delays.get(key)
    if (pending !== undefined && pending.atMs <= atMs) return
    pending?.cancel.abort()
    const cancel = new AbortController()
    this.#delays.set(key, { atMs, cancel })
    void this.#clock.sleep(ms, cancel.signal).then(() => {
      if (cancel.signal.aborted) return
      this.#delays.delete(key)
      this.add(key)
    })
  }

  /** Adds the key after the pause that its failures in a row ask for; returns that pause in ms. */
  addRateLimited(key: string): number {
    const delayMs = this.#backoff.next(key)
    this.#observer.onRetry?.()
    this.addAfter(key, delayMs)
    return delayMs
  }

  /** Forgets the failures of a key. */
  resetBackoff(key: string): void {
    this.#backoff.reset(key)
  }

  /** The next key, which is in flight until `done`; undefined once the signal has aborted. */
  async take(signal: AbortSignal): Promise<string | undefined> {
    while (!signal.aborted) {
      const next = this.#queuedAtMs.entries().next().value
      if (next !== undefined) {
        const [key, sinceMs] = next
        this.#queuedAtMs.delete(key)
        this.#takenAtMs.set(key, this.#clock.now())
        this.#observer.onTake?.(this.depth, this.#clock.now() - sinceMs)
        return key
      }
      await this.#waitForKey(signal)
    }
    return undefined
  }

  /** Ends the work on a key; if it was added meanwhile it is queued again. */
  done(key: string): void {
    const sinceMs = this.#takenAtMs.get(key)
    if (sinceMs === undefined) return
    this.#takenAtMs.delete(key)
    this.#observer.onDone?.(this.#clock.now() - sinceMs)
    if (this.#dirty.delete(key)) this.add(key)
  }

  /** Cancels all delays, so that no timer keeps the process alive. */
  close(): void {
    for (const { cancel } of this.#delays.values()) cancel.abort()
    this.#delays.clear()
  }

  #waitForKey(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      // A taker that leaves must not swallow the wake-up of a key: it takes itself off the list.
      const leave = () => {
        const index = this.#takers.indexOf(wake)
        if (index >= 0) this.#takers.splice(index, 1)
        resolve()
      }
      this.#takers.push(wake)
      signal.addEventListener('abort', leave, { once: true })
    })
  }
}
