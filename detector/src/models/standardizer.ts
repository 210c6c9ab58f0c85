import { bend, logPower, spreadPower, unbend } from './feature-curve.ts'
import { bentScale, leastBentScale, leastLinearScale, linearScale } from './feature-floor.ts'
import type { FeatureDescriptor } from './model.ts'
import { median, robustSpread } from './order-statistics.ts'
import { cutRow } from './packed-rows.ts'
import { expectedScatter, relateToWindow } from './window-scatter.ts'

/** Per-feature figures, one block of `dimension` numbers each. */
const blocks = ['reference', 'power', 'scale', 'origin', 'velocity', 'growth'] as const
const [referenceAt, powerAt, scaleAt, originAt, velocityAt, growthAt] = [0, 1, 2, 3, 4, 5] as const

/** A `log` feature with more log-scatter than this spreads over factors: then the logarithm is the better curve. */
const wideSpread = 0.8
/** Residuals below it are none. */
const still = 1e-6
/** The usual value of a `log` feature that was always 0. */
const tiny = 1e-6
/** Coordinates end here, so that squares stay finite, and readings there, so that differences do. */
const farthest = 1e6
const largest = 1e200
/** Fewer vectors than this show no trend. */
const leastForTrend = 8
/** The steepest trend that is followed, in scales per vector: a day's season in minutes is below, a fault's ramp above. */
const steepest = 0.2
/** A third of a normal's residuals lie beyond one scale: the scale is where that holds. Half of the vectors may be faults. */
const beyondOne = 0.3173
/** Steps of the scale's logarithm: 1/(vectors), at least 1/200 and at most 1/50 a vector. */
const slowest = 200
const fastest = 20
const rescaleEvery = 32
/** After so many vectors in a row outside of all clusters it is a new regime, and no scatter. */
const longestBout = 20
/**
 * Residuals count up to this many scales in the velocity: a season bends slowly and leaves residuals below one scale; a fault's ramp leaves
 * larger ones, and must be noticed before it is followed.
 */
const trendClip = 1
/** What is left of the velocity after each vector outside of all clusters: an old trend is no longer news. */
const unheardTrend = 0.99
/** Residuals count up to this many scales in the correlation of the warm-up. */
const clip = 4
/** How much wider the scale may be than what few independent vectors showed. */
const doubt = 5

let column = new Float64Array(64)
let scratch = new Float64Array(64)
let bentRows = new Float64Array(0)

/**
 * One key's scaling: features of any unit become coordinates with a scatter of about 1 around a slowly moving origin.
 *
 *     p_f = (y_f - origin_f) / scale_f        y = x, or the bent x of a `log` feature
 *
 * Learned robustly from the warm-up (medians, MAD: a tenth of outliers on a side does not matter) and then adapting:
 * the origin moves on by its velocity with each vector (a daily season is a slow common movement), the velocity and the
 * scales follow what the clusters left unexplained. Between two `rescale` the coordinates' unit is fixed.
 *
 * - assumes: vectors come at about even steps, and what scatters does so around a line over some tens of vectors.
 * - fails when: the warm-up is mostly fault; trends reverse within tens of vectors (then they are scatter, and the scale
 *   grows to them).
 * - cost: 6 numbers a feature; one pass over the features a vector, a power for each `log` one.
 * - guarantees: scales above 0, coordinates within 1e6 of 0; no labels, no chance.
 * - reference: Holt 1957 (level and trend; the level is the clusters' mean); algorithms 4.3 (MAD and its fallbacks).
 */
export class Standardizer {
  readonly dimension: number
  /** Independent vectors in one, in (0, 1]: overlapping windows repeat each other. */
  private readonly independence: number
  private learned: number
  private sinceRescale: number
  private bout: number
  private readonly cells: Float64Array
  private readonly bent: readonly boolean[]

  private constructor(bent: readonly boolean[], cells: Float64Array, independence: number, learned: number, sinceRescale: number, bout: number) {
    this.dimension = bent.length
    this.bent = bent
    this.cells = cells
    this.independence = independence
    this.learned = learned
    this.sinceRescale = sinceRescale
    this.bout = bout
  }

  /**
   * @param rows the warm-up's vectors, oldest first, one after the other.
   * @param count of vectors, at least 1.
   */
  static learn(features: readonly FeatureDescriptor[], rows: Float64Array, count: number): Standardizer {
    const d = features.length
    const cells = cutRow(blocks.length * d)
    if (column.length < count) {
      column = new Float64Array(count)
      scratch = new Float64Array(count)
    }
    if (bentRows.length < count * d) bentRows = new Float64Array(count * d)
    for (let f = 0; f < d; f++) {
      for (let t = 0; t < count; t++) column[t] = within(rows[t * d + f]!, largest)
      if (features[f]!.scale === 'log') bendColumn(cells, d, f, count)
      fitLine(cells, d, f, count)
      for (let t = 0; t < count; t++) bentRows[t * d + f] = column[t]!
      fitScale(cells, d, f, bentRows, count, features[f]!.scale)
    }
    // The trend's error depends on the scatter and the scatter on the trend: once more with the trend shrunk.
    const independence = independentShare(bentRows, cells, d, count)
    for (let f = 0; f < d; f++) {
      shrinkTrend(cells, d, f, count, independence)
      fitScale(cells, d, f, bentRows, count, features[f]!.scale)
    }
    const relations = relateToWindow(features)
    for (let f = 0; f < d; f++) {
      const least = expectedScatter(relations[f], rows, count, scratch)
      if (least > cells[scaleAt * d + f]!) cells[scaleAt * d + f] = least
    }
    return new Standardizer(bentOf(features), cells, independence, count, 0, 0)
  }

