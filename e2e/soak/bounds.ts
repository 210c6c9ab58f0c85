import type { Sample } from './sample.ts'
import { computeRise, computeSlopePerMinute } from './series.ts'

/** One thing that must not grow, as it was measured. */
export interface Finding {
  what: string
  measured: number
  unit: string
  /** The most that is allowed. */
  bound: number
  isKept: boolean
}

/** The goal of the soak: heap growth < 1 MiB/min. */
const heapBound = 1
/** Sockets and timers come and go with requests; one that leaks does so again and again. */
const countBound = 2
/** Of the main thread of a detector that has nothing to do. */
const wakeUpBound = 20

/**
 * Holds a soak against its bounds.
 *
 * @param samples those after the warm-up, in order.
 * @param idleWakeUpsPerSecond of a detector on an empty topic.
 */
export function checkBounds(samples: readonly Sample[], idleWakeUpsPerSecond: number): Finding[] {
  const series = (part: (sample: Sample) => number) => samples.map((sample) => ({ atMs: sample.atMs, value: part(sample) }))
  const finding = (what: string, measured: number, unit: string, bound: number): Finding => ({ what, measured, unit, bound, isKept: measured <= bound })
  return [
    finding('heap growth (objects and buffers)', computeSlopePerMinute(series(({ heapMib, bufferMib }) => heapMib + bufferMib)), 'MiB/min', heapBound),
    finding('sockets, rise', computeRise(series(({ sockets }) => sockets)), 'open', countBound),
    finding('timers, rise', computeRise(series(({ timers }) => timers)), 'armed', countBound),
    finding('all that keeps the loop alive, rise', computeRise(series(({ resources }) => resources)), 'handles', countBound),
    finding('idle wake-ups', idleWakeUpsPerSecond, '1/s', wakeUpBound),
  ]
}

/**
 * Minutes that count as warming up: models are ready after the seventh window, the garbage collector has sized its spaces after
 * two minutes or so. A short soak keeps at least two thirds of its time.
 */
export function computeWarmUpMs(soakMs: number): number {
  return Math.min(150_000, soakMs / 3)
}
