import type { ClusterStore } from './cluster-store.ts'

/**
 * How many of a cluster's deviations one of up to six features may be off: 1e-11 for a normal one, and far more often for a maximum or a spread of few readings.
 * 6.5 has twice as many false alarms on system D, and finds drifts there 5 % sooner.
 */
const reachOfSix = 6.8
/** The share by which it grows with each doubling of the features: more of them are more chances to be far off. */
const growth = 0.04
/** Weight of the belief that a cluster's variance per feature is `varianceLimit`: small clusters cannot know better. */
const priorWeight = 10

/**
 * rho of x for cluster i: 1 is the cluster's boundary. The larger of two parts, with u_f = (x_f - mu_f)^2 / v and v the
 * cluster's variance per feature:
 *
 *     mean of u / m^2 ,  m = 1 + (reach - 1)/sqrt(d)        the isotropic ratio of algorithms 1.3
 *     largest u / reach^2                                    one feature far off
 *
 * Why two: s2 is a sum over features, so at d = 40 a single feature must be 19 deviations off before m = 3 notices,
 * while |x - mu|^2 / s2 of normal vectors hardly leaves 1 (algorithms, finding 6). m therefore falls with d: 6.8 at
 * d = 1, where both parts are the same, 3.4 at 6, 2.0 at 40.
 *
 * v = (n s2/d + prior varianceLimit)/(n + prior): a young cluster has the scatter that the standardizer promises, and none
 * ever shrinks to 0.
 */
export function ratio(store: ClusterStore, i: number, x: Float64Array, varianceLimit: number): number {
  const d = x.length
  const weight = store.weight(i)
  const variance = ((weight * store.variance(i)) / d + priorWeight * varianceLimit) / (weight + priorWeight)
  const cells = store.cells()
  const offset = store.centerOffset(i)
  let sum = 0
  let largest = 0
  for (let f = 0; f < d; f++) {
    const difference = x[f]! - cells[offset + f]!
    const squared = difference * difference
    sum += squared
    if (squared > largest) largest = squared
  }
  const reach = reachOfSix * (1 + growth * Math.max(0, Math.log2(d / 6)))
  const m = 1 + (reach - 1) / Math.sqrt(d)
  return Math.max(sum / (d * m * m), largest / (reach * reach)) / variance
}
