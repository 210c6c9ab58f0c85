import { fromCanonical } from './canonical-order.ts'
import { checkVector, checkWeight } from './check-input.ts'
import type { FeatureDescriptor, Model, ModelFactory, ModelSnapshot, Score } from './model.ts'
import { checkRanges, withDefaults } from './parameters.ts'
import type { Given } from './parameters.ts'
import { CutForest } from './random-cut-forest/forest.ts'
import type { ForestShape } from './random-cut-forest/forest.ts'
import { ForestInput } from './random-cut-forest/forest-input.ts'
import type { ForestInputState } from './random-cut-forest/forest-input.ts'
import { forestState, restoreForest } from './random-cut-forest/forest-state.ts'
import type { ForestState } from './random-cut-forest/forest-state.ts'
import { ScoreThresholder } from './random-cut-forest/thresholder.ts'
import { readState } from './read-state.ts'
import { WarmUp } from './warm-up.ts'

export interface RandomCutForestParameters {
  /** Vectors learned before the first score; two shingles where that is more. */
  warmUp: number
  trees: number
  /** Shingles kept by each tree. */
  sampleSize: number
  /** Consecutive vectors that make one point. */
  shingleSize: number
  /** Rate of forgetting, per vector; undefined: 1 / (10 sampleSize). */
  timeDecay: number | undefined
}

const defaults: RandomCutForestParameters = { warmUp: 30, trees: 50, sampleSize: 256, shingleSize: 1, timeDecay: undefined }

const ranges = { warmUp: [1, 100_000], trees: [1, 1000], sampleSize: [2, 4096], shingleSize: [1, 128], timeDecay: [0, 1] } as const

const kind = 'randomCutForest'
const version = 3
/** Its state has a calibrator of the scores beside what this one has; that is left behind. */
const calibratedVersion = 2

/** Deviations of the score above its mean (z of the thresholder), as the library has it. */
const zFactor = 3
/** Rate of forgetting of the score's differences from one vector to the next, as the library has it. */
const differenceDiscount = 0.01
/** The middle of normal vectors' scores, whatever their number of coordinates and their distribution (0.63 to 0.73; simulated, 1 to 48 coordinates). */
const usualScore = 0.7
/**
 * How far above it the boundary lies for one coordinate, and by which power of their number it comes nearer: a vector that is off in one of many has less of the span.
 * 3.3 for one, 2.5 for six, 2.4 for eight.
 */
const reach = 2.6
const reachFalls = 0.2
/** Scores of a tree with fewer points say nothing of later ones. */
const leastPoints = 8

/**
 * Robust random cut forest over shingles: normal is what random cuts do not easily separate from the vectors before.
 *
 *     raw = mean over trees of the score (attribution.ts)
 *     value = max(0, raw - 0.7)/(boundary - 0.7),  boundary = max(0.7 + 2.6 n^(-1/5), the library's threshold (thresholder.ts)),  n: coordinates of a shingle
 *
 * The score is its own measure: 1 is what a vector among others has, whatever the data, and the more of the span is its own the nearer it is to log2(256). A tail that
 * is learned from some hundred scores ranks vectors worse (48 to 53 instead of 60 points of NAB), as faults are in it.
 *
 * The forest sees each feature's deviation from its slowly moving level (forest-input.ts). contributions: the attribution of all vectors
 * of the shingle, summed for each feature, scaled to value. expected: the level. A vector is learned whatever its weight, as what happened has happened: a tree
 * forgets one as soon as any other, and of vectors left out the next ones like them stay strange (NAB label-free: 58 points so, -16 with a tenth of the weight). With
 * shingles, a vector of a weight below 1 is not part of those of the next ones, or each of them would be anomalous too; more of them in a row than a shingle has are
 * what now goes on, and are.
 *
 * - assumes: the warm-up is mostly normal; anomalies are rarer than a twentieth of the sample; with shingles, windows follow each other at even steps.
 * - fails when: the same fault comes back often (it is in the samples, and its score sinks with each time), or lasts: its first windows are told; one feature of
 *   many is off (its share of the span is small: a longer shingle makes it smaller); a drift is slow.
 * - cost: of a score and learn at 6 features and the defaults 13 times microClusters' in the same run (60 against 4.6 microseconds of a busy machine; most of it is waiting for
 *   nodes that are in no cache), about 100 times at a shingle of 8. Memory 8 bytes for each of trees x sampleSize x features x shingleSize for boxes and 13 KiB a tree: 1.6 MiB a key,
 *   6 MiB at a shingle of 8; a snapshot 0.4 MiB after 300 vectors and 0.7 MiB from 20,000 on. For hundreds of keys, not for ten thousand.
 * - guarantees: the features' order does not matter; sum of attributions = score; a tree after an insertion or removal has the distribution of
 *   one drawn anew; the same seed and vectors give the same scores to the bit.
 * - reference: Guha et al. 2016, ICML; github.com/aws/random-cut-forest-by-aws 4.3.0, whose trees, scores and attributions are reproduced
 *   (aws-vector.test.ts); algorithms 3.1.
 */
