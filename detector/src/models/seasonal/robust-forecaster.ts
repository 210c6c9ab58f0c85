import type { BentVector } from '../bent-vector.ts'
import { leastBentScale, leastLinearScale } from '../feature-floor.ts'
import { HoltWinters } from './holt-winters.ts'
import type { WarmFit } from '../warm-fit.ts'

/** Of an error: to the level at most (a memory of 25 vectors), to the trend (level and trend follow a bend without swinging: damping 0.8), to the season. */
const levelGain = 0.04
const trendGain = 0.00064
const seasonGain = 0.1
/** To a season's place that is wrong all by itself. */
const healing = 0.5
/** After so many seasons it is no longer the season that is wrong. */
const healedUntil = 7
/** An error counts up to so many scales in level and season, and in the trend: a fault is noticed before it is followed. */
const levelClip = 2
const trendClip = 1
/** The steepest trend that is followed, in scales per vector: a day's season in minutes is below, a fault's ramp above. */
const steepest = 0.2
/** What is left of the trend after each vector that was anomalous: an old trend is no longer news. */
const unheardTrend = 0.99
/** The scale is the mean absolute error with what is beyond so many scales clipped, over that mean for a normal. */
const scaleClip = 2.5
const meanOfClipped = 0.7939
/** Vectors in the memory of the scale: those seen, within bounds. */
const scaleMemory = { least: 30, most: 200 }
/** An error under this share of the scale says nothing of what scatter would be normal: a sensor at rest, one that rounds. */
const still = 0.01
/** In what forecasts cost, an error counts up to so many scales. */
export const costClip = 10
/** Vectors in the memory of a bout of anomalies. */
const boutMemory = 25
/** No scale is beyond it. */
const largest = 1e200

/** What a vector was found to be, before it is learned. */
export type Verdict = 'normal' | 'outOfSeason' | 'anomalous'

export interface ForecasterState {
  /** Level, trend, scale, cost, shift and scatter of each feature, in blocks; then the season. */
  cells: Float64Array
  phase: number
  cycles: number
  seen: number
}

/**
 * Holt-Winters that outliers do not drag, with the scale of its one-step errors. An error teaches with a weight, and clipped; a scale grows by
 * two in a hundred for a vector at most. During a bout of anomalous vectors it remembers where they lie, should they be here to stay.
 */
export class RobustForecaster {
  readonly model: HoltWinters
  /** Of one-step errors, as the standard deviation of a normal; above 0. */
  readonly scale: Float64Array
  /** Mean absolute error, of anomalous vectors too: what tells a good forecaster from one that takes most for anomalous. */
  readonly cost: Float64Array
  /** Vectors learned since there is a forecast for each. */
  seen = 0
  private readonly curves: BentVector
  /** Mean error and its mean absolute deviation during a bout. */
  private readonly shift: Float64Array
  private readonly scatter: Float64Array

  constructor(curves: BentVector, period: number) {
    const d = curves.dimension
    this.curves = curves
    this.model = new HoltWinters(d, period)
    this.scale = new Float64Array(d)
    this.cost = new Float64Array(d)
    this.shift = new Float64Array(d)
    this.scatter = new Float64Array(d)
  }

  /** Level, trend and scale as the warm-up showed them, in so many vectors. */
  static fromWarmUp(curves: BentVector, { lines }: WarmFit, vectors: number): RobustForecaster {
    const forecaster = new RobustForecaster(curves, 0)
    forecaster.seen = vectors
    lines.forEach(({ level, trend, scale }, f) => {
      forecaster.model.level[f] = level
      forecaster.model.trend[f] = clipTo(trend, steepest * scale)
      forecaster.scale[f] = scale
      forecaster.cost[f] = scale * meanOfClipped
    })
    return forecaster
  }

