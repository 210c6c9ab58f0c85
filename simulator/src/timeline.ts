import type { SimulatorConfig } from '@tidewatch/api'
import { FleetInvalid } from './errors.ts'

/** The run's first moment is a whole multiple of this, so that its first windows (of up to a minute) are whole. */
const alignmentMs = 60_000

/** How a run's event time lies on the wall clock. */
export interface Timeline {
  /** Event time at the run's beginning. */
  startMs: number
  /** Event time at which no more readings are taken; undefined: no end. */
  endMs: number | undefined
  /** The wall clock's time at which what is due at `dueMs` may be sent; never before `dueMs` itself. */
  wallTimeOf: (dueMs: number) => number
}

/**
 * Lays the run on the clock.
 *
 *     speed 1     event time   now ------------------------> now + D
 *                 wall clock   now ------------------------> now + D
 *
 *     speed s>1   event time   start ----------------------> start + D       start = floor(now - D (1 - 1/s))
 *                 wall clock                   now --------> now + D/s
 *
 * Up to speed 1, event time begins at now and never runs ahead of the clock. Above 1 the run begins in the
 * past, so that at its end, D/s later, event time has caught up with the clock: rounded down to a whole minute
 * it ends at most 60 s short of it. Where D is only an estimate (`messages`), records wait for the clock
 * rather than pass it.
 *
 * @param recordsPerMs of the whole fleet when all devices have joined; used where `messages` ends the run.
 * @throws FleetInvalid when a run faster than the clock has no end.
 */
export function planTimeline(
  config: Pick<SimulatorConfig, 'speed' | 'durationMs' | 'messages' | 'rampMs' | 'intervalMs'>,
  nowMs: number,
  recordsPerMs: number,
): Timeline {
  const { speed, durationMs, messages, rampMs, intervalMs } = config
  const lengthMs = durationMs ?? (messages === undefined ? undefined : messages / recordsPerMs + rampMs / 2 + intervalMs)
  const nowWholeMs = Math.floor(nowMs)
  let startMs = nowWholeMs
  if (speed > 1) {
    if (lengthMs === undefined) throw new FleetInvalid('A fleet faster than the clock must end: set duration or messages')
    startMs = Math.floor((nowWholeMs - lengthMs * (1 - 1 / speed)) / alignmentMs) * alignmentMs
  }
  return {
    startMs,
    endMs: durationMs === undefined ? undefined : startMs + durationMs,
    wallTimeOf: (dueMs) => Math.max(dueMs, nowWholeMs + (dueMs - startMs) / speed),
  }
}
