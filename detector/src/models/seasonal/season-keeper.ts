import { mulberry32 } from '@tidewatch/kit'
import type { BentVector } from '../bent-vector.ts'
import type { FeatureDescriptor } from '../model.ts'
import { PastVectors } from './past-vectors.ts'
import type { PastState } from './past-vectors.ts'
import { findPeriod } from './period-search.ts'
import { RobustForecaster } from './robust-forecaster.ts'
import type { ForecasterState, Verdict } from './robust-forecaster.ts'
import { startSeason } from './season-start.ts'

/** The season is believed where its errors are at most this much larger: it reaches further back than a level that follows all there is. */
const worthKeeping = 1.25
/** A season that was found is tried where it is not worse than this for some feature: it was seen three times only. */
const worthTrying = 1.6
/** A found season is searched for again until it was seen so often. */
const seasonsToSettle = 8
/** Errors that a season is judged by, or one season's where that is shorter. */
const trial = 50
/** Seasons in which a found one helped nobody, before it is dropped. */
const longestUseless = 3
/** The first search, in vectors; the next ones when the past has grown by a quarter, about; later in parts of its capacity. */
const firstSearch = 60
const growth = 1.25
const laterShare = 1

export interface SeasonState {
  /** The past until a season has been found and proved. */
  past: PastState | null
  forecaster: ForecasterState | null
  seed: number
  searches: number
  /** Vectors until the next search. */
  due: number
  useless: number
  isBridged: boolean
}

/**
 * One key's season: searched in its past, or given; then learned by a forecaster of its own, which is asked where it is good.
 *
 *     searching --found--> learned --helps no feature for three seasons--> searching
 *     given ---------------> learned
 */
export class SeasonKeeper {
  private readonly features: readonly FeatureDescriptor[]
  private readonly curves: BentVector
  private readonly isGiven: boolean
  private readonly seed: number
  private past: PastVectors | undefined
  private forecaster: RobustForecaster | undefined
  private searches = 0
  private due: number
  private useless = 0
  /** Whether what was anomalous is left out of the past: not once a season was found in it. */
  private isBridged = true

  /** @param period 0: to be found.  @param seed decides when is searched. */
  constructor(features: readonly FeatureDescriptor[], curves: BentVector, period: number, seed: number) {
    this.features = features
    this.curves = curves
    this.isGiven = period > 0
    this.seed = seed
    this.due = Math.round(firstSearch * this.spread())
    if (this.isGiven) this.forecaster = new RobustForecaster(curves, period)
    else this.past = new PastVectors(curves.dimension)
  }

  /** Vectors in the season; 0 while none is known. */
  get period(): number {
    return this.forecaster?.model.period ?? 0
  }

  /** The forecaster of feature f: the season's where it is known and good, else the one given. */
  choose(f: number, plain: RobustForecaster): RobustForecaster {
    const { forecaster } = this
    if (forecaster === undefined || forecaster.seen < Math.min(trial, forecaster.model.period)) return plain
    return forecaster.cost[f]! <= worthKeeping * plain.cost[f]! ? forecaster : plain
  }

  /**
   * Learns a vector, before `plain` does.
   *
   * @param x as it came.  @param y on its curves.  @param plain the forecaster without a season.
   */
  learn(x: Float64Array, y: Float64Array, plain: RobustForecaster, weight: number, scaleWeight: number, verdict: Verdict): void {
    const { forecaster } = this
    if (forecaster !== undefined && forecaster.model.cycles === 0) this.record(forecaster, y, plain)
    else if (forecaster !== undefined) this.follow(forecaster, y, plain, weight, scaleWeight, verdict)
    if (this.past !== undefined) this.search(this.past, x, plain, verdict)
  }

  /** As `RobustForecaster.note`, `forgetBout` and `adopt`. */
  note(y: Float64Array, length: number): void {
    if (this.isLearned()) this.forecaster!.note(y, length)
  }

  forgetBout(): void {
    this.forecaster?.forgetBout()
  }

  adopt(): void {
    if (this.isLearned()) this.forecaster!.adopt()
  }

  toState(): SeasonState {
    const { past, forecaster, seed, searches, due, useless, isBridged } = this
    return { past: past?.toState() ?? null, forecaster: forecaster?.toState() ?? null, seed, searches, due, useless, isBridged }
  }

  static fromState(features: readonly FeatureDescriptor[], curves: BentVector, period: number, state: SeasonState): SeasonKeeper {
    const keeper = new SeasonKeeper(features, curves, period, state.seed)
    keeper.past = state.past === null ? undefined : PastVectors.fromState(curves.dimension, state.past)
    keeper.forecaster = state.forecaster === null ? undefined : RobustForecaster.fromState(curves, state.forecaster)
    keeper.searches = state.searches
    keeper.due = state.due
    keeper.useless = state.useless
    keeper.isBridged = state.isBridged
    return keeper
  }

  private isLearned(): boolean {
    return this.forecaster !== undefined && this.forecaster.model.cycles > 0
  }

  /** The first season of a given period, which is written down as it comes. */
  private record(forecaster: RobustForecaster, y: Float64Array, plain: RobustForecaster): void {
    if (forecaster.model.phase === 0) forecaster.model.level.set(plain.model.level)
    forecaster.record(y)
    if (forecaster.model.cycles > 0) {
      forecaster.scale.set(plain.scale)
      forecaster.cost.set(plain.cost)
    }
  }

  private follow(forecaster: RobustForecaster, y: Float64Array, plain: RobustForecaster, weight: number, scaleWeight: number, verdict: Verdict): void {
    // A found season began as the median of three, and has no fault in it to heal.
    forecaster.learn(y, weight, scaleWeight, this.isGiven || verdict === 'normal' ? verdict : 'anomalous')
    if (this.isGiven || forecaster.model.phase !== 0) return
    const helps = y.some((_, f) => this.choose(f, plain) === forecaster)
    this.useless = helps ? 0 : this.useless + 1
    if (this.useless < longestUseless) return
    this.forecaster = undefined
    this.past = new PastVectors(this.curves.dimension)
    this.searches = 0
    this.useless = 0
    this.isBridged = true
    this.due = Math.round(firstSearch * this.spread())
  }

  private search(past: PastVectors, x: Float64Array, plain: RobustForecaster, verdict: Verdict): void {
    past.add(x, verdict === 'anomalous')
    if (--this.due > 0) return
    this.searches++
    this.due = Math.ceil(this.spread() * (past.count < past.capacity ? (growth - 1) * past.count : laterShare * past.capacity))
    const isBridged = this.isBridged && !past.isMostlyAnomalous
    const columns = past.columns(this.curves, isBridged)
    const period = findPeriod(columns.map((column) => Float64Array.from(column)))
    if (period > 0 && period !== this.period && this.tryPeriod(columns, period, plain)) this.isBridged = isBridged
    // Half a day may look like a day at first, and one vector more or less like the same.
    if (this.period > 0 && past.count >= Math.min(past.capacity, seasonsToSettle * this.period)) this.past = undefined
  }

  private tryPeriod(columns: readonly Float64Array[], period: number, plain: RobustForecaster): boolean {
    const forecaster = startSeason(this.features, this.curves, columns, period)
    if (!forecaster.cost.some((cost, f) => cost <= worthTrying * plain.cost[f]!)) return false
    this.forecaster = forecaster
    this.useless = 0
    return true
  }

  /** 0.8 to 1.2, so that keys which began together do not all search at once. */
  private spread(): number {
    return 0.8 + 0.4 * mulberry32(this.seed + this.searches)()
  }
}
