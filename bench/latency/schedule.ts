/**
 * When which reading is due: known before the first one is sent, so that a reading that is sent late counts as late
 * (no coordinated omission: https://www.youtube.com/watch?v=lJ8ydIuPFeU, Gil Tene).
 */
export interface Schedule {
  /** The first reading's moment, in ms since the epoch, whole. */
  startMs: number
  readingsPerSecond: number
  /** They take turns; a multiple of the partitions. */
  devices: number
  partitions: number
}

/** A stretch of the schedule: `fromMs` is in it, `toMs` is not; both are moments. */
export interface Stretch {
  fromMs: number
  toMs: number
}

/** Reading `n` is due then, in whole ms; it is the reading's event time too. */
export function computeDueMs({ startMs, readingsPerSecond }: Schedule, n: number): number {
  return startMs + Math.floor((n * 1_000) / readingsPerSecond)
}

/** How many readings are due before a moment. */
export function countDueBefore({ startMs, readingsPerSecond }: Schedule, ms: number): number {
  return Math.max(0, Math.ceil(((ms - startMs) * readingsPerSecond) / 1_000))
}

/**
 * When the first reading of a partition is due whose event time is `eventMs` or later: it is the one that moves the partition's
 * watermark to where a window ends. -Infinity where that was before the schedule.
 */
export function computeReachedMs(schedule: Schedule, partition: number, eventMs: number): number {
  if (eventMs <= schedule.startMs) return -Infinity
  const first = countDueBefore(schedule, eventMs)
  const { partitions } = schedule
  return computeDueMs(schedule, first + ((((partition - first) % partitions) + partitions) % partitions))
}

/** How many verdicts belong to a stretch where each reading is judged by itself. */
export function countReadings(schedule: Schedule, { fromMs, toMs }: Stretch): number {
  return countDueBefore(schedule, toMs) - countDueBefore(schedule, fromMs)
}

/** How many verdicts belong to a stretch where each device has a window that ends every `slideMs`. */
export function countWindows(schedule: Schedule, { fromMs, toMs }: Stretch, { slideMs, allowedLatenessMs }: { slideMs: number; allowedLatenessMs: number }): number {
  const { devices, partitions } = schedule
  let windows = 0
  for (let endMs = Math.floor((fromMs - allowedLatenessMs) / slideMs) * slideMs - slideMs; endMs < toMs; endMs += slideMs) {
    for (let partition = 0; partition < partitions; partition++) {
      const reachedMs = computeReachedMs(schedule, partition, endMs + allowedLatenessMs)
      if (reachedMs >= fromMs && reachedMs < toMs) windows += devices / partitions
    }
  }
  return windows
}
