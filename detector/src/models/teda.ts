/**
 * The TEDA recursion (typicality and eccentricity data analytics) of one cloud of vectors: mean, scalar variance s2
 * (the population variance summed over features) and weight k. A sample may count as a part w of one: w = 1 gives
 * the formulas of algorithms 1.1 exactly, and any weights give the weighted mean and variance.
 *
 * Only the distance D = |x - old mean|^2 is needed, so that a cluster that refuses a vector costs one distance.
 *
 * Identities: the sum of xi over a sample is 2; s2 >= 0.
 *
 * Reference: Angelov 2014, "Anomaly detection based on eccentricity analysis", IEEE EALS; algorithms 1.1 and 1.2.
 */

/** |x - new mean|^2, from D; `total` is the weight with x in it. */
export function distanceAfter(distance: number, total: number, weight: number): number {
  const kept = (total - weight) / total
  return kept * kept * distance
}

/** s2 with x in it. `total` = weight is the first vector: 0. */
export function varianceAfter(variance: number, distance: number, total: number, weight: number): number {
  const kept = (total - weight) / total
  return kept * variance + (weight / total) * kept * distance
}

/** xi of a vector that is already inside mean and variance; 1/k where all vectors are equal. */
export function eccentricity(distanceToMean: number, variance: number, total: number): number {
  return variance > 0 ? 1 / total + distanceToMean / (total * variance) : 1 / total
}

/** m(S): 1.00 for a new cluster, 1.5 at 100 vectors, towards 3. */
export function sigmoidLimit(total: number): number {
  return 3 / (1 + Math.exp(-0.007 * (total - 100)))
}

/** Moves the mean at `offset` of `centers` to where it is with x in it: one pass over the features. */
export function moveMean(centers: Float64Array, offset: number, x: Float64Array, share: number): void {
  for (let f = 0; f < x.length; f++) centers[offset + f]! += share * (x[f]! - centers[offset + f]!)
}

/** s2 of the union of two clouds, exactly, from the squared distance of their means. */
export function varianceOfUnion(weightA: number, varianceA: number, weightB: number, varianceB: number, distance: number): number {
  const total = weightA + weightB
  return (weightA * varianceA + weightB * varianceB) / total + ((weightA * weightB) / (total * total)) * distance
}
