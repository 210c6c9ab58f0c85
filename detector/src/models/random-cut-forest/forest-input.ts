import { canonicalOrder, fromCanonical } from '../canonical-order.ts'
import type { FeatureDescriptor } from '../model.ts'
import { Standardizer } from '../standardizer.ts'
import type { StandardizerState } from '../standardizer.ts'

/** Of the level's past, in vectors: it takes out what strays over hours, and leaves what a sample of the trees can know. */
const memory = 250
/** The level moves by at most this many scales' share for one vector: an outlier does not carry it away. */
const farthestStep = 1

/** A stream's features in the order of their names. */
interface Layout {
  /** See `canonicalOrder`. */
  order: Int32Array
  features: readonly FeatureDescriptor[]
}

const layouts = new WeakMap<readonly FeatureDescriptor[], Layout>()

/** One for all keys of the same features. */
function layoutOf(features: readonly FeatureDescriptor[]): Layout {
  let layout = layouts.get(features)
  if (layout === undefined) {
    const order = canonicalOrder(features)
    layouts.set(features, (layout = { order, features: Array.from(order, (f) => features[f]!) }))
  }
  return layout
}

export interface ForestInputState {
  standardizer: StandardizerState
  level: Float64Array
}

let row = new Float64Array(0)
let coordinates = new Float64Array(0)
let residual = new Float64Array(0)

/**
 * What a forest is fed: each feature's deviation from its own slowly moving level, in units of its scatter, features in the order of their names.
 *
 *     p = standardised feature (standardizer.ts: `log` features bent) - level ;   level += (p, at most one scale)/250
 *
 * Cuts are drawn by span, so a feature in Pascal would hide one in bar; and a forest knows what it has seen: of a daily rhythm, not before the
 * second day. The AWS library's NORMALIZE and SUBTRACT_MA do the same with a mean and deviation.
 *
 * Units hold still: a forest compares a vector with those of thousands before, and where these were measured in another unit everything is strange.
 * So a scale moves by powers of two only, and all points move with it. A trend is not followed: it turns around now and then, and takes the level along.
 * (NAB's standard profile on half A, one threshold on the raw score, shingles of 1: 62.8 so; 45.5 with scales that follow every 32 vectors and a trend with a memory of 25;
 * 57.5 and 60.6 with memories of 25 and 100.)
 */
export class ForestInput {
  readonly layout: Layout
  private readonly standardizer: Standardizer
  private readonly level: Float64Array

  private constructor(layout: Layout, standardizer: Standardizer, level: Float64Array) {
    this.layout = layout
    this.standardizer = standardizer
    this.level = level
  }

  /** @param rows the warm-up's vectors, oldest first, one after the other. */
  static learn(features: readonly FeatureDescriptor[], rows: Float64Array): ForestInput {
    const layout = layoutOf(features)
    const d = features.length
    const ordered = Float64Array.from(rows, (_, i) => rows[i - (i % d) + layout.order[i % d]!]!)
    return new ForestInput(layout, Standardizer.learn(layout.features, ordered, rows.length / d), new Float64Array(d))
  }

  /** The forest's coordinates of a vector. */
  locate(x: Float64Array, out: Float32Array): void {
    const { order } = this.layout
    const d = order.length
    if (row.length !== d) {
      row = new Float64Array(d)
      coordinates = new Float64Array(d)
      residual = new Float64Array(d)
    }
    for (let k = 0; k < d; k++) row[k] = x[order[k]!]!
    this.standardizer.apply(row, coordinates)
    for (let k = 0; k < d; k++) out[k] = coordinates[k]! - this.level[k]!
  }

  /** The level in the vector's own order and units. */
  expected(): Float64Array {
    const { layout, level, standardizer } = this
    const restored = level.map((p, k) => standardizer.restore(k, p))
    const out = new Float64Array(level.length)
    fromCanonical(layout.order, restored, out)
    return out
  }

  /**
   * Level and scales go on.
   *
   * @param p the vector's coordinates by `locate`.
   * @param ratios where units change gets new / old of each feature, powers of two.
   * @returns whether units change: then whoever keeps coordinates divides them by the ratios.
   */
  follow(p: Float32Array, ratios: Float64Array): boolean {
    const { level, standardizer } = this
    for (let k = 0; k < level.length; k++) {
      residual[k] = p[k]!
      level[k]! += Math.max(-farthestStep, Math.min(farthestStep, p[k]!)) / memory
    }
    standardizer.observe(residual, 1, 0)
    const moved = standardizer.rescaleByDoubling(ratios)
    if (moved) for (let k = 0; k < level.length; k++) level[k]! /= ratios[k]!
    return moved
  }

  toState(): ForestInputState {
    return { standardizer: this.standardizer.toState(), level: this.level }
  }

  static fromState(features: readonly FeatureDescriptor[], state: ForestInputState): ForestInput {
    const layout = layoutOf(features)
    return new ForestInput(layout, Standardizer.fromState(layout.features, state.standardizer), Float64Array.from(state.level))
  }
}
