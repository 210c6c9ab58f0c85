import { BentVector } from './bent-vector.ts'
import { checkVector, checkWeight } from './check-input.ts'
import { Coordinates, fitCoordinates } from './discord/coordinates.ts'
import { PastShingles, type Nearest } from './discord/past-shingles.ts'
import { RarityTail } from './discord/rarity-tail.ts'
import type { FeatureDescriptor, Model, ModelFactory, ModelSnapshot, Score } from './model.ts'
import { checkRanges, withDefaults } from './parameters.ts'
import type { Given } from './parameters.ts'
import { readState } from './read-state.ts'
import { WarmUp } from './warm-up.ts'

export interface DiscordParameters {
  /** Vectors learned before the first score. */
  warmUp: number
  /** Vectors of the past that are searched. */
  history: number
  /** The rarity that counts as 1: the powers of ten by which the three distances together are rarer than usual. */
  limit: number
  /** Vectors in which an event that was told fades: until then only a rarer one is told. 0: every vector by itself. */
  quiet: number
}

const defaults: DiscordParameters = { warmUp: 128, history: 2000, limit: 5, quiet: 200 }

const ranges: { readonly [K in keyof DiscordParameters]: readonly [number, number] } = {
  warmUp: [128, 100_000],
  history: [128, 10_000],
  limit: [Number.MIN_VALUE, 1000],
  quiet: [0, 100_000],
}

const kind = 'discord'
const version = 1

/** Vectors of a stretch: a value never seen, a step or a peak of an odd shape, and a course that is another one. */
const lengths = [1, 3, 16] as const
/** The scale of each feature is that of so many first vectors. */
const scaledBy = 32
/** What belongs to an event that was told is worth a tenth. */
const damping = 0.1

/**
 * What the series never did before: how far its last vectors are from everything in its past, at three lengths, and how rare it is to be as far.
 *
 *     d_m = mean distance of the last m vectors from the 2 nearest stretches of m in the past,  m = 1: by place, 3 and 16: by shape
 *     s = sum over m of -log10 P(distance >= d_m)                 raw
 *     value = s / limit, a tenth of it while s is below the fading rarity of an event before
 *
 * P is the share of past distances, beyond their largest twentieth a Pareto tail (discord/rarity-tail.ts), so one limit suits any series.
 * contributions: each length's part of s, by the features' shares of the squared distance from its nearest stretch. expected: none.
 *
 * - assumes: normal repeats itself: a level, a season, bursts of one kind; anomalies are rare, and other than what was.
 * - fails when: an anomaly comes again and again (each time it is less rare); something usual is missing for less than 16 vectors; normal goes
 *   where it never was (a trend, a random walk): then every record is told. With the default `quiet` only the onset of an event is told, not each of
 *   its vectors: set 0 where all of them are to be.
 * - cost: O(history x features) a vector: 0.2 ms at one feature, 0.45 at six, on a busy machine. 8 bytes a vector of history
 *   and feature, and 17 KiB: 33 KiB at one feature, 112 at six. For some hundred important series, not for ten thousand.
 * - guarantees: bounded memory; no chance (the seed is not used); scale and offset of a feature do not matter. A vector is learned whatever its weight, as
 *   what happened has happened.
 * - reference: Keogh, Lin and Fu 2005, "HOT SAX: efficiently finding the most unusual time series subsequence", ICDM (discords); Burnaev and Ishimtsev
 *   2016, arXiv 1608.04585 (nearest neighbours, conformal); Hill 1975, Annals of Statistics 3:1163 (tail).
 */
export function discord(given: Given<DiscordParameters> = {}): ModelFactory {
  const parameters = withDefaults(defaults, given)
  checkRanges(kind, parameters, ranges)
  return {
    kind,
    create: (features) => new Discord(features, parameters),
    restore: (features, snapshot) => Discord.fromState(features, parameters, readState<State>(snapshot, kind, version)),
  }
}

interface State {
  learned: number
  /** Vectors so far, until the scales are known. */
  start: Float64Array | null
  curves: Float64Array | null
  /** Centres, then scales. */
  coordinates: Float64Array
  past: Float64Array
  /** Counts of the distances of each length. */
  tails: Float64Array[]
  told: number
}

/** What is known of one vector before it is learned. */
interface Judgement {
  point: Float64Array
  nearest: readonly Nearest[]
  /** -log10 P of each length. */
  rarities: Float64Array
  sum: number
}

