import { locationFeatures, type FeatureName } from '@tidewatch/api'
import type { Score } from '../models/model.ts'

/** What a vector's components are made of. */
export interface VectorMakeUp {
  metrics: readonly string[]
  /** Of each metric; undefined where there is no window, and a metric is one value. */
  features: readonly FeatureName[] | undefined
  /** Metrics that are shares of a category: they have no unit. */
  categories: ReadonlySet<string>
}

/** The components of a vector that say where a metric's values lie, in its own unit. */
export function findLocations({ metrics, features, categories }: VectorMakeUp): number[] {
  const isLocation = features?.map((name) => (locationFeatures as readonly string[]).includes(name)) ?? [true]
  return metrics.flatMap((metric, i) => (categories.has(metric) ? [] : isLocation.flatMap((is, f) => (is ? [i * isLocation.length + f] : []))))
}

/** A location counts from this part of the largest contribution on: the rest of a vector is never quite what was expected. */
const leastPart = 0.1

/**
 * How far a vector lies from what was expected, in the metric's unit: above 0 where above it.
 *
 * That of the location with the largest contribution. A spread that grows, a count or a slope has no such side: where a window is
 * unusual by these alone, no location has a tenth of the largest contribution, and it lies nowhere.
 *
 * @param locations as `findLocations` found them.
 * @returns undefined where it has no deviation.
 */
export function computeDeviation(locations: readonly number[], vector: Float64Array, { contributions, expected }: Pick<Score, 'contributions' | 'expected'>): number | undefined {
  let largest = 0
  for (let i = 0; i < contributions.length; i++) if (contributions[i]! > largest) largest = contributions[i]!
  let at = -1
  for (const i of locations) if (contributions[i]! > 0 && contributions[i]! >= leastPart * largest && (at < 0 || contributions[i]! > contributions[at]!)) at = i
  return at < 0 || expected === undefined ? undefined : vector[at]! - expected[at]!
}
