import { BentVector } from './bent-vector.ts'
import { checkVector, checkWeight } from './check-input.ts'
import type { FeatureDescriptor, Model, ModelFactory, ModelSnapshot, Score } from './model.ts'
import { checkRanges, withDefaults } from './parameters.ts'
import type { Given } from './parameters.ts'
import { readState } from './read-state.ts'
import { RobustForecaster } from './seasonal/robust-forecaster.ts'
import type { ForecasterState } from './seasonal/robust-forecaster.ts'
import { SeasonKeeper } from './seasonal/season-keeper.ts'
import type { SeasonState } from './seasonal/season-keeper.ts'
import { shareOut } from './share-out.ts'
import { fitWarmUp } from './warm-fit.ts'
import { WarmUp } from './warm-up.ts'

export interface SeasonalParameters {
  /** Vectors learned before the first score. */
  warmUp: number
  /** Vectors in a season; 0: found by autocorrelation, up to 1,440. */
  period: number
  /** Robust standard deviations of a one-step error that count as 1. */
  limit: number
}

const defaults: SeasonalParameters = { warmUp: 30, period: 0, limit: 5.5 }

const ranges: { readonly [K in keyof SeasonalParameters]: readonly [number, number] } = {
  warmUp: [1, 100_000],
  period: [0, 100_000],
  limit: [Number.MIN_VALUE, 1000],
}

const kind = 'seasonal'
const version = 1

/**
 * Additive Holt-Winters, feature by feature: what a vector should be, from level, trend and the same place in the last seasons.
 *
 *     e_f = y_f - (level_f + trend_f + season_f) ;   value = max_f |e_f| / scale_f / (limit doubt),  raw = max_f |e_f| / scale_f
 *
 * y = x, or the bent x of a `log` feature (feature-curve.ts). scale: the mean of clipped |e| as a normal's standard deviation, with the floors of
 * feature-floor.ts. doubt: 2 after few independent vectors, then towards 1. contributions: value in proportion to |e_f|/scale_f. expected: the forecast.
 *
 * From the warm-up on there is a forecast by level and trend alone. One with the season runs beside it as soon as a period is known (given, or found
 * in the past three seasons), and stands in for it, feature by feature, where its errors are larger by a quarter at most. So a feature without a season
 * does not suffer from one, and a series shorter than two seasons is judged by level and trend. A found season that helps no feature for three
 * seasons is dropped, and the search begins anew. With a given period the first season is only written down.
 *
 * - assumes: vectors at even steps. A window that is missing is not seen here: the season shifts by one place, errors grow where it is steep, and until
 *   it is learned anew (ten seasons) level and trend judge where they are better.
 *   What was anomalous is left out of the search unless it is three tenths of the past: faults at even intervals are no season, and a short burst
 *   once a day is one only where the period is given.
 * - fails when: the period is no whole number of vectors; a ramp is slower than a fifth of a scale per vector, so that it is followed; a fault lasts 200
 *   vectors: then it has become normal, which is meant. Of two seasons (day and week) it knows one: give the week's period where that matters.
 * - cost: O(features) a vector, 1.2 microseconds at 6 features; a search is O(n log n) over the past, some twenty times while the past grows, then every
 *   4,320 vectors: with it 2.6. 64 bytes a feature; with a season 48 more and 8 for each of its places (11.3 KiB a feature for 1,440); while one is
 *   searched for up to 236 KiB a key. Beyond 6 features the past is shorter and so is the longest period found: 10,080/(features + 1).
 * - guarantees: chance decides nothing but when a search is made (by the seed, so that keys do not search all at once); what was anomalous is learned
 *   with its weight and clipped to two scales.
 * - reference: Winters 1960, Management Science 6:324; Gelper, Fried and Croux 2010, J. Forecasting 29:285 (clipped errors); algorithms 4.3.
 */
export function seasonal(given: Given<SeasonalParameters> = {}): ModelFactory {
  const parameters = withDefaults(defaults, given)
  checkRanges(kind, parameters, ranges)
  if (parameters.period === 1) throw new RangeError(`${kind}: period is 1, which is no season: 2 to 100000, or 0 to have it found`)
  return {
    kind,
    create: (features, seed) => new Seasonal(features, parameters, seed),
    restore: (features, snapshot) => Seasonal.fromState(features, parameters, readState<State>(snapshot, kind, version)),
  }
}

/** A vector teaches in full up to half of the boundary, beyond it as (this/value^2)^2: the onset of a fault is noticed before it is learned. */
const fullyTaught = 0.25
/** How much wider the boundary is for what the scale may be wrong by, over the independent vectors. */
const doubt = 5
/** From here on more vectors do not matter. */
const mostIndependent = 1e6
/** Anomalous vectors, less the normal ones between them, after which they are what is normal now. */
const longestBout = 200
/** Scales learn in full from this many vectors of a bout, for it may be the scale that is wrong. */
const boutHeard = 20
/** Deviations end here, so that no score is infinite or NaN. */
const farthest = 1e9

interface State {
  warmUp: Float64Array | null
  learned: number
  seed: number
  independence: number
  independent: number
  bout: number
  curves: Float64Array | null
  plain: ForecasterState | null
  season: SeasonState | null
}

/** What is there once the model is warm. */
interface Running {
  curves: BentVector
  plain: RobustForecaster
  season: SeasonKeeper
}

let point: Float64Array = new Float64Array(0)
let deviations: Float64Array = new Float64Array(0)

class Seasonal implements Model {
  private readonly features: readonly FeatureDescriptor[]
  private readonly parameters: SeasonalParameters
  private readonly seed: number
  private warmUp: WarmUp | undefined
  private running: Running | undefined
  /** Independent vectors that the scales rest on, capped where more do not matter. */
  private independent = 0
  private independence = 1
  private bout = 0

