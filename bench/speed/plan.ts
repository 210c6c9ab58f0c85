import { defineError } from '@tidewatch/kit'

export const RunTooShort = defineError('RUN_TOO_SHORT', { retry: 'never' })

/** Windows of a device that are learned and not judged, and so not written by anybody. As few as possible: judging is part of the work. */
export const warmUpWindows = 2

/** Event times of the recorded topic; milliseconds since the epoch unless said. */
export interface RunPlan {
  readings: number
  devices: number
  /** Between two readings of a device. */
  intervalMs: number
  sizeMs: number
  slideMs: number
  latenessMs: number
  startMs: number
  /** How long the devices send: whole slides. */
  durationMs: number
  /** Windows that begin earlier are written by nobody. */
  firstWindowMs: number
  /** The end of the last window that is written. */
  lastEndMs: number
  /** When the reading at each partition's end was taken. It closes every window up to `lastEndMs` and, being less than a slide later, none behind. */
  sentinelMs: number
}

const hourMs = 3_600_000

/**
 * Lays the readings out in event time, so that every contender closes the same windows: it begins on a slide, whole windows come
 * out of it, and a last reading of each partition moves its watermark on by the allowed lateness and half a slide.
 *
 * @param nowMs event times lie an hour or more before: none is ahead of any clock.
 * @throws RunTooShort where no window would be written.
 */
export function planRun(options: Pick<RunPlan, 'readings' | 'devices' | 'intervalMs' | 'sizeMs' | 'slideMs' | 'latenessMs'>, nowMs: number): RunPlan {
  const { devices, intervalMs, sizeMs, slideMs, latenessMs } = options
  const perSlide = (devices * slideMs) / intervalMs
  const durationMs = Math.ceil(options.readings / perSlide) * slideMs
  const leastMs = sizeMs + warmUpWindows * slideMs
  if (durationMs < leastMs) throw new RunTooShort(`${options.readings} readings of ${devices} devices last ${durationMs / 1_000} s, and the first window is judged after ${leastMs / 1_000} s: ask for ${(leastMs / slideMs) * perSlide} readings or more`)
  const startMs = Math.floor((nowMs - durationMs) / hourMs - 1) * hourMs
  return {
    ...options,
    readings: (durationMs / slideMs) * perSlide,
    startMs,
    durationMs,
    firstWindowMs: startMs + warmUpWindows * slideMs,
    lastEndMs: startMs + durationMs,
    sentinelMs: startMs + durationMs + latenessMs + slideMs / 2,
  }
}
