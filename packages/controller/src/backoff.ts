/** How long a key waits after each failure in a row. */
export interface BackoffOptions {
  /** Upper bound of the first pause, in ms. Default 5,000. */
  baseMs?: number
  /** Upper bound of every pause, in ms. Default 300,000. */
  maxMs?: number
  /** Uniform in [0, 1). Default: no jitter, the upper bound itself. */
  random?: () => number
}

/**
 * Exponential pauses with full jitter, for each key apart: uniform in (0, base * 2^n], at most `maxMs`.
 *
 * Full jitter spreads many keys that failed together best ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 * The pause is at least a tenth of its bound, so that chance never makes a hot loop.
 */
export class Backoff {
  readonly #failuresByKey = new Map<string, number>()
  readonly #baseMs: number
  readonly #maxMs: number
  readonly #random: () => number

  constructor({ baseMs = 5_000, maxMs = 300_000, random = () => 1 }: BackoffOptions = {}) {
    this.#baseMs = baseMs
    this.#maxMs = maxMs
    this.#random = random
  }

  /** Counts one more failure of the key and gives the pause after it, in ms. */
  next(key: string): number {
    const failures = this.#failuresByKey.get(key) ?? 0
    this.#failuresByKey.set(key, failures + 1)
    const boundMs = Math.min(this.#maxMs, this.#baseMs * 2 ** Math.min(failures, 40))
    return Math.ceil(boundMs * Math.max(0.1, this.#random()))
  }

  /** Failures in a row. */
  failures(key: string): number {
    return this.#failuresByKey.get(key) ?? 0
  }

  /** Forgets the failures of a key, after a success or when its object is gone. */
  reset(key: string): void {
    this.#failuresByKey.delete(key)
  }
}
