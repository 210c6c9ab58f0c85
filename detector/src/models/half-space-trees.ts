import { canonicalOrder, fromCanonical, toCanonical } from './canonical-order.ts'
import { checkVector, checkWeight } from './check-input.ts'
import { drawForest } from './half-space-trees/forest.ts'
import type { Forest } from './half-space-trees/forest.ts'
import { LevelTracker } from './half-space-trees/level-tracker.ts'
import type { LevelTrackerState } from './half-space-trees/level-tracker.ts'
import { Masses } from './half-space-trees/masses.ts'
import type { MassesState } from './half-space-trees/masses.ts'
import type { FeatureDescriptor, Model, ModelFactory, ModelSnapshot, Score } from './model.ts'
import { checkRanges, withDefaults } from './parameters.ts'
import type { Given } from './parameters.ts'
import { readState } from './read-state.ts'
import { TailCalibrator } from './tail-calibrator.ts'
import type { TailCalibratorState } from './tail-calibrator.ts'
import { WarmUp } from './warm-up.ts'

export interface HalfSpaceTreesParameters {
  /** Vectors learned before the first score. */
  warmUp: number
  /** Number of trees. */
  trees: number
  /** Cuts between the root and a leaf. */
  height: number
  /** Vectors in a reference window. */
  windowSize: number
}

/**
 * The paper has 25 trees of height 15, river 10 of 8. Many low trees cut more of the features than few high ones do, in less memory: on
 * a spike of one reading in one of four metrics 25 of 6 find 0.98 and 10 of 8 find 0.67 (testing/synthetic-faults.ts, 16 keys).
 */
const defaults: HalfSpaceTreesParameters = { warmUp: 30, trees: 25, height: 6, windowSize: 250 }

const ranges: { readonly [K in keyof HalfSpaceTreesParameters]: readonly [number, number] } = {
  warmUp: [2, 100_000],
  trees: [1, 1_000],
  height: [1, 15],
  windowSize: [10, 100_000],
}

const kind = 'halfSpaceTrees'
const version = 1

/** Coordinates of normal vectors lie within so many scatters of the level. */
const reach = 3
/** So many more vectors outside of what was learned than in it are no fault (the longest last 60 windows in systems C and D) but a new regime, */
const longestBout = 125
/** which is learned from so many of the next ones. */
const latestKept = 30
/** So many forests are drawn for a dimension, and a model's seed takes one: trees are large, and ten thousand models share them. */
const variants = 16

/**
 * Half-space trees: how many of the last window's vectors lie where this one does, in boxes that were cut at random.
 *
 *     raw = 1 - mass(x)       mass: half-space-trees/masses.ts ;   value: how rare -ln(mass) is (tail-calibrator.ts)
 *
 * x is standardised, less a level that follows slow change (half-space-trees/level-tracker.ts); a box that x left on any side
 * adds no mass. The warm-up's vectors are the first reference, each judged without itself; then the window so far becomes it
 * whenever it has doubled, and every `windowSize` vectors a full one does. A weight is credit: with 0.1 every tenth vector enters.
 * When vectors that are anomalous or lie outside of all that was learned outnumber the others by 125, the model starts anew from the next 30.
 * contributions: value in proportion to how much thinner each feature's cuts made it (`Masses.explain`). expected: none, as trees know how
 * rare a vector is and not where it should be.
 *
 * - assumes: normal fills a part of the space that a window of vectors shows.
 * - fails when: anomalies come packed in one window, then they are mass; there are many features: at 24 a tree of this height cuts six of them on a way, so
 *   that a slow drift of one is often missed (a large step leaves the box); regimes alternate after tens of vectors.
 * - cost: trees x height steps a vector to score and as many to learn, 4 times what microClusters takes (5.7 microseconds at 6 features); 13 KiB of masses and
 *   3.5 KiB of tail a key, and forests of 13 KiB shared by all; 7 KiB of a snapshot. 125 MiB a key at 1000 trees of height 14: mind what you ask for.
 * - guarantees: bounded state; the same seed gives the same trees; features' order does not matter; raw in [0, 1].
 * - reference: Tan, Ting and Liu 2011, "Fast anomaly detection for streaming data", IJCAI; algorithms 3.2.
 */
