import type { ClosedWindow } from '../window/windowing.ts'
import type { GroupMemory } from './group-memory.ts'

/** What a verdict says of its window, beside what was judged. */
export interface WindowExtent {
  startMs: number
  endMs: number
  firstOffset: number
  lastOffset: number
  fault: number
  faultFromMs: number
  /** Of the record that completed the window. */
  timestampMs: number
}

/** The extent of a closed window over all its metrics. */
export function extentOf({ group, aggregates, startMs, endMs }: ClosedWindow<GroupMemory>): WindowExtent {
  const extent: WindowExtent = { startMs, endMs, firstOffset: Infinity, lastOffset: -Infinity, fault: 0, faultFromMs: Infinity, timestampMs: -Infinity }
  for (let series = 0; series < group.seriesNames.length; series++) {
    const aggregate = aggregates[series]!
    if (aggregate.count === 0) continue
    if (aggregate.firstOffset < extent.firstOffset) extent.firstOffset = aggregate.firstOffset
    if (aggregate.lastOffset > extent.lastOffset) extent.lastOffset = aggregate.lastOffset
    if (aggregate.fault !== 0 && aggregate.faultFromMs < extent.faultFromMs) {
      extent.fault = aggregate.fault
      extent.faultFromMs = aggregate.faultFromMs
    }
  }
  return extent
}
