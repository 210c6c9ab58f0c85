import type { BentVector } from './bent-vector.ts'
import { bentScale, linearScale } from './feature-floor.ts'
import type { FeatureDescriptor } from './model.ts'
import { median, robustSpread } from './order-statistics.ts'
import { expectedScatter, relateToWindow } from './window-scatter.ts'

/** Fewer vectors than this show no trend. */
const leastForTrend = 8
/** Residuals count up to this many scales in their correlation. */
const clip = 4

/** A line through a feature's warm-up. */
interface Line {
  /** At the last vector. */
  level: number
  /** Per vector. */
  trend: number
  scale: number
}

/** What the warm-up shows: a line and a scale for each feature. */
export interface WarmFit {
  lines: readonly Line[]
  /** Independent vectors in one, in (0, 1]: windows that overlap repeat each other. */
  independence: number
}

/**
 * Level, trend and scale of each feature, on its curve, from medians: a tenth of outliers on a side does not matter. The trend is shrunk by
 * what of it is likely to be scatter; the scale is at least what the windows' own readings lead to expect (window-scatter.ts).
 *
 * @param rows the warm-up's vectors as they came, oldest first, one after the other.
 * @param count of vectors, at least 1.
 */
export function fitWarmUp(features: readonly FeatureDescriptor[], curves: BentVector, rows: Float64Array, count: number): WarmFit {
  const d = features.length
  const columns = features.map((_, f) => Float64Array.from({ length: count }, (_row, t) => curves.bend(f, rows[t * d + f]!)))
  const steep = columns.map((column, f) => fitLine(column, trendOf(column), curves.isBent(f)))
  const independence = independentShare(columns, steep)
  const relations = relateToWindow(features)
  const scratch = new Float64Array(count)
  const lines = columns.map((column, f) => {
    const line = fitLine(column, shrink(steep[f]!, count, independence), curves.isBent(f))
    return { ...line, scale: Math.max(line.scale, expectedScatter(relations[f], rows, count, scratch)) }
  })
  return { lines, independence }
}

/** From the median of the first half to that of the second. */
function trendOf(column: Float64Array): number {
  const n = column.length
  if (n < leastForTrend) return 0
  const half = n >> 1
  return (median(column.slice(n - half), half) - median(column.slice(0, half), half)) / (n - half)
}

function fitLine(column: Float64Array, trend: number, isBent: boolean): Line {
  const n = column.length
  const flat = column.map((y, t) => y - trend * (t - n + 1))
  const level = median(Float64Array.from(flat), n)
  const spread = robustSpread(flat.map((y) => y - level), n)
  return { level, trend, scale: isBent ? bentScale(spread) : linearScale(spread, Math.abs(level)) }
}

/** (1 - r)/(1 + r) with the residuals' correlation r from one vector to the next, all features together. */
function independentShare(columns: readonly Float64Array[], lines: readonly Line[]): number {
  let [products, squares] = [0, 0]
  columns.forEach((column, f) => {
    const { level, trend, scale } = lines[f]!
    let before = 0
    for (let t = 0; t < column.length; t++) {
      const z = Math.max(-clip, Math.min(clip, (column[t]! - level - trend * (t - column.length + 1)) / scale))
      products += z * before
      squares += z * z
      before = z
    }
  })
  if (squares === 0 || columns[0]!.length < leastForTrend) return 1
  const r = Math.max(0, Math.min(0.9, products / squares))
  return (1 - r) / (1 + r)
}

/** The trend less what is likely to be scatter. */
function shrink({ trend, scale }: Line, count: number, independence: number): number {
  if (trend === 0) return 0
  const half = count / 2
  // A median's error is 1.25 sd/sqrt(n); two of them, half a warm-up apart.
  const error = (1.25 * scale * Math.SQRT2) / Math.sqrt(half * independence) / half
  return trend / (1 + (error / trend) ** 2)
}