export function halfSpaceTrees(given: Given<HalfSpaceTreesParameters> = {}): ModelFactory {
  const parameters = withDefaults(defaults, given)
  checkRanges(kind, parameters, ranges)
  const forests = new Map<string, Forest>()
  const forestOf = (dimension: number, variant: number): Forest => {
    const key = `${dimension}/${variant}`
    let forest = forests.get(key)
    if (forest === undefined) forests.set(key, (forest = drawForest({ ...parameters, dimension }, reach, variant)))
    return forest
  }
  const shared: Shared = { parameters, forestOf }
  return {
    kind,
    takesPrior: true,
    create: (features, seed) => new HalfSpaceTrees(features, shared, (seed >>> 0) % variants),
    restore: (features, snapshot) => HalfSpaceTrees.fromState(features, shared, readState<State>(snapshot, kind, version)),
  }
}

/** What all keys have in common. */
interface Shared {
  parameters: HalfSpaceTreesParameters
  forestOf: (dimension: number, variant: number) => Forest
}

interface State {
  variant: number
  learned: number
  warmUp: Float64Array | null
  ready: ReadyState | null
  latest: Float64Array | null
}

interface ReadyState {
  tracker: LevelTrackerState
  masses: MassesState
  calibrator: TailCalibratorState
  nextReference: number
  credit: number
  bout: number
}

/** What there is once the warm-up is over. */
interface Ready {
  tracker: LevelTracker
  masses: Masses
  calibrator: TailCalibrator
  /** Points in the window at which it becomes the reference. */
  nextReference: number
  credit: number
  /** By how much the vectors that were not what was learned outnumber the others, of late. */
  bout: number
}

const orderByFeatures = new WeakMap<readonly FeatureDescriptor[], Int32Array>()

let residual: Float64Array = new Float64Array(0)
let point: Float64Array = new Float64Array(0)
let parts: Float64Array = new Float64Array(0)

class HalfSpaceTrees implements Model {
  private readonly features: readonly FeatureDescriptor[]
  private readonly shared: Shared
  private readonly variant: number
  private readonly order: Int32Array
  private warmUp: WarmUp | undefined
  private ready: Ready | undefined
  /** The vectors at the end of the longest bout. */
  private latest: WarmUp | undefined

  constructor(features: readonly FeatureDescriptor[], shared: Shared, variant: number) {
    this.features = features
    this.shared = shared
    this.variant = variant
    let order = orderByFeatures.get(features)
    if (order === undefined) orderByFeatures.set(features, (order = canonicalOrder(features)))
    this.order = order
    this.warmUp = new WarmUp(features.length, shared.parameters.warmUp)
  }

  isReady(): boolean {
    return this.ready !== undefined
  }

  progress(): { learned: number; needed: number } {
    const needed = this.shared.parameters.warmUp
    return { learned: this.warmUp?.learned ?? needed, needed }
  }

  score(x: Float64Array): Score | undefined {
    checkVector(x, this.features.length)
    const { ready } = this
    if (ready === undefined) return undefined
    this.locate(ready.tracker, x)
    const mass = ready.masses.massOf(point)
    const value = ready.calibrator.value(rarity(mass, ready.masses.forest))
    return { value, raw: 1 - mass, contributions: this.explain(ready.masses, value), expected: undefined }
  }

  learn(x: Float64Array, weight: number): void {
    checkVector(x, this.features.length)
    checkWeight(weight)
    if (this.ready !== undefined) return this.follow(this.ready, x, weight)
    const warmUp = this.warmUp!
    warmUp.add(x)
    if (warmUp.isComplete()) this.begin(warmUp)
  }

  snapshot(): ModelSnapshot {
    const state: State = {
      variant: this.variant,
      learned: this.progress().learned,
      warmUp: this.warmUp?.toState() ?? null,
      ready: null,
      latest: this.latest?.toState() ?? null,
    }
    if (this.ready !== undefined) {
      const { tracker, masses, calibrator, ...figures } = this.ready
      state.ready = { tracker: tracker.toState(), masses: masses.toState(), calibrator: calibrator.toState(), ...figures }
    }
    return { kind, version, state }
  }

