import type { BentVector } from '../bent-vector.ts'
import { bentScale, linearScale } from '../feature-floor.ts'
import type { FeatureDescriptor } from '../model.ts'
import { median, robustSpread } from '../order-statistics.ts'
import { expectedScatter, relateToWindow } from '../window-scatter.ts'

/** Where each feature lies and how far it spreads, on its curve; scales above 0. */
export interface Scaling {
  centres: Float64Array
  scales: Float64Array
}

/**
 * Medians and robust spreads of some vectors. A spread is at least what the windows' own readings lead to expect (window-scatter.ts), and never
 * 0 (feature-floor.ts).
 *
 * @param rows vectors as they came, one after the other, in any order.
 */
export function measureScaling(features: readonly FeatureDescriptor[], curves: BentVector, rows: Float64Array): Scaling {
  const d = features.length
  const count = rows.length / d
  const centres = new Float64Array(d)
  const scales = new Float64Array(d)
  const relations = relateToWindow(features)
  const column = new Float64Array(count)
  const scratch = new Float64Array(count)
  for (let f = 0; f < d; f++) {
    for (let t = 0; t < count; t++) column[t] = curves.bend(f, rows[t * d + f]!)
    const centre = median(column, count)
    for (let t = 0; t < count; t++) column[t]! -= centre
    const spread = robustSpread(column, count)
    const scale = curves.isBent(f) ? bentScale(spread) : linearScale(spread, Math.abs(centre))
    centres[f] = centre
    scales[f] = Math.max(scale, expectedScatter(relations[f], rows, count, scratch))
  }
  return { centres, scales }
}

/** Variance that each direction has at least: what is a hundredth of a scale is no relation, but rounding. */
const leastVariance = 1e-4

/**
 * The covariance of standardised features with a floor: one that hardly varies for its scale (a constant, a spread not seen in full yet) counts as noise
 * of the size of its scale, so that its first change is as far away as that of others.
 */
export function floorCovariance(covariance: Float64Array, d: number): Float64Array {
  for (let f = 0; f < d; f++) covariance[f * d + f]! += leastVariance + Math.max(0, 1 - 2 * covariance[f * d + f]!)
  return covariance
}
