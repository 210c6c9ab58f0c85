import type { EvolutionPolicy } from './evolution.ts'
import { ratio } from './typicality-ratio.ts'
import { distanceAfter, eccentricity, sigmoidLimit, varianceAfter } from './teda.ts'

/**
 * The published algorithm, letter by letter (algorithms 1.3), for vectors scaled to about [0, 1]. The detector does
 * not use it: with m(S) near 1 a young cluster refuses a quarter of its own kind, which is right for tiling a
 * density with many small clusters and wrong for saying what is normal after thirty vectors.
 *
 * @param skipsAfterRemoval true only to compare with the authors' code.
 */
export function publishedPolicy(varianceLimit: number, decay: number, skipsAfterRemoval = false): EvolutionPolicy {
  const loss = 1 / decay
  return {
    accepts: (store, i, _x, distance, weight) => {
      const total = store.weight(i) + weight
      const variance = varianceAfter(store.variance(i), distance, total, weight)
      if (total < 3) return variance <= varianceLimit
      const m = sigmoidLimit(total)
      return eccentricity(distanceAfter(distance, total, weight), variance, total) / 2 <= (m * m + 1) / (2 * total)
    },
    lifeAfter: (life, variance, distance) => {
      const radius = Math.sqrt(variance)
      return variance > 0 ? life + (loss * (radius - Math.sqrt(distance))) / radius : 1
    },
    density: (total, variance, distance) => 2 / eccentricity(distance, variance, total),
    isActive: (weight, density, meanDensity) => weight > 2 && density >= meanDensity,
    meanMemory: Infinity,
    varianceMemory: Infinity,
    lifeLoss: loss,
    inactiveKept: 1,
    activeKept: 1,
    skipsAfterRemoval,
  }
}

/**
 * The weight from which a cluster counts as normal, as a share of decay: what vectors of weight 0.1 add up to when they
 * come without a break for 0.9 decay vectors, and never do when they come in bouts of a quarter of the time.
 */
const trustedShare = 0.06
/** More than the published bar of n > 2, whatever decay is. */
const leastTrusted = 3
/** An active cluster must have this share of its group's mean density; only crumbs beside a big one have less. */
const crumb = 0.1
/** s2 remembers this many times as long as the mean: a variance needs more vectors than a mean. */
const varianceOverMean = 10
/** Unvisited active clusters lose weight this many times more slowly than suspicious ones. */
const trustOverSuspicion = 10

/**
 * The detector's rules, for standardised vectors. They differ from the published ones where those are about
 * clustering and not about deciding what is normal:
 * - a cluster accepts exactly what it would not call anomalous (`ratio` <= 1), so that learning and judging agree;
 * - k is bounded, so that clusters follow a changing world;
 * - the density is the weight, which is what 1/zeta is on average; the published one is that of the last vector alone;
 * - a new cluster is suspicious until it has the weight of 0.06 decay vectors, and loses a suspicion over decay vectors:
 *   what comes in short bouts never adds up to normal; what lasts does, after about 0.9 decay vectors judged
 *   anomalous (weight 0.1), or after a few that were not.
 */
export function detectionPolicy(varianceLimit: number, decay: number, memory: number): EvolutionPolicy {
  const varianceMemory = memory * varianceOverMean
  const trusted = Math.min(Math.max(leastTrusted, trustedShare * decay), varianceMemory / 2)
  return {
    accepts: (store, i, x) => ratio(store, i, x, varianceLimit) <= 1,
    lifeAfter: () => 1,
    density: (total) => total,
    isActive: (weight, density, meanDensity) => weight >= trusted && density >= crumb * meanDensity,
    meanMemory: memory,
    varianceMemory,
    lifeLoss: 1 / decay,
    inactiveKept: 1 - 1 / decay,
    activeKept: 1 - 1 / (decay * trustOverSuspicion),
    skipsAfterRemoval: false,
  }
}
