import { median, robustSpread } from '../order-statistics.ts'
import { autocorrelate } from './autocorrelation.ts'

/** A season must have been seen this often. */
export const seasonsNeeded = 3
/** Correlations under it are no season worth having, */
const leastCorrelation = 0.2
/** nor are those that noise alone would give at some of a thousand lags, in standard deviations of 1/sqrt(pairs). */
const noiseLimit = 4.5
/** Between two peaks the correlation must fall to this share of the peak's: a slow level alone never does. */
const valleyShare = 0.5
/** Two seasons back it must still be this share. */
const doubleShare = 0.5
/** A shorter period is taken for a longer one when it is nearly as good: within a tenth, and twice and a half the noise. */
const nearlyAsGood = 0.9
const doubtOfBest = 2.5
/** A peak that stands out of its hill by this share is taken for itself. */
const spikeShare = 0.2
/** Values beyond this many spreads count as if they lay there: faults are in the past, too. */
const clip = 4

/**
 * The season's length in vectors, by autocorrelation, or 0 where there is none: the shortest lag of at most a third of the past where the
 * correlation has a peak, well above noise, behind a valley, and again at twice the lag. Longer lags then sharpen it: the peak at four
 * seasons tells one season's length four times as exactly.
 *
 * @param columns the past of each feature, oldest first, all equally long. Overwritten.
 */
export function findPeriod(columns: readonly Float64Array[]): number {
  const n = columns[0]?.length ?? 0
  const longest = Math.floor(n / seasonsNeeded)
  if (longest < 2) return 0
  const moving = columns.filter((column) => standardise(column))
  if (moving.length === 0) return 0
  const r = autocorrelate(moving, Math.floor((2 * n) / seasonsNeeded))
  const candidates = findPeaks(r, longest, n)
  if (candidates.length === 0) return 0
  const best = candidates.reduce((a, b) => (r[b]! > r[a]! ? b : a))
  const enough = r[best]! * nearlyAsGood - doubtOfBest / Math.sqrt(n - best)
  return sharpen(r, candidates.find((lag) => r[lag]! >= enough)!, longest)
}

/** Takes off mean and trend, clips outliers, brings the variance to 1. @returns false for a series that does not move. */
function standardise(column: Float64Array): boolean {
  const n = column.length
  const middle = median(Float64Array.from(column), n)
  const spread = robustSpread(column.map((x) => x - middle), n)
  if (!(spread > 1e-9 * Math.abs(middle) && spread > 0)) return false
  for (let t = 0; t < n; t++) column[t] = Math.max(-clip, Math.min(clip, (column[t]! - middle) / spread))
  const centre = (n - 1) / 2
  let [sum, slope] = [0, 0]
  for (let t = 0; t < n; t++) {
    sum += column[t]!
    slope += column[t]! * (t - centre)
  }
  slope /= (n * (n * n - 1)) / 12
  let squares = 0
  for (let t = 0; t < n; t++) {
    column[t]! -= sum / n + slope * (t - centre)
    squares += column[t]! * column[t]!
  }
  // A straight line leaves its rounding.
  if (squares < 1e-12 * n) return false
  const sd = Math.sqrt(squares / n)
  for (let t = 0; t < n; t++) column[t]! /= sd
  return true
}

/** Lags that could be a period, rising. */
function findPeaks(r: Float64Array, longest: number, n: number): number[] {
  const peaks: number[] = []
  let valley = 1
  for (let lag = 2; lag <= longest; lag++) {
    valley = Math.min(valley, r[lag - 1]!)
    const height = r[lag]!
    if (height < Math.max(leastCorrelation, noiseLimit / Math.sqrt(n - lag)) || valley > valleyShare * height) continue
    const reach = Math.max(1, Math.floor(lag / 20))
    if (highestLag(r, lag - reach, lag + reach) !== lag) continue
    if (r[highestLag(r, 2 * lag - reach, 2 * lag + reach)]! >= doubleShare * height) peaks.push(lag)
  }
  return peaks
}

/** The period to a vector, from the peaks at its multiples: each is looked for where the ones before lead to expect it. */
function sharpen(r: Float64Array, lag: number, longest: number): number {
  let period = lag
  for (let multiple = 1; Math.ceil((multiple + 0.3) * period) < r.length; multiple++) {
    const reach = Math.max(1, Math.floor(lag / 12 / multiple))
    const near = highestLag(r, Math.round(multiple * period) - reach, Math.round(multiple * period) + reach)
    const found = vertex(r, near, Math.floor(lag / 8)) / multiple
    // Where the multiples have no peaks of their own the search would slide away, to 0 in the end.
    if (Math.abs(found - lag) > Math.max(1, lag / 8)) break
    period = found
  }
  return Math.max(2, Math.min(longest, Math.round(period)))
}

/** The top of the parabola through the correlations around a peak (least squares), which noise moves less than the highest one. */
function vertex(r: Float64Array, peak: number, wanted: number): number {
  const reach = Math.min(wanted, peak, r.length - 1 - peak)
  if (reach < 2) return peak
  let [s2, s4, y0, y1, y2] = [0, 0, 0, 0, 0]
  for (let u = -reach; u <= reach; u++) {
    const y = r[peak + u]!
    s2 += u * u
    s4 += u ** 4
    y0 += y
    y1 += u * y
    y2 += u * u * y
  }
  const curvature = ((2 * reach + 1) * y2 - s2 * y0) / ((2 * reach + 1) * s4 - s2 * s2)
  const flat = (y0 - curvature * s2) / (2 * reach + 1)
  // A season without any shape has a spike there and no hill.
  if (!(curvature < 0) || r[peak]! - flat > spikeShare * r[peak]!) return peak
  return peak + Math.max(-reach, Math.min(reach, -y1 / s2 / (2 * curvature)))
}

function highestLag(r: Float64Array, from: number, to: number): number {
  let best = Math.max(0, from)
  for (let lag = best + 1; lag <= Math.min(to, r.length - 1); lag++) if (r[lag]! > r[best]!) best = lag
  return best
}
