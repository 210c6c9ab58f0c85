/** A rate over the last few seconds of a count that only grows. */
export class Rate {
  readonly #windowMs: number
  readonly #looks: { atMs: number; count: number }[] = []

  constructor(windowMs = 5_000) {
    this.#windowMs = windowMs
  }

  look(atMs: number, count: number): void {
    this.#looks.push({ atMs, count })
    while (this.#looks.length > 2 && (this.#looks[1]?.atMs ?? atMs) < atMs - this.#windowMs) this.#looks.shift()
  }

  /** Undefined before the second look. */
  perSecond(): number | undefined {
    const first = this.#looks[0]
    const last = this.#looks.at(-1)
    if (first === undefined || last === undefined || last.atMs === first.atMs) return undefined
    return ((last.count - first.count) * 1_000) / (last.atMs - first.atMs)
  }
}
