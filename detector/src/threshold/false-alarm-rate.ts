import { checkScore } from './check-score.ts'
import { checkSnapshot } from './check-snapshot.ts'
import { fitParetoTail, tailQuantile, type ParetoTail } from './generalized-pareto.ts'
import { RecentScores, type RecentScoresState, type Tail } from './recent-scores.ts'
import type { Threshold, ThresholdFactory, ThresholdSnapshot } from './threshold.ts'

const kind = 'falseAlarmRate'
const version = 2

/** The model's own boundary: judges until enough scores are known. */
const ownBoundary = 1

/** A generation of scores has so many alarms, */
const alarmsKept = 20
/** or so many scores, if that is more. */
const leastKept = 20_000
/** t stays while the share of scores above it is between a half and twice of what it should be. */
const mostOff = 2
/** Peaks between two fits, as a share of them: less changes next to nothing, and a fit is what costs. */
const refitShare = 1 / 32

/**
 * Far below 0 the shape says where the last peaks ended, which is not where normal does. A little below some models' scores end:
 * discord's, where nothing rarer than its past can be known. Above 0.5 it is more likely faults among them.
 */
const defaultLeastShape = -0.15
const mostShape = 0.5

/** Scores enter up to so many typical excesses beyond t, */
const farExcess = 12
/** an excess being typical that one in e has: between the t of so many times the tail and t itself. */
const bulk = 5

/** By how much an alarm lowers the logarithm of the rate that is aimed at. */
const defaultGain = 0.05
/** It never goes further from the rate that was asked for: 2.7 times. */
const mostCorrection = 1

export interface SpotOptions {
  /** The quantile of the scores above which the tail begins. Default: 0.98, or 1 - 4 rate if that is less. */
  level?: number
  /** Scores taken before the first fit. Default: 1000, or fewer at a level below 0.8. */
  calibration?: number
  /** How fast the rate that comes out is led to the one asked for; 0: the fit alone, as in the paper. Default: 0.05. */
  gain?: number
  /** Least shape of a fitted tail that is believed; below 0 tails end. The paper has none. Default: -0.15. */
  leastShape?: number
}

interface Settings extends Required<SpotOptions> {
  rate: number
}

/**
 * The mode `falseAlarmRate`: the score that normal vectors exceed with this probability, from the tail of the scores
 * seen of late (SPOT, a peaks-over-threshold fit that goes on for ever).
 *
 *     z = t + (scale/shape) ((e^-c rate n/peaks)^(-shape) - 1)        t: about 2 % of the last 20,000 to 40,000 scores are above
 *     score > z: alarm, c + gain ;   every score: c - gain rate ;   far beyond z: neither, and not learned
 *
 * For the first `calibration` scores the limit is 1, the model's own boundary, and all of them are taken: excluding what
 * lies above 1 would keep the limit at 1 for ever where a model is wrong about itself.
 *
 * Two things that the paper has not. **t moves** when less than 1 % or more than 4 % of the scores are above it: the first thousand
 * are those of young models, and a t taken from them had between 0.07 and 19 % of the later ones above it. **c** leads the share of alarms to what was asked for (adaptive conformal inference), as no fit is right about
 * overlapping windows, whose scores repeat each other, or about models that learn.
 *
 * Which scores stay out: those 12 typical excesses beyond t. Keeping all alarms out, as the paper does, cuts the tail off at z: the next fit is
 * shorter, z sinks and more is cut off, until the rate is ten times what was asked for. So does leaving out by a fit that says where the tail ends.
 *
 * - assumes: scores are alike over tens of thousands of vectors, and less than 2 % of the first ones are faults.
 * - fails when: scores come in a few fixed values (a tail of ties has no shape); rate x scores < 1: nothing to learn it from; more than a
 *   hundredth of the vectors are faults just beyond the limit: then some of them are taken for normal's tail.
 * - cost: a logarithm a score; at 2 % of the scores a peak, and once a thirty-second of the peaks is new a fit of 200 of them, about 0.3 ms. 24 KiB for a partition.
 * - guarantees: the limit is above t; bounded memory; no chance; restored to the bit.
 * - reference: Siffer, Fouque, Termier, Largouet 2017, "Anomaly detection in streams with extreme value theory", KDD; algorithms 4.1. Gibbs and
 *   Candes 2021, "Adaptive conformal inference under distribution shift", NeurIPS.
 *
 * @param rate in (0, 0.1].
 */