class Discord implements Model {
  private readonly features: readonly FeatureDescriptor[]
  private readonly parameters: DiscordParameters
  private readonly past: PastShingles
  private readonly tails: readonly RarityTail[]
  private start: WarmUp | undefined
  private coordinates: Coordinates | undefined
  private learned = 0
  /** The rarity of the event told last, less what faded. */
  private told = 0
  /** Made by `score` for the `learn` that mostly follows with the same vector; forgotten by `learn`. */
  private latest: Judgement | undefined

  constructor(features: readonly FeatureDescriptor[], parameters: DiscordParameters) {
    this.features = features
    this.parameters = parameters
    this.past = new PastShingles(features.length, parameters.history, lengths)
    this.tails = lengths.map(() => new RarityTail())
    this.start = new WarmUp(features.length, scaledBy)
  }

  isReady(): boolean {
    return this.learned >= this.parameters.warmUp
  }

  progress(): { learned: number; needed: number } {
    const needed = this.parameters.warmUp
    return { learned: Math.min(this.learned, needed), needed }
  }

  score(x: Float64Array): Score | undefined {
    checkVector(x, this.features.length)
    if (!this.isReady()) return undefined
    const judgement = (this.latest = this.judge(this.coordinates!, x))
    const { sum } = judgement
    const isNews = sum > this.faded()
    const value = (sum / this.parameters.limit) * (isNews ? 1 : damping)
    return { value, raw: sum, contributions: this.explain(judgement, value), expected: undefined }
  }

  learn(x: Float64Array, weight: number): void {
    checkVector(x, this.features.length)
    checkWeight(weight)
    this.learned++
    if (this.coordinates === undefined) {
      this.begin(x)
      return
    }
    const point = this.coordinates.locate(x)
    const known = this.latest !== undefined && isSame(this.latest.point, point) ? this.latest : this.judge(this.coordinates, x)
    this.latest = undefined
    known.nearest.forEach(({ distance }, i) => {
      if (Number.isFinite(distance)) this.tails[i]!.push(distance)
    })
    this.told = Math.max(this.faded(), known.sum)
    this.past.push(point)
  }

  snapshot(): ModelSnapshot {
    const state: State = {
      learned: this.learned,
      start: this.start?.toState() ?? null,
      curves: this.coordinates?.curves.toState() ?? null,
      coordinates: this.coordinates?.toState() ?? new Float64Array(0),
      past: this.past.toState(),
      tails: this.tails.map((tail) => tail.toState()),
      told: this.told,
    }
    return { kind, version, state }
  }

  static fromState(features: readonly FeatureDescriptor[], parameters: DiscordParameters, state: State): Discord {
    const model = new Discord(features, parameters)
    model.learned = state.learned
    if (state.start !== null) model.start!.load(state.start, state.learned)
    if (state.curves !== null) {
      model.start = undefined
      model.coordinates = new Coordinates(BentVector.fromState(state.curves), state.coordinates)
    }
    model.past.load(state.past)
    state.tails.forEach((tail, i) => model.tails[i]!.load(tail))
    model.told = state.told
    return model
  }

  /** The first vectors choose curve, centre and scale of each feature, and are the past of the next one. */
  private begin(x: Float64Array): void {
    const start = this.start!
    start.add(x)
    if (!start.isComplete()) return
    const rows = start.inOrder()
    const d = this.features.length
    this.coordinates = fitCoordinates(this.features, rows, start.kept)
    for (let i = 0; i < start.kept; i++) this.past.push(this.coordinates.locate(rows.subarray(i * d, (i + 1) * d)))
    this.start = undefined
  }

  private judge(coordinates: Coordinates, x: Float64Array): Judgement {
    const point = coordinates.locate(x)
    const nearest = this.past.search(point)
    const rarities = Float64Array.from(nearest, ({ distance }, i) => this.tails[i]!.rarity(distance))
    return { point, nearest, rarities, sum: rarities.reduce((a, b) => a + b, 0) }
  }

  /** What is left of the event told last when the next vector comes. */
  private faded(): number {
    const { quiet } = this.parameters
    return quiet === 0 ? 0 : this.told * Math.exp(-1 / quiet)
  }

  private explain({ point, nearest, rarities, sum }: Judgement, value: number): Float64Array {
    const contributions = new Float64Array(this.features.length)
    if (sum > 0) nearest.forEach(({ at }, i) => this.past.addShares(point, lengths[i]!, at, (value * rarities[i]!) / sum, contributions))
    return contributions
  }
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
