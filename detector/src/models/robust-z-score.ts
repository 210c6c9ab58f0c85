import { checkVector, checkWeight } from './check-input.ts'
import { bend, logPower, spreadPower } from './feature-curve.ts'
import { bentScale, linearScale } from './feature-floor.ts'
import type { FeatureDescriptor, Model, ModelFactory, ModelSnapshot, Score } from './model.ts'
import { median, quantile, robustSpread } from './order-statistics.ts'
import { checkRanges, withDefaults } from './parameters.ts'
import type { Given } from './parameters.ts'
import { readState } from './read-state.ts'
import { shareOut } from './share-out.ts'
import { expectedScatter, relateToWindow } from './window-scatter.ts'
import type { WindowScatter } from './window-scatter.ts'

export interface RobustZScoreParameters {
  /** Vectors learned before the first score. */
  warmUp: number
  /** Vectors whose median and MAD are the norm. */
  window: number
  /** The robust z-score that counts as 1. */
  limit: number
}

const defaults: RobustZScoreParameters = { warmUp: 30, window: 120, limit: 5.5 }

const ranges: { readonly [K in keyof RobustZScoreParameters]: readonly [number, number] } = {
  warmUp: [1, 100_000],
  window: [8, 10_000],
  limit: [Number.MIN_VALUE, 1000],
}

const kind = 'robustZScore'
const version = 1

/** A `log` feature whose middle 80 % spans more than this factor is taken by its logarithm. */
const wideFactor = 8

/**
 * Median and MAD, feature by feature, over a ring of the last vectors.
 *
 *     z_f = (y_f - median_f) / spread_f ;   value = max_f |z_f| / limit, raw = max_f |z_f|
 *
 * y = x, or for `log` features x bent around the median (feature-curve.ts). spread: 1.4826 MAD, and what to take when
 * that is 0 (order-statistics.ts, feature-floor.ts). contributions: value in proportion to |z_f|. expected: medians.
 * A weight below 1 is credit: with 0.1 every tenth vector enters the ring.
 *
 * The ring is so long that a ramp of forty windows is less than its half: with 60 vectors 0.71 to 0.74 of system D's drifts were found, with 120 0.78 to 0.80.
 *
 * - assumes: features that scatter around one level which moves little within the ring.
 * - fails when: a ramp is no steeper than the season (its median follows both); there are several regimes (the ring knows one), or more than half of the ring is fault; relations
 *   between features are not seen.
 * - cost: a few selections over the ring for each feature a score, in proportion to its length: a quarter more to twice as much as with 60 vectors;
 *   8 bytes a feature and vector: 5.9 KiB at 6 features.
 * - guarantees: no chance; half of the ring may be arbitrary without moving the median beyond the rest.
 * - reference: Iglewicz and Hoaglin 1993, "How to detect and handle outliers"; algorithms 4.3.
 */
export function robustZScore(given: Given<RobustZScoreParameters> = {}): ModelFactory {
  const parameters = withDefaults(defaults, given)
  checkRanges(kind, parameters, ranges)
  return {
    kind,
    takesPrior: true,
    create: (features) => new RobustZScore(features, parameters),
    restore: (features, snapshot) => RobustZScore.fromState(features, parameters, readState<State>(snapshot, kind, version)),
  }
}

interface State {
  ring: Float64Array
  next: number
  learned: number
  credit: number
}

let scratch = new Float64Array(64)
let zs: Float64Array = new Float64Array(0)

/** What a window's features are to each other, one list for all keys of the same features. */
const relationsByFeatures = new WeakMap<readonly FeatureDescriptor[], readonly (WindowScatter | undefined)[]>()

class RobustZScore implements Model {
  private readonly features: readonly FeatureDescriptor[]
  private readonly parameters: RobustZScoreParameters
  /** Vectors one after the other; once full the one at `next` is the oldest. */
  private readonly ring: Float64Array
  private filled = 0
  private next = 0
  private learned = 0
  private credit = 0

  constructor(features: readonly FeatureDescriptor[], parameters: RobustZScoreParameters) {
    this.features = features
    this.parameters = parameters
    this.ring = new Float64Array(parameters.window * features.length)
  }