  /**
   * @param y the vector on its curves.
   * @param weight in [0, 1]: how much of it level, trend and season learn; the scale does by `scaleWeight`.
   * @param verdict `anomalous`: outside of normal. `outOfSeason`: only by the season, so that it may be the season that is wrong there, from a fault
   *   when it was written down: in its first seasons half of the error is taken off.
   */
  learn(y: Float64Array, weight: number, scaleWeight: number, verdict: Verdict): void {
    const { model, scale } = this
    this.seen++
    const memory = Math.max(scaleMemory.least, Math.min(scaleMemory.most, this.seen))
    const bySeason = Math.max(seasonGain, 1 / (model.cycles + 1))
    for (let f = 0; f < y.length; f++) {
      const forecast = model.forecast(f)
      const error = y[f]! - forecast
      const s = scale[f]!
      const counted = weight * clipTo(error, levelClip * s)
      const trend = model.trend[f]!
      const nextTrend = verdict === 'anomalous' ? trend * unheardTrend : clipTo(trend + weight * trendGain * clipTo(error, trendClip * s), steepest * s)
      model.correct(f, levelGain * counted, nextTrend - trend, verdict === 'outOfSeason' && model.cycles < healedUntil ? healing * clipTo(error, largest) : bySeason * counted)
      const size = Math.abs(error)
      this.cost[f]! += (Math.min(size, costClip * s) - this.cost[f]!) / memory
      if (size <= still * s) continue
      const next = s + (scaleWeight / memory) * (Math.min(size, scaleClip * s) / meanOfClipped - s)
      scale[f] = Math.min(largest, Math.max(next, this.leastScale(f, forecast)))
    }
    model.advance()
  }

  /** The first season: what is seen is written down as it is, over a level that stands still. */
  record(y: Float64Array): void {
    const { model } = this
    for (let f = 0; f < y.length; f++) model.correct(f, 0, 0, y[f]! - model.forecast(f))
    model.advance()
    if (model.cycles === 1) model.centre()
  }

  /** Notes an anomalous vector of a bout, before it is learned. @param length of the bout, this one included. */
  note(y: Float64Array, length: number): void {
    const gain = 1 / Math.min(length, boutMemory)
    for (let f = 0; f < y.length; f++) {
      const error = y[f]! - this.model.forecast(f)
      if (length === 1) this.scatter[f] = this.scale[f]! * meanOfClipped
      else this.scatter[f]! += gain * (Math.abs(error - this.shift[f]!) - this.scatter[f]!)
      this.shift[f]! += gain * (error - this.shift[f]!)
    }
  }

  forgetBout(): void {
    this.shift.fill(0)
    this.scatter.fill(0)
  }

  /** Takes the bout for normal: the level goes there, the scale is at least its scatter. */
  adopt(): void {
    for (let f = 0; f < this.scale.length; f++) {
      this.model.level[f] = clipTo(this.model.level[f]! + this.shift[f]!, largest)
      this.model.trend[f] = 0
      this.scale[f] = Math.min(largest, Math.max(this.scale[f]!, this.scatter[f]! / meanOfClipped))
    }
    this.forgetBout()
  }

  toState(): ForecasterState {
    const { model, scale, cost, shift, scatter, seen } = this
    const d = scale.length
    const cells = new Float64Array(6 * d + model.season.length)
    for (const [block, values] of [model.level, model.trend, scale, cost, shift, scatter, model.season].entries()) cells.set(values, block * d)
    return { cells, phase: model.phase, cycles: model.cycles, seen }
  }

  static fromState(curves: BentVector, { cells, phase, cycles, seen }: ForecasterState): RobustForecaster {
    const d = curves.dimension
    const forecaster = new RobustForecaster(curves, cells.length / d - 6)
    const { model, scale, cost, shift, scatter } = forecaster
    for (const [block, values] of [model.level, model.trend, scale, cost, shift, scatter, model.season].entries()) {
      values.set(cells.subarray(block * d, block * d + values.length))
    }
    model.phase = phase
    model.cycles = cycles
    forecaster.seen = seen
    return forecaster
  }

  private leastScale(f: number, forecast: number): number {
    return this.curves.isBent(f) ? leastBentScale : leastLinearScale(Math.abs(forecast))
  }
}

function clipTo(value: number, bound: number): number {
  return value > bound ? bound : value < -bound ? -bound : value
}
