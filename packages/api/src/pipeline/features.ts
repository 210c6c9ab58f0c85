import * as z from 'zod'

/** What can be computed from a window; a vector holds them in the order in which the manifest names them. */
export const featureNames = [
  'mean', 'stddev', 'min', 'max', 'count', 'range',
  'median', 'p95', 'slope', 'last', 'delta', 'rate', 'zeroCrossings', 'distinct',
] as const
export type FeatureName = (typeof featureNames)[number]

export const defaultFeatures: readonly FeatureName[] = featureNames.slice(0, 6)

export const features = z
  .array(z.enum(featureNames))
  .min(1)
  .max(featureNames.length)
  .refine((names) => new Set(names).size === names.length, { error: 'a feature is named twice: name each once' })
  .default([...defaultFeatures])
  .meta({ 'x-kubernetes-list-type': 'set' })
  .describe('What is computed from each window. Default: mean, stddev, min, max, count, range. Without a window the readings\' own values are the vector.')
