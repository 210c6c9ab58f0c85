import { checkScore } from './check-score.ts'
import { checkSnapshot } from './check-snapshot.ts'
import { fitParetoTail, tailQuantile } from './generalized-pareto.ts'
import type { Threshold, ThresholdFactory, ThresholdSnapshot } from './threshold.ts'

const kind = 'falseAlarmRate'
const version = 1

/** The model's own boundary: judges until enough scores are known. */
const ownBoundary = 1

/** Scores above the initial threshold that the tail is fitted to; older ones are forgotten. */
const peaksKept = 200
const refitEvery = 8

/** Scores end here, so that differences of two are numbers. */
const largest = 1e100

export interface SpotOptions {
  /** The quantile of the first scores above which the tail begins. Default: 0.98, or 1 - 4 rate if that is less. */
  level?: number
  /** Scores taken before the first fit. Default: 1000, or fewer at a level below 0.8. */
  calibration?: number
}

interface Settings {
  rate: number
  level: number
  calibration: number
}

/**
 * The mode `falseAlarmRate`: the score that normal vectors exceed with this probability, from the tail of the scores
 * seen so far (SPOT, a peaks-over-threshold fit that goes on for ever).
 *
 *     z = t + (scale/shape) ((rate n/peaks)^(-shape) - 1)
 *     score > z: alarm ;   t < score: a peak, fitted again, unless far beyond z ;   else: one more score
 *
 * For the first `calibration` scores the limit is 1, the model's own boundary, and all of them are taken: excluding what
 * lies above 1 would keep the limit at 1 for ever where a model is wrong about itself.
 *
 * Which alarms stay out: those beyond the score that is a thousand times rarer than z. Keeping all of them out, as the
 * paper does, cuts the tail off at z: the next fit is shorter, z sinks and more is cut off, until the rate is ten times
 * (at 1e-4 sixty times) what was asked for, measured on exponential scores with a ring of 200 peaks. Faults are farther
 * away than that and do not count; a normal stream hardly ever is.
 *
 * - assumes: scores are alike over thousands of vectors, and less than 2 % of the first ones are faults.
 * - fails when: scores come in a few fixed values (a tail of ties has no shape); rate x scores < 1: nothing to learn it from.
 * - cost: a comparison a score; at 2 % of the scores a peak, and at an eighth of these a fit of 200 peaks, about 0.3 ms. 1.7 KiB.
 * - guarantees: the limit is above t; bounded memory; restored to the bit.
 * - reference: Siffer, Fouque, Termier, Largouet 2017, "Anomaly detection in streams with extreme value theory", KDD;
 *   algorithms 4.1.
 *
 * @param rate in (0, 0.1].
 */
export function falseAlarmRate(rate: number, options: SpotOptions = {}): ThresholdFactory {
  if (!(rate > 0 && rate <= 0.1)) throw new RangeError(`a false-alarm rate is in (0, 0.1], not ${rate}`)
  const level = options.level ?? Math.min(0.98, 1 - 4 * rate)
  const calibration = options.calibration ?? Math.min(1000, Math.floor(peaksKept / (1 - level) - 1))
  const settings: Settings = { rate, level, calibration }
  return {
    kind,
    create: () => new SpotThreshold(settings),
    restore: (snapshot) => {
      checkSnapshot(snapshot, kind, version)
      return SpotThreshold.fromState(settings, snapshot.state as State)
    },
  }
}

interface State {
  values: number[]
  next: number
  scores: number
  peaks: number
  start: number | null
  limit: number
  censor: number
}

class SpotThreshold implements Threshold {
  private readonly settings: Settings
  /** During calibration the largest scores in rising order, then the ring of peaks over `start`. */
  private values: Float64Array
  private filled = 0
  private next = 0
  /** n and Nt of the formulas. */
  private scores = 0
  private peaks = 0
  /** t; undefined during calibration. */
  private start: number | undefined
  private current = ownBoundary
  private censor = Infinity

  constructor(settings: Settings) {
    this.settings = settings
    this.values = new Float64Array(topCount(settings))
  }

  limit(): number {
    return this.current
  }

  observe(score: number): void {
    checkScore(score)
    const bounded = Math.min(score, largest)
    if (this.start === undefined) {
      this.calibrate(bounded)
      return
    }
    if (bounded > this.censor) return
    this.scores++
    if (bounded <= this.start) return
    this.addPeak(bounded - this.start)
    // One peak in a full ring changes next to nothing, and a fit is what costs.
    if (this.filled < peaksKept || this.peaks % refitEvery === 0) this.fit(this.start)
  }

  snapshot(): ThresholdSnapshot {
    const state: State = {
      values: Array.from(this.values.subarray(0, this.filled)),
      next: this.next,
      scores: this.scores,
      peaks: this.peaks,
      start: this.start ?? null,
      limit: this.current,
      // JSON has no infinity; before the first fit there is nothing to censor.
      censor: Number.isFinite(this.censor) ? this.censor : -1,
    }
    return { kind, version, state }
  }

  static fromState(settings: Settings, state: State): SpotThreshold {
    const threshold = new SpotThreshold(settings)
    if (state.start !== null) {
      threshold.start = state.start
      threshold.values = new Float64Array(peaksKept)
    }
    threshold.values.set(state.values)
    threshold.filled = state.values.length
    threshold.next = state.next
    threshold.scores = state.scores
    threshold.peaks = state.peaks
    threshold.current = state.limit
    threshold.censor = state.censor === -1 ? Infinity : state.censor
    return threshold
  }

  /** Keeps the largest scores; with the last one the lowest of them is t and the others are the first peaks. */
  private calibrate(score: number): void {
    const { values } = this
    this.scores++
    if (this.filled < values.length || score > values[0]!) {
      let place = this.filled < values.length ? this.filled++ : this.dropLeast()
      while (place > 0 && values[place - 1]! > score) values[place] = values[--place]!
      values[place] = score
    }
    if (this.scores < this.settings.calibration) return
    const top = values.slice(0, this.filled)
    const start = top[0]!
    this.start = start
    this.values = new Float64Array(peaksKept)
    this.filled = 0
    // The most extreme last, so that the ring forgets it last.
    for (let i = 1; i < top.length; i++) if (top[i]! > start) this.addPeak(top[i]! - start)
    this.fit(start)
  }

  /** Moves all but the least down by one; returns the free last place. */
  private dropLeast(): number {
    this.values.copyWithin(0, 1)
    return this.values.length - 1
  }

  private addPeak(excess: number): void {
    this.values[this.next] = excess
    this.next = (this.next + 1) % peaksKept
    if (this.filled < peaksKept) this.filled++
    this.peaks++
  }

  private fit(start: number): void {
    // All scores equal: no tail to speak of.
    if (this.filled === 0) {
      this.current = Math.max(ownBoundary, start)
      return
    }
    const tail = fitParetoTail(this.values, this.filled)
    const p = Math.min(1, (this.settings.rate * this.scores) / this.peaks)
    this.current = start + tailQuantile(tail, p)
    this.censor = start + tailQuantile(tail, p / censoredShare)
  }
}

/** Alarms are learned up to the score that is this many times rarer than the limit. */
const censoredShare = 1000

/** The largest of the calibration's scores that have to be kept: the peaks, and t below them. */
function topCount({ level, calibration }: Settings): number {
  return Math.min(peaksKept, Math.floor((1 - level) * calibration)) + 1
}