  /** The coordinates of a vector, into `out`. */
  apply(x: Float64Array, out: Float64Array): void {
    const { cells, dimension: d } = this
    for (let f = 0; f < d; f++) {
      const value = within(x[f]!, largest)
      const y = this.bent[f] ? bend(value, cells[referenceAt * d + f]!, cells[powerAt * d + f]!) : value
      out[f] = within((y - cells[originAt * d + f]!) / cells[scaleAt * d + f]!, farthest)
    }
  }

  /** One coordinate back in its feature's own unit. */
  restore(f: number, p: number): number {
    const { cells, dimension: d } = this
    const y = cells[originAt * d + f]! + p * cells[scaleAt * d + f]!
    return this.bent[f] ? unbend(y, cells[referenceAt * d + f]!, cells[powerAt * d + f]!) : y
  }

  /** How much wider a boundary must be drawn for what the scale may be wrong by: 2 after few vectors, then towards 1. */
  doubt(): number {
    return 1 + doubt / (this.learned * this.independence)
  }

  /** Time passes by one vector. */
  advance(): void {
    const { cells, dimension: d } = this
    for (let f = 0; f < d; f++) cells[originAt * d + f] = within(cells[originAt * d + f]! + cells[velocityAt * d + f]!, largest)
  }

  /**
   * Learns from a vector's residual: its coordinates less the centre of the nearest active cluster.
   *
   * @param weight how much of it the trend learns; 0 outside of all clusters, when only the scale does.
   * @param gain of the velocity, per vector.
   */
  observe(residual: Float64Array, weight: number, gain: number): void {
    const { cells, dimension: d } = this
    this.learned += weight
    this.sinceRescale++
    this.bout = weight > 0 ? 0 : this.bout + 1
    const step = 1 / Math.max(fastest, Math.min(slowest, this.learned))
    const up = 1 + step * (1 - beyondOne)
    const down = 1 - step * beyondOne
    for (let f = 0; f < d; f++) {
      const e = residual[f]!
      const size = Math.abs(e)
      if (weight > 0) {
        const scale = cells[scaleAt * d + f]!
        const velocity = cells[velocityAt * d + f]! + gain * weight * within(e, trendClip) * scale
        cells[velocityAt * d + f] = within(velocity, steepest * scale)
      } else cells[velocityAt * d + f]! *= unheardTrend
      // No scatter at all says nothing of what scatter would be normal.
      if (size < still || this.bout > longestBout) continue
      cells[growthAt * d + f]! *= size > cells[growthAt * d + f]! ? up : down
    }
  }

  /**
   * Every so many vectors brings the scales to what was observed.
   *
   * @param ratios gets new scale / old for each feature.
   * @returns whether they moved; then whoever keeps coordinates divides them by the ratios.
   */
  rescale(ratios: Float64Array): boolean {
    if (this.sinceRescale < rescaleEvery) return false
    this.sinceRescale = 0
    const { cells, dimension: d } = this
    for (let f = 0; f < d; f++) {
      const scale = cells[scaleAt * d + f]!
      const least = this.leastScale(f)
      const next = Math.min(largest, Math.max(least, scale * cells[growthAt * d + f]!))
      ratios[f] = next / scale
      cells[scaleAt * d + f] = next
      cells[growthAt * d + f] = 1
    }
    return true
  }

  /**
   * As `rescale`, for who keeps coordinates for long: a scale moves only once it is off by a factor of 2, and then by a power of two. Dividing by one is
   * exact, so what is kept stays in its order to the bit.
   *
   * @param ratios gets new scale / old for each feature: 1 where it stays.
   * @returns whether one moved.
   */
  rescaleByDoubling(ratios: Float64Array): boolean {
    if (this.sinceRescale < rescaleEvery) return false
    this.sinceRescale = 0
    const { cells, dimension: d } = this
    let moved = false
    for (let f = 0; f < d; f++) {
      const scale = cells[scaleAt * d + f]!
      const least = this.leastScale(f)
      const growth = Math.min(largest / scale, Math.max(least / scale, cells[growthAt * d + f]!))
      const ratio = 2 ** Math.trunc(Math.log2(growth))
      ratios[f] = ratio
      cells[scaleAt * d + f] = scale * ratio
      cells[growthAt * d + f] = growth / ratio
      moved ||= ratio !== 1
    }
    return moved
  }

  private leastScale(f: number): number {
    return this.bent[f] ? leastBentScale : leastLinearScale(Math.abs(this.cells[originAt * this.dimension + f]!))
  }