export function falseAlarmRate(rate: number, options: SpotOptions = {}): ThresholdFactory {
  if (!(rate > 0 && rate <= 0.1)) throw new RangeError(`a false-alarm rate is in (0, 0.1], not ${rate}`)
  const level = options.level ?? Math.min(0.98, 1 - 4 * rate)
  const calibration = options.calibration ?? Math.min(1000, Math.floor(200 / (1 - level) - 1))
  const settings: Settings = { rate, level, calibration, gain: options.gain ?? defaultGain, leastShape: options.leastShape ?? defaultLeastShape }
  return {
    kind,
    create: () => new SpotThreshold(settings),
    restore: (snapshot) => {
      checkSnapshot(snapshot, kind, version)
      return SpotThreshold.fromState(settings, snapshot.state as State)
    },
  }
}

/** A fitted tail, and what follows from it. */
interface Fit {
  tail: Tail
  pareto: ParetoTail
  /** Of the scores, those above the tail's start. */
  share: number
  /** Scores beyond are not learned. */
  farthest: number
}

interface State {
  scores: RecentScoresState
  fit: Fit | null
  sinceFit: number
  correction: number
  limit: number
}

class SpotThreshold implements Threshold {
  private readonly settings: Settings
  private readonly scores: RecentScores
  /** Undefined during calibration, and where all scores are equal: there is no tail to speak of. */
  private fit: Fit | undefined
  private sinceFit = 0
  /** c of the formulas. */
  private correction = 0
  private current = ownBoundary

  constructor(settings: Settings) {
    this.settings = settings
    this.scores = new RecentScores(settings.calibration, Math.max(leastKept, Math.ceil(alarmsKept / settings.rate)))
  }

  limit(): number {
    return this.current
  }

  observe(score: number): void {
    checkScore(score)
    const { fit, settings } = this
    if (fit !== undefined && score > fit.farthest) return
    const bin = this.scores.add(score)
    if (fit === undefined) {
      if (this.scores.count >= settings.calibration && this.scores.count % settings.calibration === 0) this.refit()
      return
    }
    this.correct(fit, score > this.current)
    if (bin > fit.tail.bin && ++this.sinceFit >= Math.floor(refitShare * fit.tail.above)) this.refit()
  }

  snapshot(): ThresholdSnapshot {
    const { fit, sinceFit, correction, current } = this
    const state: State = { scores: this.scores.toState(), fit: fit ?? null, sinceFit, correction, limit: current }
    return { kind, version, state }
  }

  static fromState(settings: Settings, state: State): SpotThreshold {
    const threshold = new SpotThreshold(settings)
    threshold.scores.load(state.scores)
    threshold.fit = state.fit ?? undefined
    threshold.sinceFit = state.sinceFit
    threshold.correction = state.correction
    threshold.current = state.limit
    return threshold
  }

  private correct(fit: Fit, isAlarm: boolean): void {
    const { gain, rate } = this.settings
    this.correction = Math.max(-mostCorrection, Math.min(mostCorrection, this.correction + gain * ((isAlarm ? 1 : 0) - rate)))
    // Between alarms it falls so slowly that the next fit is early enough.
    if (isAlarm) this.current = this.limitOf(fit)
  }

  private refit(): void {
    this.sinceFit = 0
    const share = 1 - this.settings.level
    const tail = this.findTail(share)
    if (tail.above === 0) {
      this.fit = undefined
      this.current = Math.max(ownBoundary, tail.start)
      return
    }
    const excesses = this.scores.excessesOf(tail)
    const mean = excesses.reduce((sum, excess) => sum + excess, 0) / excesses.length
    const wide = this.scores.tailOf(bulk * share)
    const typical = wide.start < tail.start ? (tail.start - wide.start) / Math.log(wide.above / tail.above) : mean
    const pareto = boundShape(fitParetoTail(excesses, excesses.length), mean, this.settings.leastShape)
    this.fit = { tail, pareto, share: tail.above / this.scores.count, farthest: Infinity }
    this.current = this.limitOf(this.fit)
    this.fit.farthest = Math.max(this.current, tail.start + farExcess * typical)
  }

  /** From the same t as before where it still is one. */
  private findTail(share: number): Tail {
    if (this.fit === undefined) return this.scores.tailOf(share)
    const tail = this.scores.tailFrom(this.fit.tail.bin)
    const off = tail.above / (share * this.scores.count)
    return off > 1 / mostOff && off < mostOff ? tail : this.scores.tailOf(share)
  }

  private limitOf({ tail, pareto, share }: Fit): number {
    const aimedAt = this.settings.rate * Math.exp(-this.correction)
    return tail.start + tailQuantile(pareto, Math.min(1, aimedAt / share))
  }
}

/** A tail whose shape is not to be believed has the mean of its peaks and the nearest shape that is. */
function boundShape(tail: ParetoTail, mean: number, least: number): ParetoTail {
  const shape = Math.max(least, Math.min(mostShape, tail.shape))
  return shape === tail.shape ? tail : { shape, scale: mean * (1 - shape) }
}
