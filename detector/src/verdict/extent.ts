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
  timestampMs: number
}

/** Offsets and ground truth of a window over all its metrics. */
export function extentOf({ group, aggregates }: ClosedWindow<GroupMemory>): Pick<WindowExtent, 'firstOffset' | 'lastOffset' | 'fault' | 'faultFromMs'> {
  const extent = { firstOffset: Infinity, lastOffset: -Infinity, fault: 0, faultFromMs: Infinity }
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
