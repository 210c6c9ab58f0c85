import type { FeatureName } from '@tidewatch/api'
import { noNeeds, type PaneNeeds } from '../window/needs.ts'
import { count } from './count.ts'
import { delta } from './delta.ts'
import { distinct } from './distinct.ts'
import type { Feature } from './feature.ts'
import { last } from './last.ts'
import { max } from './max.ts'
import { mean } from './mean.ts'
import { median } from './median.ts'
import { min } from './min.ts'
import { p95 } from './p95.ts'
import { range } from './range.ts'
import { rate } from './rate.ts'
import { slope } from './slope.ts'
import { stddev } from './stddev.ts'
import { zeroCrossings } from './zero-crossings.ts'

/** Every feature under its name in a manifest. */
export const features: Readonly<Record<FeatureName, Feature>> = {
  mean, stddev, min, max, count, range, median, p95, slope, last, delta, rate, zeroCrossings, distinct,
}

/** What panes must keep so that all these features can be computed. */
export function needsOf(names: readonly FeatureName[]): PaneNeeds {
  return Object.assign({ ...noNeeds }, ...names.map((name) => features[name].needs)) as PaneNeeds
}