  isReady(): boolean {
    return this.learned >= this.parameters.warmUp && this.filled > 0
  }

  progress(): { learned: number; needed: number } {
    const needed = this.parameters.warmUp
    return { learned: Math.min(this.learned, needed), needed }
  }

  score(x: Float64Array): Score | undefined {
    const d = this.features.length
    checkVector(x, d)
    if (!this.isReady()) return undefined
    const { filled } = this
    if (scratch.length < filled) scratch = new Float64Array(filled)
    if (zs.length !== d) zs = new Float64Array(d)
    const expected = new Float64Array(d)
    let relations = relationsByFeatures.get(this.features)
    if (relations === undefined) relationsByFeatures.set(this.features, (relations = relateToWindow(this.features)))
    let largest = 0
    for (let f = 0; f < d; f++) {
      const z = Math.min(farthest, this.deviation(within(x[f]!), f, relations[f], expected))
      zs[f] = z
      if (z > largest) largest = z
    }
    const value = largest / this.parameters.limit
    return { value, raw: largest, contributions: shareOut(value, zs), expected }
  }

  learn(x: Float64Array, weight: number): void {
    const d = this.features.length
    checkVector(x, d)
    checkWeight(weight)
    this.learned++
    this.credit += weight
    if (this.credit < 1) return
    this.credit -= 1
    this.ring.set(x, this.next * d)
    this.next = (this.next + 1) % this.parameters.window
    if (this.filled < this.parameters.window) this.filled++
  }

  snapshot(): ModelSnapshot {
    const ring = this.ring.subarray(0, this.filled * this.features.length)
    const state: State = { ring, next: this.next, learned: this.learned, credit: this.credit }
    return { kind, version, state }
  }

  static fromState(features: readonly FeatureDescriptor[], parameters: RobustZScoreParameters, state: State): RobustZScore {
    const model = new RobustZScore(features, parameters)
    const filled = state.ring.length / features.length
    // A full ring may come from a time when it was shorter: what goes on behind it begins with its oldest vector.
    const oldest = filled < parameters.window ? (state.next % filled || 0) * features.length : 0
    model.ring.set(state.ring.subarray(oldest))
    model.ring.set(state.ring.subarray(0, oldest), state.ring.length - oldest)
    model.filled = filled
    model.next = filled < parameters.window ? filled : state.next
    model.learned = state.learned
    model.credit = state.credit
    return model
  }

  /** |z| of one feature; its median goes into `expected`. */
  private deviation(x: number, f: number, relation: WindowScatter | undefined, expected: Float64Array): number {
    const { filled } = this
    this.column(f)
    const middle = median(scratch, filled)
    expected[f] = middle
    if (this.features[f]!.scale === 'linear') {
      for (let t = 0; t < filled; t++) scratch[t]! -= middle
      const scale = linearScale(robustSpread(scratch, filled), Math.abs(middle))
      return Math.abs(x - middle) / Math.max(scale, expectedScatter(relation, this.ring, filled, scratch))
    }
    // The column is only rearranged so far. Where it is 0 more often than not the usual value is a positive one.
    const high = quantile(scratch, filled, 0.9)
    const low = quantile(scratch, filled, 0.1)
    const reference = middle > 0 ? middle : high > 0 ? high : tiny
    const power = high > wideFactor * low ? logPower : spreadPower
    const center = bend(middle, reference, power)
    for (let t = 0; t < filled; t++) scratch[t] = bend(scratch[t]!, reference, power) - center
    return Math.abs(bend(x, reference, power) - center) / bentScale(robustSpread(scratch, filled))
  }

  private column(f: number): void {
    const d = this.features.length
    for (let t = 0; t < this.filled; t++) scratch[t] = within(this.ring[t * d + f]!)
  }
}

/** Numbers end here, so that differences of two do not overflow. */
const largest = 1e300

function within(x: number): number {
  return Math.max(-largest, Math.min(largest, x))
}

/** Deviations end here, so that no score is infinite or NaN. */
const farthest = 1e9
/** The usual value of a `log` feature that was always 0. */
const tiny = 1e-6