  constructor(features: readonly FeatureDescriptor[], parameters: SeasonalParameters, seed: number) {
    this.features = features
    this.parameters = parameters
    this.seed = seed
    this.warmUp = new WarmUp(features.length, parameters.warmUp)
  }

  isReady(): boolean {
    return this.running !== undefined
  }

  progress(): { learned: number; needed: number } {
    const needed = this.parameters.warmUp
    return { learned: this.warmUp?.learned ?? needed, needed }
  }

  score(x: Float64Array): Score | undefined {
    const d = this.features.length
    checkVector(x, d)
    const { running } = this
    if (running === undefined) return undefined
    const raw = this.deviate(running, x)
    const value = raw / this.boundary()
    const expected = new Float64Array(d)
    for (let f = 0; f < d; f++) expected[f] = running.curves.unbend(f, running.season.choose(f, running.plain).model.forecast(f))
    return { value, raw, contributions: shareOut(value, deviations), expected }
  }

  learn(x: Float64Array, weight: number): void {
    checkVector(x, this.features.length)
    checkWeight(weight)
    if (this.running === undefined) this.prepare(x)
    else this.follow(this.running, x, weight)
  }

  snapshot(): ModelSnapshot {
    const { warmUp, running, independence, independent, bout } = this
    const state: State = {
      warmUp: warmUp?.toState() ?? null,
      learned: warmUp?.learned ?? this.parameters.warmUp,
      seed: this.seed,
      independence,
      independent,
      bout,
      curves: running?.curves.toState() ?? null,
      plain: running?.plain.toState() ?? null,
      season: running?.season.toState() ?? null,
    }
    return { kind, version, state }
  }

  static fromState(features: readonly FeatureDescriptor[], parameters: SeasonalParameters, state: State): Seasonal {
    const model = new Seasonal(features, parameters, state.seed)
    if (state.warmUp !== null) model.warmUp!.load(state.warmUp, state.learned)
    model.independence = state.independence
    model.independent = state.independent
    model.bout = state.bout
    if (state.curves === null || state.plain === null || state.season === null) return model
    const curves = BentVector.fromState(state.curves)
    model.running = { curves, plain: RobustForecaster.fromState(curves, state.plain), season: SeasonKeeper.fromState(features, curves, parameters.period, state.season) }
    model.warmUp = undefined
    return model
  }

  /** Warm-up; its last vector makes level, trend and scale. */
  private prepare(x: Float64Array): void {
    const warmUp = this.warmUp!
    warmUp.add(x)
    if (!warmUp.isComplete()) return
    const rows = warmUp.inOrder()
    const curves = BentVector.choose(this.features, rows, warmUp.kept)
    const start = fitWarmUp(this.features, curves, rows, warmUp.kept)
    this.independence = start.independence
    this.independent = warmUp.kept * start.independence
    this.running = { curves, plain: RobustForecaster.fromWarmUp(curves, start, warmUp.kept), season: new SeasonKeeper(this.features, curves, this.parameters.period, this.seed) }
    this.warmUp = undefined
  }

  private follow({ curves, plain, season }: Running, x: Float64Array, weight: number): void {
    const value = this.deviate({ curves, plain, season }, x) / this.boundary()
    const isAnomalous = value > 1
    this.independent = Math.min(mostIndependent, this.independent + weight * this.independence)
    this.countBout(isAnomalous)
    const y = point
    if (this.bout > 0) {
      plain.note(y, this.bout)
      season.note(y, this.bout)
    }
    const taught = isAnomalous ? weight : weight * Math.min(1, (fullyTaught / (value * value)) ** 2)
    const scaleTaught = this.bout === 0 ? 1 : this.bout <= boutHeard ? 0.3 : weight
    const verdict = !isAnomalous ? 'normal' : this.isAsBefore({ curves, plain, season }, y) ? 'outOfSeason' : 'anomalous'
    season.learn(x, y, plain, taught, scaleTaught, verdict)
    plain.learn(y, taught, scaleTaught, isAnomalous ? 'anomalous' : 'normal')
    if (this.bout < longestBout) return
    plain.adopt()
    season.adopt()
    this.bout = 0
  }

  /** A bout of anomalies goes on while most vectors are anomalous. */
  private countBout(isAnomalous: boolean): void {
    if (isAnomalous) this.bout++
    else if (this.bout > 0 && --this.bout === 0) {
      this.running!.plain.forgetBout()
      this.running!.season.forgetBout()
    }
  }

  /** Whether level and trend alone come as near to the vector as whichever forecaster is asked should. */
  private isAsBefore({ plain, season }: Running, y: Float64Array): boolean {
    const boundary = this.boundary()
    return y.every((value, f) => Math.abs(value - plain.model.forecast(f)) <= boundary * season.choose(f, plain).scale[f]!)
  }

  /** The deviation that counts as 1, in scales. */
  private boundary(): number {
    return this.parameters.limit * (1 + doubt / this.independent)
  }

  /** |error|/scale of each feature into `deviations`, and the vector on its curves into `point`. @returns the largest. */
  private deviate({ curves, plain, season }: Running, x: Float64Array): number {
    const d = x.length
    if (point.length !== d) {
      point = new Float64Array(d)
      deviations = new Float64Array(d)
    }
    let largest = 0
    for (let f = 0; f < d; f++) {
      const y = curves.bend(f, x[f]!)
      const forecaster = season.choose(f, plain)
      const deviation = Math.min(farthest, Math.abs(y - forecaster.model.forecast(f)) / forecaster.scale[f]!)
      point[f] = y
      deviations[f] = deviation
      if (deviation > largest) largest = deviation
    }
    return largest
  }
}
