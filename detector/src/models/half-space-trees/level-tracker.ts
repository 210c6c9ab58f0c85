import type { FeatureDescriptor } from '../model.ts'
import { Standardizer } from '../standardizer.ts'
import type { StandardizerState } from '../standardizer.ts'

/** Weight that the past may have in the level, in vectors; and the gain of its trend, as in microClusters. */
const memory = 25
const trendGain = 0.4
/** rho = (mean squared residual)/9: above 1 a vector is outside, and up to this rho it teaches in full. */
const boundary = 9
const fullyTaught = 0.25

/** A tracker as plain data. */
export interface LevelTrackerState {
  standardizer: StandardizerState
  level: Float64Array
  weight: number
}

/**
 * The coordinates in which a key's vectors stay where they are: standardised, and less a level that follows slow change
 * (a season, a trend), so that a normal vector lies within a few units of 0.
 *
 * A vector counts the less for the level the farther it is, and not at all where its mean square is beyond 9: the onset of
 * a fault must not be followed before it is noticed.
 */
export class LevelTracker {
  private readonly standardizer: Standardizer
  private readonly level: Float64Array
  private weight: number

  private constructor(standardizer: Standardizer, level: Float64Array, weight: number) {
    this.standardizer = standardizer
    this.level = level
    this.weight = weight
  }

  /**
   * @param rows vectors, oldest first, one after the other; `count` of them, at least 1.
   * @returns the tracker as it is after them, and the rows' coordinates, each where the level was at its time.
   */
  static learn(features: readonly FeatureDescriptor[], rows: Float64Array, count: number): { tracker: LevelTracker; points: Float64Array } {
    const d = features.length
    const standardizer = Standardizer.learn(features, rows, count)
    // A step of time moves the origin by the trend; so what a vector's coordinates lose by it is the trend itself.
    const next = Standardizer.fromState(features, standardizer.toState())
    next.advance()
    const trend = new Float64Array(d)
    const after = new Float64Array(d)
    standardizer.apply(rows.subarray(0, d), trend)
    next.apply(rows.subarray(0, d), after)
    for (let f = 0; f < d; f++) trend[f]! -= after[f]!
    const points = new Float64Array(count * d)
    for (let t = 0; t < count; t++) {
      const point = points.subarray(t * d, (t + 1) * d)
      standardizer.apply(rows.subarray(t * d, (t + 1) * d), point)
      for (let f = 0; f < d; f++) point[f]! += trend[f]! * (count - t)
    }
    return { tracker: new LevelTracker(standardizer, new Float64Array(d), Math.min(count, memory)), points }
  }

  /** The vector's coordinates, into `out`. */
  locate(x: Float64Array, out: Float64Array): void {
    this.standardizer.apply(x, out)
    for (let f = 0; f < out.length; f++) out[f]! -= this.level[f]!
  }

  /**
   * Follows a vector.
   *
   * @param residual its coordinates, which are overwritten.
   * @returns whether it was outside.
   */
  follow(residual: Float64Array, weight: number): boolean {
    const { standardizer, level } = this
    let squares = 0
    for (const e of residual) squares += e * e
    const rho = squares / residual.length / boundary
    const taught = rho > 1 ? 0 : weight * Math.min(1, (fullyTaught / rho) ** 2)
    const share = 1 / Math.min(this.weight + taught, memory)
    standardizer.observe(residual, taught, trendGain * share * share)
    for (let f = 0; f < level.length; f++) level[f]! += taught * share * residual[f]!
    this.weight = Math.min(memory, this.weight + taught)
    standardizer.advance()
    if (standardizer.rescale(residual)) for (let f = 0; f < level.length; f++) level[f]! /= residual[f]!
    return rho > 1
  }

  toState(): LevelTrackerState {
    return { standardizer: this.standardizer.toState(), level: this.level, weight: this.weight }
  }

  /** Goes on from `toState`. */
  static fromState(features: readonly FeatureDescriptor[], { standardizer, level, weight }: LevelTrackerState): LevelTracker {
    return new LevelTracker(Standardizer.fromState(features, standardizer), Float64Array.from(level), weight)
  }
}
