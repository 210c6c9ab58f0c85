/**
 * A score's parts: each feature's in proportion to how far it is off. They add up to `value`.
 *
 * @param weights none negative; where all are 0 every part is.
 */
export function shareOut(value: number, weights: Float64Array): Float64Array {
  let sum = 0
  for (let f = 0; f < weights.length; f++) sum += weights[f]!
  return weights.map((weight) => (sum > 0 ? (value * weight) / sum : 0))
}
