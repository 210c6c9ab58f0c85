import type { FeatureName } from '@tidewatch/api'
import type { FeatureDescriptor } from '../models/model.ts'
import type { Aggregate } from '../window/aggregate.ts'
import { features } from './registry.ts'

/**
 * The components of a vector: all features of the first metric, then all of the second. A vector of one metric
 * names them by the feature alone.
 */
export function describeFeatures(names: readonly FeatureName[], metrics: readonly string[]): FeatureDescriptor[] {
  return metrics.flatMap((metric) =>
    names.map((name) => ({ name: metrics.length === 1 ? name : `${metric}.${name}`, scale: features[name].scale })),
  )
}

/** The components of a vector of readings without a window: the values themselves. */
export function describeValues(metrics: readonly string[]): FeatureDescriptor[] {
  return metrics.map((name) => ({ name, scale: 'linear' }))
}

/** Writes the features of one metric into a vector, from `at` on. */
export function computeFeatures(names: readonly FeatureName[], window: Aggregate, into: Float64Array, at: number): void {
  for (let i = 0; i < names.length; i++) into[at + i] = features[names[i]!].compute(window)
}
