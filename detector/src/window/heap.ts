/** A binary heap of things with a time: the earliest comes first, equal times in no order. */
export class TimeHeap<T> {
  readonly #times: number[] = []
  readonly #items: T[] = []

  get size(): number {
    return this.#items.length
  }

  /** The earliest time; Infinity where there is none. */
  get nextMs(): number {
    return this.#times.length === 0 ? Infinity : this.#times[0]!
  }

  push(timeMs: number, item: T): void {
    const times = this.#times
    const items = this.#items
    let at = times.length
    times.push(timeMs)
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (times[parent]! <= timeMs) break
      times[at] = times[parent]!
      items[at] = items[parent]!
      at = parent
    }
    times[at] = timeMs
    items[at] = item
  }

  pop(): T | undefined {
    const times = this.#times
    const items = this.#items
    const top = items[0]
    const lastTime = times.pop()
    const last = items.pop()
    const size = times.length
    if (size === 0 || lastTime === undefined) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && times[child + 1]! < times[child]!) child++
      if (times[child]! >= lastTime) break
      times[at] = times[child]!
      items[at] = items[child]!
      at = child
    }
    times[at] = lastTime
    items[at] = last!
    return top
  }
}
