import { BentVector } from '../bent-vector.ts'
import { bentScale, linearScale } from '../feature-floor.ts'
import type { FeatureDescriptor } from '../model.ts'
import { median, robustSpread } from '../order-statistics.ts'

/** Coordinates end here: squares of their differences, added up, are numbers. */
const farthest = 1e100

/** Vectors in units of each feature's scatter, around its centre; fixed once and for all, so that distances stay comparable. */
export class Coordinates {
  readonly curves: BentVector
  /** Centres, then scales. */
  private readonly cells: Float64Array

  /** @param cells what `toState` gave: it is copied. */
  constructor(curves: BentVector, cells: Float64Array) {
    this.curves = curves
    this.cells = Float64Array.from(cells)
  }

  locate(x: Float64Array): Float64Array {
    const { curves, cells } = this
    const d = x.length
    const point = new Float64Array(d)
    for (let f = 0; f < d; f++) {
      const y = (curves.bend(f, x[f]!) - cells[f]!) / cells[d + f]!
      point[f] = Math.max(-farthest, Math.min(farthest, y))
    }
    return point
  }

  toState(): Float64Array {
    return this.cells
  }
}

/**
 * @param rows vectors one after the other.
 * @param count of vectors, at least 1.
 */
export function fitCoordinates(features: readonly FeatureDescriptor[], rows: Float64Array, count: number): Coordinates {
  const d = features.length
  const curves = BentVector.choose(features, rows, count)
  const cells = new Float64Array(2 * d)
  for (let f = 0; f < d; f++) {
    const column = Float64Array.from({ length: count }, (_, t) => curves.bend(f, rows[t * d + f]!))
    const center = median(column.slice(), count)
    const spread = robustSpread(column.map((y) => y - center), count)
    cells[f] = center
    cells[d + f] = curves.isBent(f) ? bentScale(spread) : linearScale(spread, Math.abs(center))
  }
  return new Coordinates(curves, cells)
}
