import { checkVector, checkWeight } from './check-input.ts'
import { ClusterStore } from './cluster-store.ts'
import { evolve, refreshActivity } from './evolution.ts'
import type { EvolutionPolicy } from './evolution.ts'
import { detectionPolicy } from './evolution-policy.ts'
import { MacroGraph } from './macro-graph.ts'
import type { FeatureDescriptor, Model, ModelFactory, ModelSnapshot, OnClusterEvent, Score } from './model.ts'
import { checkRanges, withDefaults } from './parameters.ts'
import type { Given } from './parameters.ts'
import { readState } from './read-state.ts'
import { Regimes } from './regimes.ts'
import type { RegimesState } from './regimes.ts'
import { Standardizer } from './standardizer.ts'
import type { StandardizerState } from './standardizer.ts'
import { ratio } from './typicality-ratio.ts'
import { WarmUp } from './warm-up.ts'

export interface MicroClustersParameters {
  /** Vectors learned before the first score. */
  warmUp: number
  /** r0: the variance per standardised feature that a new cluster is taken to have. */
  varianceLimit: number
  /** Vectors after which an unused, inactive cluster is dropped, and in which what lasts becomes normal. */
  decay: number
  /** Bound on the clusters kept. */
  maxClusters: number
  /** Weight that a cluster's past may have in its mean, in vectors; ten times that in its variance. */
  memory: number
}

const defaults: MicroClustersParameters = { warmUp: 30, varianceLimit: 1, decay: 200, maxClusters: 8, memory: 25 }

const ranges: { readonly [K in keyof MicroClustersParameters]: readonly [number, number] } = {
  warmUp: [1, 100_000],
  varianceLimit: [Number.MIN_VALUE, 100],
  decay: [1, 1_000_000],
  maxClusters: [2, 256],
  memory: [10, 1_000_000],
}

const kind = 'microClusters'
const version = 1

/** Velocity's gain beside the square of the mean's: a damped, not oscillating, level and trend (damping 0.8). */
const trendGain = 0.4

/**
 * Evolving clustering by typicality (MicroTEDAclus) as a detector: normal is what lies in one of the active
 * micro-clusters of the standardised vectors seen so far.
 *
 *     rho(x) = min over active clusters of ratio(x) / doubt^2 ;   value = sqrt(rho), raw = rho
 *
 * value is a distance: 1 at the boundary, 2 twice as far out. contributions: each feature's share of the squared
 * distance from the nearest cluster, times value. expected: that cluster's centre in the vector's own units.
 *
 * - assumes: the warm-up is mostly normal; normal consists of a few regimes that move together and slowly: a daily
 *   season under windows of up to a minute.
 * - fails when: a season is so short (hours under one-minute windows) that it bends like a fault's ramp: then it raises
 *   alarms for some hundred vectors, until the scale has grown to it; a ramp is slower than a tenth of a scale per
 *   vector, so that it is followed; a fault lasts 0.9 decay vectors without an end: then it has become a regime, which is meant.
 * - cost: O(clusters x features) a vector, mostly one cluster: 1.2 microseconds at 6 features, 4 at 24. 0.9 KiB a key after
 *   warm-up at 6 features, 1.8 KiB with all 8 clusters in use, 1.8 KiB during warm-up.
 * - guarantees: bounded clusters; no chance (the seed is not used); features' order does not matter; what was judged
 *   anomalous never moves an active cluster.
 * - reference: Maia et al. 2020, FGCS 106:672, doi 10.1016/j.future.2020.01.017; Angelov 2014 (TEDA); algorithms 1.
 */
export function microClusters(given: Given<MicroClustersParameters> = {}): ModelFactory {
  const parameters = withDefaults(defaults, given)
  checkRanges(kind, parameters, ranges)
  const policy = detectionPolicy(parameters.varianceLimit, parameters.decay, parameters.memory)
  const shared = { parameters, policy }
  return {
    kind,
    takesPrior: true,
    create: (features) => new MicroClusters(features, shared),
    restore: (features, snapshot) => MicroClusters.fromState(features, shared, readState<State>(snapshot, kind, version)),
  }
}

