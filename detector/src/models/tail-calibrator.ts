import { fitParetoTail } from '../threshold/generalized-pareto.ts'
import type { ParetoTail } from '../threshold/generalized-pareto.ts'
import { median } from './order-statistics.ts'
import { SortedRing } from './sorted-ring.ts'

/**
 * The probability that a normal vector has at a model's boundary, where the calibrated value is 1. An operator's budget is a
 * thousandth of normal windows flagged; a tail that was learned from a few hundred vectors is wrong by a factor of 2 to 3, so
 * the boundary is drawn that much further out. One device under one-minute windows then gives a false alarm in two days.
 */
export const boundaryProbability = 3e-4

/** ln p0. */
const logBoundary = Math.log(boundaryProbability)

/** Scores whose distribution is the body, */
const bodySize = 128
/** of which a quarter enters once there are enough: a fault's slow onset must not be a large part of it. */
function entersBody(learned: number): boolean {
  // Multiples of the golden ratio: evenly spread, and out of step with whatever repeats.
  return learned <= bodySize || Math.imul(learned, 0x9e3779b1) >>> 30 === 0
}
/** The share of the scores that is the tail; */
const tailShare = 0.1
/** the last so many of its excesses are what it is fitted to: those of about a thousand scores. */
const peaksKept = 100
/** Fewer scores say nothing of a tail. */
const leastForPeaks = 20
/** Peaks between two fits, once the ring is full. */
const refitEvery = 32

/** The body's own idea of the tail's scale counts as much as so many peaks, and the exponential as so many more. */
const priorPeaks = 4
const exponentialPeaks = 30
/** No tail ends: below 0 the shape says where the last thirty peaks ended, which is not where normal does. Above 0.6 it is more likely a fault among them. */
const leastShape = 0
const mostShape = 0.6
/** A peak counts up to so many times the typical one: of an exponential tail one in four thousand is beyond, */
const farPeak = 12
/** and of a vector that was judged anomalous no score beyond that enters. Less than 16 peaks have no median to speak of. */
const leastForMedian = 16

/** A score that was never seen to vary is taken to vary by this share of its size, and never by less than that. */
const leastShareOfSize = 1e-6
const defaultLeastScale = 1e-9

/** Numbers end here, so that differences do not overflow, and values there. */
const largestRaw = 1e100
const largestValue = 1e6

/** So many scores that were not seen lie where they were expected beforehand. */
const priorScores = 20
/**
 * Up to this value a score enters whole, whatever its vector's weight. Leaving most of what is just beyond the boundary out cuts
 * the tail off there: the next fit is shorter and the boundary sinks, to twice the false alarms (measured on exponential scores).
 */
const wholeUpTo = 1.25
/** Far scores of anomalous vectors stay out unless they go on: so many more of them than of others are the new normal. */
const longestBout = 192

/** A calibrator's whole state as plain data. */
export interface TailCalibratorState {
  body: Float64Array
  peaks: Float64Array
  /** nextPeak, sinceFit, learned, credit, bout, isInRun, meanExcess, shape, typicalPeak. */
  figures: Float64Array
}

const scratch = new Float64Array(peaksKept)

/**
 * Turns one model's raw scores into how rare they are: a tail probability p, and on the common scale of all models
 *
 *     value = ln p / ln p0          0: every normal vector scores as much;  1: one in 1/p0 does;  2: one in 1/p0^2
 *
 *     up to t     p = share of the body, 128 of the last 500 scores, that is as large, ln p straight between two of them
 *     beyond t    p = p(t) (1 + shape (raw - t)/scale)^(-1/shape),   t: the score that a tenth of them reach
 *     n scores    value = (n ln p / ln p0 + 20 prior)/(n + 20), from 20 scores on
 *
 * The tail is a generalised Pareto, fitted to the last 100 excesses over t every 32 peaks, drawn towards the exponential and
 * towards the body's own scale by how few they are. Of scores beyond t in a row only the largest is a peak: those of overlapping windows
 * repeat each other, and a drift's onset is one event. A weight below 1 is credit: with 0.1 every tenth score enters. An anomalous
 * vector's score that is 12 typical excesses beyond t does not enter at all, as 2 % of such would move the whole tail, until they
 * outnumber the others by 192.
 *
 * - assumes: higher is more anomalous; scores are alike over hundreds of vectors, and nine tenths of the first ones are normal.
 * - fails when: scores take a few fixed values only (between them p is interpolated); faults score within normal's largest
 *   tenth more than a tenth of the time.
 * - cost: under 0.1 microseconds a value, 0.4 a score learned with its share of the fits; 3 KiB, 1.9 KiB of it in a snapshot.
 * - guarantees: value and p rise and fall with raw, continuously; finite for every number; ties count exactly; a constant stream gives
 *   0 and anything beyond it more than 1; no chance; restored to the bit.
 * - reference: Pickands 1975, "Statistical inference using extreme order statistics"; Siffer et al. 2017 (SPOT); algorithms 4.1.
 */
