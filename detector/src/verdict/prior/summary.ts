import { bend, logPower } from '../../models/feature-curve.ts'
import { leastBentScale, linearScale } from '../../models/feature-floor.ts'
import type { FeatureDescriptor } from '../../models/model.ts'
import { median, robustSpread } from '../../models/order-statistics.ts'

/** The usual value of a `log` feature that was always 0. */
const tiny = 1e-6

/** Where a device's features lie and how they scatter there, over some of its vectors. */
export interface Summary {
  /** The median of each feature, in its own unit. */
  levels: Float64Array
  /** Change per vector of each `linear` feature; 0 of a `log` one. */
  trends: Float64Array
  /** Mean distance from level and trend: in the feature's unit where it is `linear`, on its logarithmic curve where it is `log`. */
  spreads: Float64Array
}

let column = new Float64Array(0)
let scratch = new Float64Array(0)

/**
 * Summarises vectors. Levels and trends are medians, and do not mind an outlier. Spreads do: of ten vectors a median says too little, and a device
 * with an outlier among its first is better off alone.
 *
 * @param rows vectors of finite numbers, one after the other, oldest first.
 * @param from the first vector that counts.
 * @param count of vectors, at least 2.
 */
export function summarise(features: readonly FeatureDescriptor[], rows: Float64Array, from: number, count: number): Summary {
  const d = features.length
  if (column.length < count) {
    column = new Float64Array(count)
    scratch = new Float64Array(count)
  }
  const summary = { levels: new Float64Array(d), trends: new Float64Array(d), spreads: new Float64Array(d) }
  for (let f = 0; f < d; f++) {
    for (let t = 0; t < count; t++) column[t] = rows[(from + t) * d + f]!
    scratch.set(column.subarray(0, count))
    const level = median(scratch, count)
    const trend = features[f]!.scale === 'linear' ? trendOf(count) : 0
    let sum = 0
    for (let t = 0; t < count; t++) sum += Math.abs(residual(features[f]!, column[t]!, level, trend * (t - (count - 1) / 2)))
    summary.levels[f] = level
    summary.trends[f] = trend
    summary.spreads[f] = sum / count
  }
  return summary
}

/** From the median of the column's first half to that of its second. */
function trendOf(count: number): number {
  const half = count >> 1
  scratch.set(column.subarray(0, half))
  const before = median(scratch, half)
  scratch.set(column.subarray(count - half, count))
  return (median(scratch, half) - before) / (count - half)
}

function residual({ scale }: FeatureDescriptor, x: number, level: number, trend: number): number {
  return scale === 'linear' ? x - level - trend : bend(x, Math.max(level, tiny), logPower)
}

/** How far a device's levels may lie from the middle of its cohort's, in their spread. */
const farthestLevel = 4
/** By what factor its scatter may be beyond the least and the largest of its cohort's. */
const widestSpread = 1.5

/** What levels and spreads a cohort's summaries have, for deciding whether a device is one of it. */
export class Likeness {
  readonly #features: readonly FeatureDescriptor[]
  readonly #middles: Float64Array
  readonly #reaches: Float64Array
  readonly #least: Float64Array
  readonly #most: Float64Array

  /** @param summaries at least 2, each over as many vectors as those that will be compared with them. */
  constructor(features: readonly FeatureDescriptor[], summaries: readonly Summary[]) {
    this.#features = features
    this.#middles = Float64Array.from(features, (_, f) => median(Float64Array.from(summaries, ({ levels }) => levels[f]!), summaries.length))
    this.#reaches = Float64Array.from(features, (feature, f) => {
      const middle = this.#middles[f]!
      const spread = robustSpread(Float64Array.from(summaries, ({ levels }) => residual(feature, levels[f]!, middle, 0)), summaries.length)
      return farthestLevel * (feature.scale === 'linear' ? linearScale(spread, Math.abs(middle)) : Math.max(spread, leastBentScale))
    })
    this.#least = Float64Array.from(features, (_, f) => Math.min(...summaries.map(({ spreads }) => spreads[f]!)))
    this.#most = Float64Array.from(features, (_, f) => Math.max(...summaries.map(({ spreads }) => spreads[f]!)))
  }

  /** Whether a device with this summary has levels and scatter as its cohort does. A stuck sensor has not, nor one that is much noisier. */
  holds({ levels, spreads }: Summary): boolean {
    return this.#features.every((feature, f) => {
      if (!(Math.abs(residual(feature, levels[f]!, this.#middles[f]!, 0)) <= this.#reaches[f]!)) return false
      const spread = spreads[f]!
      // Below it a `log` feature's scatter counts as this anyway.
      const indifferent = feature.scale === 'linear' ? 0 : leastBentScale
      return spread <= Math.max(indifferent, widestSpread * this.#most[f]!) && Math.max(indifferent, spread) * widestSpread >= this.#least[f]!
    })
  }
}
