/** Answers that hold for a while; the oldest goes when there are too many. */
export class TtlCache<Value> {
  readonly #entries = new Map<string, { value: Value; untilMs: number }>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  read(key: string, nowMs: number): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry.untilMs > nowMs) return entry.value
    this.#entries.delete(key)
    return undefined
  }

  write(key: string, value: Value, untilMs: number): void {
    // Deleted first, so that the order of insertion is the order of age.
    this.#entries.delete(key)
    this.#entries.set(key, { value, untilMs })
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#most) return
      this.#entries.delete(oldest)
    }
  }

  get size(): number {
    return this.#entries.size
  }
}