  toState(): StandardizerState {
    return { cells: this.cells, independence: this.independence, learned: this.learned, sinceRescale: this.sinceRescale, bout: this.bout }
  }

  static fromState(features: readonly FeatureDescriptor[], state: StandardizerState): Standardizer {
    const cells = cutRow(state.cells.length)
    cells.set(state.cells)
    return new Standardizer(bentOf(features), cells, state.independence, state.learned, state.sinceRescale, state.bout)
  }
}

export interface StandardizerState {
  cells: Float64Array
  independence: number
  learned: number
  sinceRescale: number
  bout: number
}

/** Lists of which features are bent, one shared by all keys of the same features. */
const bentByFeatures = new WeakMap<readonly FeatureDescriptor[], readonly boolean[]>()

function bentOf(features: readonly FeatureDescriptor[]): readonly boolean[] {
  let bent = bentByFeatures.get(features)
  if (bent === undefined) {
    bent = features.map((feature) => feature.scale === 'log')
    bentByFeatures.set(features, bent)
  }
  return bent
}

function within(value: number, bound: number): number {
  return value > bound ? bound : value < -bound ? -bound : value
}

/** Chooses the curve of a `log` feature from `column`, and bends the column. */
function bendColumn(cells: Float64Array, d: number, f: number, count: number): void {
  scratch.set(column.subarray(0, count))
  let reference = Math.max(0, median(scratch, count))
  if (reference === 0) {
    // Zero more often than not: the usual one among the others, or anything where there is none.
    let positives = 0
    for (let t = 0; t < count; t++) if (column[t]! > 0) scratch[positives++] = column[t]!
    reference = positives > 0 ? median(scratch, positives) : tiny
  }
  for (let t = 0; t < count; t++) scratch[t] = bend(column[t]!, reference, logPower)
  const middle = median(scratch, count)
  for (let t = 0; t < count; t++) scratch[t] = bend(column[t]!, reference, logPower) - middle
  const power = robustSpread(scratch, count) > wideSpread ? logPower : spreadPower
  cells[referenceAt * d + f] = reference
  cells[powerAt * d + f] = power
  for (let t = 0; t < count; t++) column[t] = bend(column[t]!, reference, power)
}

/** A line through the medians of the column's halves; its value at the next vector is the origin. */
function fitLine(cells: Float64Array, d: number, f: number, count: number): void {
  let velocity = 0
  if (count >= leastForTrend) {
    const half = count >> 1
    scratch.set(column.subarray(0, half))
    const before = median(scratch, half)
    scratch.set(column.subarray(count - half, count))
    velocity = (median(scratch, half) - before) / (count - half)
  }
  for (let t = 0; t < count; t++) scratch[t] = column[t]! - velocity * (t - count)
  cells[originAt * d + f] = median(scratch, count)
  cells[velocityAt * d + f] = velocity
}

/** The spread of the bent readings around the line. */
function fitScale(cells: Float64Array, d: number, f: number, bentRows: Float64Array, count: number, kind: 'linear' | 'log'): void {
  const origin = cells[originAt * d + f]!
  const velocity = cells[velocityAt * d + f]!
  for (let t = 0; t < count; t++) scratch[t] = bentRows[t * d + f]! - origin - velocity * (t - count)
  const spread = robustSpread(scratch, count)
  cells[growthAt * d + f] = 1
  cells[scaleAt * d + f] = kind === 'log' ? bentScale(spread) : linearScale(spread, Math.abs(origin))
}

/** (1 - r)/(1 + r) with the residuals' correlation r from one vector to the next, all features together. */
function independentShare(bentRows: Float64Array, cells: Float64Array, d: number, count: number): number {
  if (count < leastForTrend) return 1
  let products = 0
  let squares = 0
  for (let f = 0; f < d; f++) {
    const scale = cells[scaleAt * d + f]!
    const origin = cells[originAt * d + f]!
    const velocity = cells[velocityAt * d + f]!
    let before = 0
    for (let t = 0; t < count; t++) {
      const z = within((bentRows[t * d + f]! - origin - velocity * (t - count)) / scale, clip)
      products += z * before
      squares += z * z
      before = z
    }
  }
  if (squares === 0) return 1
  const r = Math.max(0, Math.min(0.9, products / squares))
  return (1 - r) / (1 + r)
}

/** Takes back as much of the trend as is likely to be scatter, keeping the line's middle in its place. */
function shrinkTrend(cells: Float64Array, d: number, f: number, count: number, independence: number): void {
  const velocity = cells[velocityAt * d + f]!
  if (velocity === 0) return
  const scale = cells[scaleAt * d + f]!
  const half = count / 2
  // A median's error is 1.25 sd/sqrt(n); two of them, half a warm-up apart.
  const error = (1.25 * scale * Math.SQRT2) / Math.sqrt(half * independence) / half
  const significance = (velocity / error) ** 2
  const kept = velocity / (1 + 1 / significance)
  cells[velocityAt * d + f] = within(kept, steepest * scale)
  cells[originAt * d + f]! -= (velocity - cells[velocityAt * d + f]!) * half
}