export function randomCutForest(given: Given<RandomCutForestParameters> = {}): ModelFactory {
  const parameters = withDefaults(defaults, given)
  const { warmUp, trees, sampleSize, shingleSize, timeDecay = 1 / (10 * sampleSize) } = parameters
  checkRanges(kind, { warmUp, trees, sampleSize, shingleSize, timeDecay }, ranges)
  const shape: Shape = { needed: Math.max(warmUp, 2 * shingleSize), trees, sampleSize, shingleSize, timeDecay }
  return {
    kind,
    create: (features, seed) => new RandomCutForest(features, shape, seed),
    restore: (features, snapshot) => RandomCutForest.fromState(features, shape, readState<State>(snapshot.version === calibratedVersion ? { ...snapshot, version } : snapshot, kind, version)),
  }
}

interface Shape extends ForestShape {
  /** Vectors of the warm-up. */
  needed: number
}

interface State {
  seed: number
  /** Of the warm-up; null once there is a forest. */
  warmUp: Float64Array | null
  learned: number
  input: ForestInputState | null
  forest: ForestState | null
  thresholder: number[]
  apart: number
}

/** What there is once the warm-up is over. */
interface Grown {
  input: ForestInput
  forest: CutForest
}

let located = new Float32Array(0)
let attribution = new Float64Array(0)
let parts = new Float64Array(0)
let ratios = new Float64Array(0)

class RandomCutForest implements Model {
  private readonly features: readonly FeatureDescriptor[]
  private readonly shape: Shape
  private readonly seed: number
  private readonly thresholder: ScoreThresholder
  /** Of the raw score; more where the thresholder says so. */
  private readonly boundary: number
  private readonly warmUp: WarmUp
  private grown: Grown | undefined
  /** Anomalous vectors in a row. */
  private apart = 0
  /** The vector scored last and its score, as long as nothing was learned since: it is learned next, as a rule. */
  private readonly scored: Float64Array
  private scoredRaw: number | undefined

  constructor(features: readonly FeatureDescriptor[], shape: Shape, seed: number) {
    this.features = features
    this.shape = shape
    this.seed = seed
    this.boundary = usualScore + reach / (features.length * shape.shingleSize) ** reachFalls
    this.warmUp = new WarmUp(features.length, shape.needed)
    this.thresholder = new ScoreThresholder({ score: shape.timeDecay, difference: differenceDiscount }, zFactor, shape.shingleSize)
    this.scored = new Float64Array(features.length)
  }

  isReady(): boolean {
    return this.grown !== undefined
  }

  progress(): { learned: number; needed: number } {
    const { needed } = this.shape
    return { learned: this.grown === undefined ? this.warmUp.learned : needed, needed }
  }