export class TailCalibrator {
  private readonly body = new SortedRing(bodySize)
  private readonly peaks = new Float64Array(peaksKept)
  private filled = 0
  private nextPeak = 0
  private sinceFit = 0
  private learned = 0
  private credit = 0
  /** By how much the scores that were left out outnumber the others, of late. */
  private bout = 0
  /** Whether the last score was beyond t and entered. */
  private isInRun = false
  /** Of the last fit; all 0 before it. */
  private meanExcess = 0
  private shape = 0
  private typicalPeak = 0
  private readonly leastScale: number

  /** @param leastScale of a tail, in units of the score. Default: 1e-9, for scores of an unknown size. */
  constructor(leastScale = defaultLeastScale) {
    this.leastScale = leastScale
  }

  /** Scores learned. */
  get count(): number {
    return this.learned
  }

  /**
   * ln p of a score, as the scores learned say it: 0 or less, 0 while there are none.
   *
   * @param raw any number but NaN.
   */
  logTail(raw: number): number {
    const { body } = this
    if (body.count === 0) return 0
    const x = bounded(raw)
    const start = this.tailStart()
    if (x <= start) return body.logSurvival(x)
    return body.logSurvival(start) + logExcess(this.tail(start), x - start)
  }

  /** The probability that a normal vector scores as much or more, in (0, 1]. */
  probability(raw: number): number {
    return Math.max(Number.MIN_VALUE, Math.exp(this.logTail(raw)))
  }

  /**
   * How anomalous a score is on the common scale, from 0 to a million.
   *
   * @param prior what the value is until 20 scores were learned; then it goes away as 20/(n + 20). Default: 0, nothing is an anomaly yet.
   */
  value(raw: number, prior = 0): number {
    if (this.learned < leastForPeaks) return Math.min(largestValue, prior)
    const own = Math.min(largestValue, this.logTail(raw) / logBoundary)
    return (this.learned * own + priorScores * Math.min(largestValue, prior)) / (this.learned + priorScores)
  }

  /**
   * Learns a score.
   *
   * @param weight in (0, 1]: what its vector was learned with.
   * @param prior as for `value`.
   * @throws RangeError for NaN.
   */
  observe(raw: number, weight: number, prior = 0): void {
    if (Number.isNaN(raw)) throw new RangeError('a raw score is a number, not NaN')
    const x = bounded(raw)
    const start = this.tailStart()
    const goesOn = this.isInRun
    this.isInRun = false
    if (weight < 1 && this.learned >= leastForPeaks && x - start > farPeak * this.typicalPeak) {
      if (this.bout < longestBout) this.bout++
      if (this.bout < longestBout) return
    } else if (this.bout > 0) this.bout--
    const isWhole = this.learned >= leastForPeaks && Math.max(prior, this.value(x)) <= wholeUpTo
    this.credit += isWhole ? 1 : weight
    if (this.credit < 1) return
    this.credit -= 1
    this.learned++
    if (entersBody(this.learned) || this.bout > 0) this.body.push(x)
    if (this.learned === leastForPeaks) this.beginPeaks()
    else if (this.learned > leastForPeaks && x > start) this.addPeak(x - start, goesOn)
  }

  toState(): TailCalibratorState {
    const figures = Float64Array.of(this.nextPeak, this.sinceFit, this.learned, this.credit, this.bout, this.isInRun ? 1 : 0, this.meanExcess, this.shape, this.typicalPeak)
    return { body: this.body.toState(), peaks: this.peaks.slice(0, this.filled), figures }
  }

