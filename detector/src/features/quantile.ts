import { maxSamplesPerPane } from '../window/samples.ts'
import type { Aggregate } from '../window/aggregate.ts'

/**
 * The `q`-quantile of a window's readings, between neighbours by linear interpolation (type 7 of Hyndman and
 * Fan: numpy's and R's default). Exact where every pane kept all its readings; where a pane kept a sample,
 * each kept reading counts for as many as it stands for, and the result is the first whose share reaches q.
 */
export function computeQuantile(window: Aggregate, q: number): number {
  const isExact = window.samples.every(({ seen }) => seen <= maxSamplesPerPane)
  return isExact ? exactQuantile(collectValues(window), q) : weightedQuantile(window, q)
}

/** Every kept value of a window, in no useful order. */
export function collectValues(window: Aggregate): Float64Array {
  const total = window.samples.reduce((sum, { length }) => sum + length, 0)
  const values = new Float64Array(total)
  let at = 0
  for (const samples of window.samples) {
    values.set(samples.values.subarray(0, samples.length), at)
    at += samples.length
  }
  return values
}

function exactQuantile(values: Float64Array, q: number): number {
  values.sort()
  const position = q * (values.length - 1)
  const below = Math.floor(position)
  const low = values[below]!
  const high = values[Math.min(below + 1, values.length - 1)]!
  return low + (high - low) * (position - below)
}

function weightedQuantile(window: Aggregate, q: number): number {
  const weighted: { value: number; weight: number }[] = []
  for (const { values, length, seen } of window.samples) {
    for (let i = 0; i < length; i++) weighted.push({ value: values[i]!, weight: seen / length })
  }
  weighted.sort((a, b) => a.value - b.value)
  let left = q * window.count
  for (const { value, weight } of weighted) {
    left -= weight
    if (left <= 0) return value
  }
  return weighted.at(-1)!.value
}
