import type { SimulatedRecord } from './record.ts'

/** Records to be sent, in order and in small portions, and when each may be sent. */
export interface Feed {
  portions: Iterable<readonly SimulatedRecord[]> | AsyncIterable<readonly SimulatedRecord[]>
  /** The wall clock's time at which a record may be sent; -Infinity: at once. */
  wallTimeOf: (dueMs: number) => number
  /** Devices that send at a moment of event time. */
  activeDevicesAt: (dueMs: number) => number
}

/** Large enough that what is done for each portion does not count, small enough to be made between two requests. */
const portionSize = 256

export function* portionsOf<T>(items: Iterable<T>, size = portionSize): Generator<T[], void, undefined> {
  let portion: T[] = []
  for (const item of items) {
    portion.push(item)
    if (portion.length < size) continue
    yield portion
    portion = []
  }
  if (portion.length > 0) yield portion
}