  /** Goes on from `toState`, to the bit. */
  static fromState({ body, peaks, figures }: TailCalibratorState, leastScale = defaultLeastScale): TailCalibrator {
    const calibrator = new TailCalibrator(leastScale)
    calibrator.body.load(body)
    calibrator.peaks.set(peaks)
    calibrator.filled = peaks.length
    const [nextPeak, sinceFit, learned, credit, bout, isInRun, meanExcess, shape, typicalPeak] = figures
    calibrator.nextPeak = nextPeak!
    calibrator.sinceFit = sinceFit!
    calibrator.learned = learned!
    calibrator.credit = credit!
    calibrator.bout = bout!
    calibrator.isInRun = isInRun === 1
    calibrator.meanExcess = meanExcess!
    calibrator.shape = shape!
    calibrator.typicalPeak = typicalPeak!
    return calibrator
  }

  /** t: the least score that at most a tenth of the body reaches; where more share the largest one, that. */
  private tailStart(): number {
    const { sorted, count } = this.body
    if (count === 0) return -largestRaw
    let place = count - Math.max(1, Math.floor(tailShare * count))
    while (place > 0 && place < count && sorted[place] === sorted[place - 1]) place++
    return sorted[Math.min(place, count - 1)]!
  }

  private tail(start: number): ParetoTail {
    tail.shape = this.shape
    const floor = this.leastScale + leastShareOfSize * Math.abs(start)
    tail.scale = Math.max(floor, (this.meanExcess > 0 ? this.meanExcess : this.bodyScale(start)) * (1 - this.shape))
    return tail
  }

  /** The scale of the exponential through the body's middle and t; through its least score where t is the middle. */
  private bodyScale(start: number): number {
    const { sorted, count } = this.body
    const middle = sorted[count >> 1]!
    const from = middle < start ? middle : sorted[0]!
    const fall = this.body.logSurvival(from) - this.body.logSurvival(start)
    return fall > 0 ? (start - from) / fall : 0
  }

  /** The first peaks are the body's own tail. */
  private beginPeaks(): void {
    const start = this.tailStart()
    const { sorted, count } = this.body
    for (let i = 0; i < count; i++) if (sorted[i]! > start) this.keepPeak(sorted[i]! - start)
    this.fit()
  }

  private addPeak(excess: number, goesOn: boolean): void {
    this.isInRun = true
    if (goesOn) {
      const last = (this.nextPeak + peaksKept - 1) % peaksKept
      this.peaks[last] = Math.max(this.peaks[last]!, excess)
      return
    }
    this.keepPeak(excess)
    this.sinceFit++
    if (this.sinceFit >= Math.min(refitEvery, this.filled >> 2)) this.fit()
  }

  private keepPeak(excess: number): void {
    this.peaks[this.nextPeak] = excess
    this.nextPeak = (this.nextPeak + 1) % peaksKept
    if (this.filled < peaksKept) this.filled++
  }

  private fit(): void {
    this.sinceFit = 0
    const { filled } = this
    const start = this.tailStart()
    const bodyScale = this.bodyScale(start)
    if (filled > 0) scratch.set(this.peaks.subarray(0, filled))
    const typical = filled < leastForMedian ? Math.LN2 * bodyScale : median(scratch, filled)
    this.typicalPeak = Math.max(typical, this.leastScale + leastShareOfSize * Math.abs(start))
    let sum = priorPeaks * bodyScale
    for (let i = 0; i < filled; i++) {
      scratch[i] = Math.min(scratch[i]!, farPeak * this.typicalPeak)
      sum += scratch[i]!
    }
    const shape = filled === 0 ? 0 : (fitParetoTail(scratch, filled).shape * filled) / (filled + exponentialPeaks)
    this.meanExcess = sum / (filled + priorPeaks)
    this.shape = Math.max(leastShape, Math.min(mostShape, shape))
  }
}

/** Filled in by each call. */
const tail: ParetoTail = { shape: 0, scale: 1 }

/** ln P(Y > y) of a tail without an end. */
function logExcess({ shape, scale }: ParetoTail, y: number): number {
  return shape < 1e-9 ? -y / scale : -Math.log1p((shape * y) / scale) / shape
}

function bounded(raw: number): number {
  return Math.max(-largestRaw, Math.min(largestRaw, raw))
}
