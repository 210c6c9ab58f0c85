import type { FeatureDescriptor } from './model.ts'
import { median } from './order-statistics.ts'

/**
 * What a window's own scatter says of how far its other features should scatter from window to window.
 *
 * Thirty windows of 60 s that slide by 10 s are no more than five independent ones: a feature's spread over them may
 * come out a third of the true one, and everything after warm-up would be an anomaly. But each of those windows
 * holds readings, and their standard deviation is known well. Readings that scatter independently give a mean that
 * scatters by sd/sqrt(n) and extremes that scatter by 0.4 sd (60 readings) to 0.6 sd (6); dependent ones give more.
 */
export interface WindowScatter {
  /** Place of the standard deviation of the same readings. */
  stddev: number
  /** Place of their number, or -1. */
  count: number
  /** Scatter of the feature in standard deviations of the readings; divided by sqrt(number) where `averages`. */
  share: number
  averages: boolean
  /** Features in a vector. */
  dimension: number
}

const shares: Readonly<Record<string, { share: number; averages: boolean }>> = {
  mean: { share: 1, averages: true },
  median: { share: 1.25, averages: true },
  min: { share: 0.4, averages: false },
  max: { share: 0.4, averages: false },
  p95: { share: 0.25, averages: false },
  last: { share: 1, averages: false },
}

/**
 * For each feature what its scatter follows from; undefined where nothing is known. Features belong together when
 * their names are the same up to the last dot: `temperature.mean` and `temperature.stddev`.
 */
export function relateToWindow(features: readonly FeatureDescriptor[]): readonly (WindowScatter | undefined)[] {
  const placeByName = new Map(features.map((feature, place) => [feature.name, place]))
  return features.map(({ name, scale }) => {
    const cut = name.lastIndexOf('.') + 1
    const known = shares[name.slice(cut)]
    const stddev = placeByName.get(`${name.slice(0, cut)}stddev`)
    if (scale !== 'linear' || known === undefined || stddev === undefined) return undefined
    return { stddev, count: placeByName.get(`${name.slice(0, cut)}count`) ?? -1, ...known, dimension: features.length }
  })
}

/**
 * The scatter that the windows' own readings lead to expect, in the readings' unit; 0 where that is unknown.
 *
 * @param rows the windows' vectors, one after the other.
 * @param scratch room for `count` numbers, overwritten.
 */
export function expectedScatter(relation: WindowScatter | undefined, rows: Float64Array, count: number, scratch: Float64Array): number {
  if (relation === undefined) return 0
  const { dimension: d, share } = relation
  for (let t = 0; t < count; t++) scratch[t] = Math.max(0, rows[t * d + relation.stddev]!)
  const stddev = Math.min(1e200, median(scratch, count))
  if (!relation.averages) return share * stddev
  if (relation.count === -1) return 0
  for (let t = 0; t < count; t++) scratch[t] = rows[t * d + relation.count]!
  return (share * stddev) / Math.sqrt(Math.max(1, median(scratch, count)))
}