  static fromState(features: readonly FeatureDescriptor[], shared: Shared, state: State): HalfSpaceTrees {
    const model = new HalfSpaceTrees(features, shared, state.variant)
    if (state.warmUp !== null) model.warmUp!.load(state.warmUp, state.learned)
    if (state.ready === null) return model
    model.warmUp = undefined
    const { tracker, masses, calibrator, ...figures } = state.ready
    model.ready = { tracker: LevelTracker.fromState(features, tracker), masses: model.noMasses(), calibrator: TailCalibrator.fromState(calibrator), ...figures }
    model.ready.masses.load(masses)
    if (state.latest !== null) {
      model.latest = model.noLatest()
      model.latest.load(state.latest, state.latest.length / features.length)
    }
    return model
  }

  /** Learns all at once: scaling, first reference, and what its vectors score without themselves. */
  private begin(warmUp: WarmUp): void {
    const d = this.features.length
    const { tracker, points } = LevelTracker.learn(this.features, warmUp.inOrder(), warmUp.kept)
    const masses = this.noMasses()
    const first = Math.max(0, warmUp.kept - masses.capacity)
    const place = (t: number): void => {
      point = sized(point, d)
      toCanonical(this.order, points.subarray(t * d, (t + 1) * d), point)
    }
    for (let t = first; t < warmUp.kept; t++) {
      place(t)
      masses.add(point)
    }
    masses.refer()
    const calibrator = new TailCalibrator()
    for (let t = first; t < warmUp.kept; t++) {
      place(t)
      calibrator.observe(rarity(masses.massOf(point, 1), masses.forest), 1)
    }
    this.ready = { tracker, masses, calibrator, nextReference: nextReference(masses), credit: 0, bout: 0 }
    this.warmUp = undefined
    this.latest = undefined
  }

  private follow(ready: Ready, x: Float64Array, weight: number): void {
    const { tracker, masses, calibrator } = ready
    this.locate(tracker, x)
    calibrator.observe(rarity(masses.massOf(point), masses.forest), weight)
    ready.credit += weight
    if (ready.credit >= 1) {
      ready.credit -= 1
      masses.add(point)
      if (masses.filled >= ready.nextReference) {
        masses.refer()
        ready.nextReference = nextReference(masses)
      }
    }
    const isOutside = tracker.follow(residual, weight) || weight < 1
    ready.bout = Math.max(0, Math.min(longestBout, ready.bout + (isOutside ? 1 : -1)))
    this.watchForNewRegime(ready, x)
  }

  /** Starts anew from the vectors of a bout that has lasted for longer than a fault may. */
  private watchForNewRegime({ bout }: Ready, x: Float64Array): void {
    if (bout < longestBout) {
      this.latest = undefined
      return
    }
    this.latest ??= this.noLatest()
    this.latest.add(x)
    if (this.latest.isComplete()) this.begin(this.latest)
  }

  /** Fills `residual` with a vector's coordinates, and `point` with the same in the trees' order. */
  private locate(tracker: LevelTracker, x: Float64Array): void {
    residual = sized(residual, x.length)
    point = sized(point, x.length)
    tracker.locate(x, residual)
    toCanonical(this.order, residual, point)
  }

  /** What of the value each feature of `point` is to blame for. */
  private explain(masses: Masses, value: number): Float64Array {
    parts = sized(parts, point.length).fill(0)
    masses.explain(point, parts)
    let sum = 0
    for (const part of parts) sum += part
    // A vector that was always on the fuller side is no rarer by one feature than by another.
    for (let f = 0; f < parts.length; f++) parts[f] = sum > 0 ? (value * parts[f]!) / sum : value / parts.length
    const contributions = new Float64Array(parts.length)
    fromCanonical(this.order, parts, contributions)
    return contributions
  }

  private noMasses(): Masses {
    return new Masses(this.shared.forestOf(this.features.length, this.variant), this.shared.parameters.windowSize)
  }

  private noLatest(): WarmUp {
    return new WarmUp(this.features.length, latestKept)
  }
}

/** The window becomes the reference when it has doubled, or is full. */
function nextReference({ filled, capacity }: Masses): number {
  return filled === 0 ? capacity : Math.min(capacity, 2 * filled)
}

/** -ln(mass), finite without any: then a tenth of what the root of one tree adds. */
function rarity(mass: number, { trees, height }: Forest): number {
  return -Math.log(mass + 0.1 / (trees * (2 ** (height + 1) - 1)))
}

function sized(buffer: Float64Array, length: number): Float64Array {
  return buffer.length === length ? buffer : new Float64Array(length)
}