/**
 * Up to this rho (half way to the boundary) a normal vector teaches in full, beyond it as (0.25/rho)^2: the onset of a
 * fault must not be learned before it is noticed.
 */
const fullyTaught = 0.25

/** What all keys have in common. */
interface Shared {
  parameters: MicroClustersParameters
  policy: EvolutionPolicy
}

interface State {
  warmUp: Float64Array | null
  learned: number
  standardizer: StandardizerState | null
  clusters: Float64Array
  /** Only where somebody was told of them. */
  regimes?: RegimesState
}

let point: Float64Array = new Float64Array(0)
let residual: Float64Array = new Float64Array(0)

class MicroClusters implements Model {
  private readonly features: readonly FeatureDescriptor[]
  private readonly shared: Shared
  private readonly store: ClusterStore
  private warmUp: WarmUp | undefined
  private standardizer: Standardizer | undefined
  private graph: MacroGraph | undefined
  private regimes: Regimes | undefined

  constructor(features: readonly FeatureDescriptor[], shared: Shared) {
    this.features = features
    this.shared = shared
    this.store = new ClusterStore(features.length, shared.parameters.maxClusters)
    this.warmUp = new WarmUp(features.length, shared.parameters.warmUp)
  }

  isReady(): boolean {
    return this.standardizer !== undefined
  }

  progress(): { learned: number; needed: number } {
    const needed = this.shared.parameters.warmUp
    return { learned: this.warmUp?.learned ?? needed, needed }
  }

  score(x: Float64Array): Score | undefined {
    checkVector(x, this.features.length)
    const { standardizer, store } = this
    if (standardizer === undefined) return undefined
    const p = locate(standardizer, x)
    const nearest = this.nearest(p)
    const doubt = standardizer.doubt()
    const rho = ratio(store, nearest, p, this.shared.parameters.varianceLimit) / (doubt * doubt)
    const value = Math.sqrt(rho)
    const contributions = new Float64Array(x.length)
    const expected = new Float64Array(x.length)
    const distance = store.distanceTo(nearest, p)
    const offset = store.centerOffset(nearest)
    const cells = store.cells()
    for (let f = 0; f < x.length; f++) {
      const difference = p[f]! - cells[offset + f]!
      contributions[f] = distance > 0 ? (value * difference * difference) / distance : 0
      expected[f] = standardizer.restore(f, cells[offset + f]!)
    }
    return { value, raw: rho, contributions, expected }
  }

  learn(x: Float64Array, weight: number, onClusterEvent?: OnClusterEvent): void {
    checkVector(x, this.features.length)
    checkWeight(weight)
    if (this.standardizer === undefined) this.prepare(x)
    else {
      this.follow(this.standardizer, x, weight)
      if (onClusterEvent !== undefined) this.tell(this.standardizer, onClusterEvent)
    }
  }

  snapshot(): ModelSnapshot {
    const state: State = {
      warmUp: this.warmUp?.toState() ?? null,
      learned: this.warmUp?.learned ?? this.shared.parameters.warmUp,
      standardizer: this.standardizer?.toState() ?? null,
      clusters: this.store.toState(),
      ...(this.regimes !== undefined && { regimes: this.regimes.toState(this.store) }),
    }
    return { kind, version, state }
  }

  static fromState(features: readonly FeatureDescriptor[], shared: Shared, state: State): MicroClusters {
    const model = new MicroClusters(features, shared)
    if (state.warmUp !== null) model.warmUp!.load(state.warmUp, state.learned)
    if (state.standardizer !== null) {
      model.standardizer = Standardizer.fromState(features, state.standardizer)
      model.warmUp!.release()
      model.warmUp = undefined
    }
    model.store.load(state.clusters)
    if (state.regimes !== undefined) model.regimes = Regimes.fromState(state.regimes, model.store)
    return model
  }

