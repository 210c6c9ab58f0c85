import type { Group } from './group.ts'
import type { Aggregate } from './aggregate.ts'

/** How much longer than the mean one the pause before the first reading may be: devices do not keep time exactly. */
const jitter = 1.1

/**
 * Whether a window of fixed bounds was observed from its start.
 *
 * A window that began before we saw the group's first reading lacks an unknown part: its count is too small
 * and its spread is of a shorter time, which a model would learn as normal. It is complete all the same when
 * nothing can be missing, that is, when the first reading came no later after the window's start than readings
 * of the window follow each other. A window of one reading says nothing of that and is incomplete.
 */
export function isObserved(group: Group, aggregates: readonly Aggregate[], seriesCount: number, startMs: number): boolean {
  return isWithinSpacing(aggregates, seriesCount, group.observedFromMs - startMs)
}

/** Whether no reading can be missing from a part of the window this long: readings of the window follow each other no faster. */
export function isWithinSpacing(aggregates: readonly Aggregate[], seriesCount: number, missedMs: number): boolean {
  if (missedMs <= 0) return true
  let spacingMs = 0
  for (let series = 0; series < seriesCount; series++) {
    const { count, firstMs, lastMs } = aggregates[series]!
    if (count > 1) spacingMs = Math.max(spacingMs, (lastMs - firstMs) / (count - 1))
  }
  return missedMs <= spacingMs * jitter
}
