import { bend, logPower, spreadPower, unbend } from './feature-curve.ts'
import type { FeatureDescriptor } from './model.ts'
import { median, robustSpread } from './order-statistics.ts'

/** A `log` feature with more log-scatter than this spreads over factors: then the logarithm is the better curve. */
const wideSpread = 0.8
/** The usual value of a `log` feature that was always 0. */
const tiny = 1e-6
/** Readings end here, so that differences of two and sums of some hundred do not overflow. */
const largest = 1e200

/**
 * The curves of one key's features, chosen once from its warm-up: `linear` features stay as they are, `log` ones are bent around
 * their usual value (feature-curve.ts). Two numbers a feature, none that is ever moved.
 */
export class BentVector {
  readonly dimension: number
  /** Usual value of each feature, 0 for a linear one; then the power of each curve. */
  private readonly cells: Float64Array

  private constructor(cells: Float64Array) {
    this.dimension = cells.length / 2
    this.cells = cells
  }

  /**
   * @param rows the warm-up's vectors, one after the other.
   * @param count of vectors, at least 1.
   */
  static choose(features: readonly FeatureDescriptor[], rows: Float64Array, count: number): BentVector {
    const d = features.length
    const cells = new Float64Array(2 * d)
    for (let f = 0; f < d; f++) {
      if (features[f]!.scale === 'linear') continue
      const column = Float64Array.from({ length: count }, (_, t) => within(Math.max(0, rows[t * d + f]!)))
      const reference = usualValue(column)
      cells[f] = reference
      cells[d + f] = curveOf(column, reference)
    }
    return new BentVector(cells)
  }

  /** Feature f's value x on its curve: for a linear one x itself, within 1e200 of 0. */
  bend(f: number, x: number): number {
    const reference = this.cells[f]!
    return reference === 0 ? within(x) : bend(within(x), reference, this.cells[this.dimension + f]!)
  }

  /** The x of a y: the inverse of `bend`. */
  unbend(f: number, y: number): number {
    const reference = this.cells[f]!
    return reference === 0 ? within(y) : within(unbend(y, reference, this.cells[this.dimension + f]!))
  }

  /** Whether feature f is bent. */
  isBent(f: number): boolean {
    return this.cells[f] !== 0
  }

  toState(): Float64Array {
    return this.cells
  }

  static fromState(state: Float64Array): BentVector {
    return new BentVector(Float64Array.from(state))
  }
}

/** Usual values begin here, so that no ratio to one overflows. */
const smallest = 1e-100

function within(x: number): number {
  return x > largest ? largest : x < -largest ? -largest : x
}

/** The median; of the values above 0 where most are 0; never 0. */
function usualValue(column: Float64Array): number {
  const middle = median(Float64Array.from(column), column.length)
  if (middle > 0) return Math.max(middle, smallest)
  const positive = column.filter((x) => x > 0)
  return positive.length > 0 ? Math.max(median(positive, positive.length), smallest) : tiny
}

function curveOf(column: Float64Array, reference: number): number {
  const bent = column.map((x) => bend(x, reference, logPower))
  const middle = median(Float64Array.from(bent), bent.length)
  const spread = robustSpread(bent.map((y) => y - middle), bent.length)
  return spread > wideSpread ? logPower : spreadPower
}
