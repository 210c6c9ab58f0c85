/** Remembers the last `capacity` things it was shown: repeats come close together, and memory stays bounded. */
export class RecentSet {
  readonly #capacity: number
  readonly #seen = new Set<string>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** True the first time. */
  add(id: string): boolean {
    if (this.#seen.has(id)) return false
    this.#seen.add(id)
    if (this.#seen.size > this.#capacity) {
      const [oldest] = this.#seen
      if (oldest !== undefined) this.#seen.delete(oldest)
    }
    return true
  }
}
