/** What was fetched of one partition. */
export interface Fetched {
  partition: number
  bytes: number
}

/**
 * What was fetched and not asked for yet, in order and bounded: so that the next fetch is under way while its reader works off this one.
 */
export class ReadAhead<Item extends Fetched> {
  readonly #limitBytes: number
  #items: Item[] = []
  #bytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** False where the item would be beyond the bound. */
  add(item: Item): boolean {
    if (this.#bytes + item.bytes > this.#limitBytes) return false
    this.#items.push(item)
    this.#bytes += item.bytes
    return true
  }

  /** Takes out the first one that is not of such a partition; those keep their order and their room. */
  take(isPaused: (partition: number) => boolean): Item | undefined {
    const at = this.#items.findIndex(({ partition }) => !isPaused(partition))
    if (at < 0) return undefined
    const [item] = this.#items.splice(at, 1)
    this.#bytes -= item!.bytes
    return item
  }

  clear(): void {
    this.#items = []
    this.#bytes = 0
  }
}
