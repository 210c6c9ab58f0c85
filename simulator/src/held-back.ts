import type { SimulatedRecord } from './record.ts'

interface Entry {
  record: SimulatedRecord
  order: number
}

/** Records that wait for a later moment, given back by `dueMs` and, at the same moment, in the order they came. */
export class HeldBack {
  readonly #heap: Entry[] = []
  #count = 0

  /** When the next one is due; Infinity when none waits. */
  get dueMs(): number {
    return this.#heap[0]?.record.dueMs ?? Infinity
  }

  add(record: SimulatedRecord): void {
    const heap = this.#heap
    const entry = { record, order: this.#count++ }
    let child = heap.push(entry) - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (!isBefore(entry, heap[parent]!)) break
      heap[child] = heap[parent]!
      child = parent
    }
    heap[child] = entry
  }

  /** @throws RangeError when none waits. */
  take(): SimulatedRecord {
    const heap = this.#heap
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined) throw new RangeError('no record is held back')
    if (heap.length === 0) return top.record
    let parent = 0
    for (;;) {
      let child = 2 * parent + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[parent] = heap[child]!
      parent = child
    }
    heap[parent] = last
    return top.record
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.record.dueMs < b.record.dueMs || (a.record.dueMs === b.record.dueMs && a.order < b.order)