  /** Warm-up; its last vector makes the scaling and the first cluster. */
  private prepare(x: Float64Array): void {
    const warmUp = this.warmUp!
    warmUp.add(x)
    if (!warmUp.isComplete()) return
    const rows = warmUp.inOrder()
    const standardizer = Standardizer.learn(this.features, rows, warmUp.kept)
    // All of it is one cluster with the scatter that was measured, which keeps outliers in the warm-up out of it.
    point = sized(point, x.length).fill(0)
    const first = this.store.add(point, this.shared.policy.varianceMemory)
    this.store.setVariance(first, x.length)
    this.store.setDensity(first, this.shared.policy.varianceMemory)
    this.store.setActive(first, true)
    this.standardizer = standardizer
    warmUp.release()
    this.warmUp = undefined
  }

  private follow(standardizer: Standardizer, x: Float64Array, weight: number): void {
    const { store } = this
    const { parameters, policy } = this.shared
    const p = locate(standardizer, x)
    const nearest = this.nearest(p)
    const rho = ratio(store, nearest, p, parameters.varianceLimit)
    const taught = rho > 1 ? weight : weight * Math.min(1, (fullyTaught / rho) ** 2)
    residual = sized(residual, x.length)
    const cells = store.cells()
    const offset = store.centerOffset(nearest)
    for (let f = 0; f < x.length; f++) residual[f] = p[f]! - cells[offset + f]!
    const share = 1 / Math.min(store.weight(nearest) + taught, parameters.memory)
    standardizer.observe(residual, rho > 1 ? 0 : taught, trendGain * share * share)
    this.graph ??= new MacroGraph(store)
    evolve(store, this.graph, policy, p, taught)
    standardizer.advance()
    if (standardizer.rescale(residual)) this.stretch(residual)
  }

  /** Tells what has become of the regimes. */
  private tell(standardizer: Standardizer, onClusterEvent: OnClusterEvent): void {
    this.regimes ??= new Regimes()
    this.graph ??= new MacroGraph(this.store)
    this.graph.refresh()
    const events = this.regimes.follow(this.store, this.graph, (center) => center.map((p, f) => standardizer.restore(f, p)))
    for (const event of events) onClusterEvent(event)
  }

  /** The active cluster with the least rho; without an active one (all faded) the heaviest. */
  private nearest(p: Float64Array): number {
    const { store } = this
    let best = -1
    let least = Infinity
    for (let i = 0; i < store.count; i++) {
      if (!store.isActive(i)) continue
      const rho = ratio(store, i, p, this.shared.parameters.varianceLimit)
      if (best === -1 || rho < least) {
        best = i
        least = rho
      }
    }
    if (best !== -1) return best
    best = 0
    for (let i = 1; i < store.count; i++) if (store.weight(i) > store.weight(best)) best = i
    return best
  }

  /** Brings centres and variances to the new scales. */
  private stretch(ratios: Float64Array): void {
    const { store } = this
    const cells = store.cells()
    let shrink = 0
    for (let f = 0; f < ratios.length; f++) shrink += 1 / (ratios[f]! * ratios[f]!)
    shrink /= ratios.length
    for (let i = 0; i < store.count; i++) {
      const offset = store.centerOffset(i)
      for (let f = 0; f < ratios.length; f++) cells[offset + f]! /= ratios[f]!
      // Only the sum over features is known: it shrinks by the mean of theirs.
      store.setVariance(i, store.variance(i) * shrink)
    }
    this.graph?.touchAll()
    if (this.graph !== undefined) refreshActivity(store, this.graph, this.shared.policy)
  }
}

/** The vector's coordinates, in a buffer that the next call overwrites. */
function locate(standardizer: Standardizer, x: Float64Array): Float64Array {
  point = sized(point, x.length)
  standardizer.apply(x, point)
  return point
}

function sized(buffer: Float64Array, length: number): Float64Array {
  return buffer.length === length ? buffer : new Float64Array(length)
}
