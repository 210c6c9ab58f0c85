/**
 * The source of time, passed in wherever time matters so that tests own it. Pure code takes `nowMs` as an
 * argument instead.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after `ms` milliseconds, or at once when the signal aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const finish = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        resolve()
      }
      const timer = setTimeout(finish, ms)
      signal?.addEventListener('abort', finish)
    }),
}

/** A clock that moves only when told to. Sleepers wake in the order of their deadlines. */
export class FakeClock implements Clock {
  #nowMs: number
  #sleepers: { atMs: number; wake: () => void }[] = []

  constructor(startMs = 0) {
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const sleeper = { atMs: this.#nowMs + ms, wake: resolve }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper)
        resolve()
      })
    })
  }

  /** Moves time forward by `ms` and wakes everyone whose deadline has come. */
  advance(ms: number): void {
    this.#nowMs += ms
    const due = this.#sleepers.filter((one) => one.atMs <= this.#nowMs).sort((a, b) => a.atMs - b.atMs)
    this.#sleepers = this.#sleepers.filter((one) => one.atMs > this.#nowMs)
    for (const sleeper of due) sleeper.wake()
  }
}
