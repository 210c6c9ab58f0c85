import type { RunPlan } from './plan.ts'

/** The aggregates of a window, in this order. */
export const aggregateNames = ['mean', 'stddev', 'min', 'max', 'count', 'range'] as const

/** Which window of whom. */
export const windowKey = (device: string, endMs: number): string => `${device} ${endMs}`

interface Series {
  timesMs: number[]
  values: number[]
}

/** What the windows must come to, computed from the readings in the plainest way: two passes over a window's readings, no panes, nothing shared. */
export class ExpectedWindows {
  readonly #plan: RunPlan
  readonly #series = new Map<string, Series>()

  constructor(plan: RunPlan) {
    this.#plan = plan
  }

  /** A reading as it lies on the topic; those of a device in the order of their event times. */
  add(device: string, eventTimeMs: number, value: number): void {
    let series = this.#series.get(device)
    if (series === undefined) this.#series.set(device, (series = { timesMs: [], values: [] }))
    series.timesMs.push(eventTimeMs)
    series.values.push(value)
  }

  /** The aggregates of every window that is to be written, by `windowKey`. */
  compute(): Map<string, Float64Array> {
    const { firstWindowMs, lastEndMs, sizeMs, slideMs } = this.#plan
    const windows = new Map<string, Float64Array>()
    for (const [device, { timesMs, values }] of this.#series) {
      for (let startMs = firstWindowMs; startMs + sizeMs <= lastEndMs; startMs += slideMs) {
        const inside = values.filter((_, i) => timesMs[i]! >= startMs && timesMs[i]! < startMs + sizeMs)
        if (inside.length > 0) windows.set(windowKey(device, startMs + sizeMs), aggregate(inside))
      }
    }
    return windows
  }
}

function aggregate(values: readonly number[]): Float64Array {
  const count = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const [min, max] = [Math.min(...values), Math.max(...values)]
  return Float64Array.of(mean, count > 1 ? Math.sqrt(squares / (count - 1)) : 0, min, max, count, max - min)
}
