import type { BentVector } from '../bent-vector.ts'
import { bentScale, linearScale } from '../feature-floor.ts'
import type { FeatureDescriptor } from '../model.ts'
import { median, quantile, robustSpread } from '../order-statistics.ts'
import { costClip, RobustForecaster } from './robust-forecaster.ts'

/** Errors that a scale is made of, at least. */
const leastErrors = 30

/**
 * A forecaster with the season that the past shows: at each place of it the median over the seasons (a fault in one of three is outvoted), level
 * and trend, and the scale of its errors, from the last season, which it runs through (the last thirty vectors where that is shorter).
 *
 * @param columns the past of each feature on its curve, oldest first; at least two seasons.
 */
export function startSeason(features: readonly FeatureDescriptor[], curves: BentVector, columns: readonly Float64Array[], period: number): RobustForecaster {
  const d = curves.dimension
  const past = columns[0]!.length
  const seasons = Math.floor(past / period)
  const forecaster = new RobustForecaster(curves, period)
  const { model } = forecaster
  const run = Math.min(seasons, Math.ceil(leastErrors / period)) * period
  const first = past - seasons * period
  const values = new Float64Array(seasons)
  columns.forEach((column, f) => {
    const trend = trendOf(column.subarray(first), period)
    for (let place = 0; place < period; place++) {
      // Along the trend to where it begins to run, so that its level is the one to begin with.
      for (let season = 0; season < seasons; season++) {
        const t = first + season * period + place
        values[season] = column[t]! - trend * (t - (past - run))
      }
      model.season[place * d + f] = median(values, seasons)
    }
    model.trend[f] = trend
    model.level[f] = -trend
  })
  model.centre()
  model.cycles = seasons - run / period
  runThrough(forecaster, columns, past - run, features)
  // The season was made from what it was tried on: n + 1 parts of variance ahead where n - 1 were seen.
  const ahead = Math.sqrt((seasons + 1) / (seasons - 1))
  for (let f = 0; f < d; f++) {
    forecaster.scale[f]! *= ahead
    forecaster.cost[f]! *= ahead
  }
  return forecaster
}

/** Twice: the scale by which an error is clipped comes from errors. */
function runThrough(forecaster: RobustForecaster, columns: readonly Float64Array[], from: number, features: readonly FeatureDescriptor[]): void {
  const { model, scale } = forecaster
  const count = columns[0]!.length - from
  const errors = columns.map((column, f) => column.slice(from).map((y, i) => y - model.season[(i % model.period) * columns.length + f]! - model.level[f]! - model.trend[f]! * (i + 1)))
  const settle = (): void => errors.forEach((error, f) => {
    const size = Math.abs(model.level[f]!)
    const spread = robustSpread(clipLargest(error), count)
    scale[f] = features[f]!.scale === 'log' ? bentScale(spread) : linearScale(spread, size)
  })
  settle()
  const y = new Float64Array(columns.length)
  for (let i = 0; i < count; i++) {
    for (let f = 0; f < y.length; f++) {
      y[f] = columns[f]![from + i]!
      errors[f]![i] = y[f]! - model.forecast(f)
    }
    forecaster.learn(y, 1, 0, 'normal')
  }
  settle()
  errors.forEach((error, f) => {
    forecaster.cost[f] = error.reduce((sum, e) => sum + Math.min(Math.abs(e), costClip * scale[f]!), 0) / count
  })
}

/** The largest tenth is no larger than the next: where nothing else scatters, faults would be the scale. */
function clipLargest(errors: Float64Array): Float64Array {
  const bound = quantile(errors.map(Math.abs), errors.length, 0.9)
  return errors.map((error) => Math.max(-bound, Math.min(bound, error)))
}

/** Per vector: from the median of the first season to that of the last. */
function trendOf(column: Float64Array, period: number): number {
  const before = median(column.slice(0, period), period)
  const after = median(column.slice(column.length - period), period)
  return (after - before) / (column.length - period)
}
