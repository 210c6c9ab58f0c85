import type { FeatureDescriptor } from '../models/model.ts'
import type { PaneNeeds } from '../window/needs.ts'
import type { Aggregate } from '../window/aggregate.ts'

/**
 * The port of a feature: one number of what the readings of one metric in one window come to.
 *
 * Assumes: at least one reading in the window. Guarantees: a finite number for finite readings within +-1e100,
 * the same for the same readings in the same order; the aggregate is left as it is. To add one: a file here,
 * a line in the registry, its name in `@tidewatch/api`.
 */
export interface Feature {
  scale: FeatureDescriptor['scale']
  /** What panes must keep for it, beside count, mean, spread and times. */
  needs: Partial<PaneNeeds>
  compute(window: Aggregate): number
}