  score(x: Float64Array): Score | undefined {
    const d = this.features.length
    checkVector(x, d)
    if (this.grown === undefined) return undefined
    const { input } = this.grown
    const raw = this.rawScore(this.grown, x)
    this.scored.set(x)
    this.scoredRaw = raw
    const value = this.valueOf(raw)
    if (parts.length !== d) parts = new Float64Array(d)
    parts.fill(0)
    let sum = 0
    for (let i = 0, k = 0; i < attribution.length; i++) {
      parts[k]! += attribution[i]!
      sum += attribution[i]!
      if (++k === d) k = 0
    }
    for (let k = 0; k < d; k++) parts[k]! *= value / sum
    const contributions = new Float64Array(d)
    fromCanonical(input.layout.order, parts, contributions)
    return { value, raw, contributions, expected: input.expected() }
  }

  learn(x: Float64Array, weight: number): void {
    checkVector(x, this.features.length)
    checkWeight(weight)
    if (this.grown === undefined) {
      this.warmUp.add(x)
      if (this.warmUp.isComplete()) this.grown = this.grow(this.warmUp.inOrder())
      return
    }
    const raw = this.wasScored(x) ? this.scoredRaw! : this.rawScore(this.grown, x)
    this.scoredRaw = undefined
    this.apart = weight < 1 ? this.apart + 1 : 0
    const { input, forest } = this.grown
    const p = this.locate(input, x)
    forest.learn(p, 1, this.apart === 0 || this.apart > this.shape.shingleSize)
    if (ratios.length !== p.length) ratios = new Float64Array(p.length)
    if (input.follow(p, ratios)) forest.changeUnits(ratios)
    this.thresholder.update(raw)
  }

  snapshot(): ModelSnapshot {
    const { grown } = this
    const state: State = {
      seed: this.seed,
      warmUp: grown === undefined ? this.warmUp.toState() : null,
      learned: this.progress().learned,
      input: grown?.input.toState() ?? null,
      forest: grown === undefined ? null : forestState(grown.forest),
      thresholder: this.thresholder.toState(),
      apart: this.apart,
    }
    return { kind, version, state }
  }

  static fromState(features: readonly FeatureDescriptor[], shape: Shape, state: State): RandomCutForest {
    const model = new RandomCutForest(features, shape, state.seed)
    if (state.warmUp !== null) model.warmUp.load(state.warmUp, state.learned)
    if (state.input !== null && state.forest !== null) {
      model.grown = { input: ForestInput.fromState(features, state.input), forest: restoreForest(features.length, shape, state.forest) }
    }
    model.thresholder.load(state.thresholder)
    model.apart = state.apart
    return model
  }

  /** Teaches a new forest the warm-up's vectors one by one; the later ones' scores are the first that the threshold is made of. */
  private grow(rows: Float64Array): Grown {
    const d = this.features.length
    const input = ForestInput.learn(this.features, rows)
    const forest = CutForest.empty(d, this.shape, this.seed)
    const grown = { input, forest }
    for (let at = 0; at < rows.length; at += d) {
      const x = rows.subarray(at, at + d)
      if (forest.pointsInTree >= leastPoints) {
        const raw = this.rawScore(grown, x)
        this.thresholder.update(raw)
      }
      forest.learn(this.locate(input, x), 1, true)
    }
    return grown
  }

  private valueOf(raw: number): number {
    return Math.max(0, raw - usualScore) / (Math.max(this.boundary, this.thresholder.threshold()) - usualScore)
  }

  /** The forest's score; its parts are in `attribution` until the next one. */
  private rawScore({ input, forest }: Grown, x: Float64Array): number {
    if (attribution.length !== 2 * forest.store.dimension) attribution = new Float64Array(2 * forest.store.dimension)
    return forest.score(this.locate(input, x), attribution)
  }

  /** A vector's coordinates, in a buffer that the next call overwrites. */
  private locate(input: ForestInput, x: Float64Array): Float32Array {
    if (located.length !== x.length) located = new Float32Array(x.length)
    input.locate(x, located)
    return located
  }

  private wasScored(x: Float64Array): boolean {
    if (this.scoredRaw === undefined) return false
    for (let f = 0; f < x.length; f++) if (x[f] !== this.scored[f]) return false
    return true
  }
}
