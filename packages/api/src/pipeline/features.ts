import * as z from 'zod'
import { withRules } from '../rules.ts'

/** What can be computed from a window; a vector holds them in the order in which the manifest names them. */
export const featureNames = [
  'mean', 'stddev', 'min', 'max', 'count', 'range',
  'median', 'p95', 'slope', 'last', 'delta', 'rate', 'zeroCrossings', 'distinct',
] as const
export type FeatureName = (typeof featureNames)[number]

/** Those that say where the values lie, in the metric's own unit: only of them can one be above or below what was expected. */
export const locationFeatures = ['mean', 'min', 'max', 'median', 'p95', 'last'] as const satisfies readonly FeatureName[]

export const defaultFeatures: readonly FeatureName[] = featureNames.slice(0, 6)

export const features = withRules(z.array(z.enum(featureNames)).min(1).max(featureNames.length), {
  cel: 'self.all(name, self.exists_one(other, other == name))',
  message: 'a feature is named twice: name each once',
  holds: (names) => new Set(names).size === names.length,
})
  .default([...defaultFeatures])
  .describe('What is computed from each window. Default: mean, stddev, min, max, count, range. Without a window the readings\' own values are the vector.')
