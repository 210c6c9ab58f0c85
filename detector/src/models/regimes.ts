import type { ClusterStore } from './cluster-store.ts'
import type { MacroGraph } from './macro-graph.ts'
import type { ClusterEvent, ClusterState } from './model.ts'

/** Plain data, for a snapshot. */
export interface RegimesState {
  next: number
  labels: Float64Array
}

/** One group of active clusters that overlap. */
interface Regime {
  id: number
  members: number[]
  weight: number
  /** What it is made of: weight by the label of before. */
  parts: Map<number, number>
}

/**
 * Follows the macro-clusters of a store from vector to vector: active micro-clusters that overlap are one regime, which keeps its number while it
 * moves and grows.
 *
 *     born     a group without a cluster of an earlier regime
 *     merged   a group with clusters of several: the heaviest one's number stays
 *     split    clusters of one regime in several groups: the heaviest part keeps the number
 *     died     no active cluster of a regime is left
 *
 * Labels are kept with the store's clusters. Cost: the clusters' number squared where there are several, nothing where there is one; nothing is allocated
 * where nothing has changed.
 */
export class Regimes {
  #next = 1

  /**
   * What has become of the regimes since the last time.
   *
   * @param graph of this store, with its edges up to date.
   * @param toUnits a centre in the vectors' own units.
   */
  follow(store: ClusterStore, graph: MacroGraph, toUnits: (center: Float64Array) => Float64Array): ClusterEvent[] {
    const absorbed = store.takeAbsorbed()
    const groups = graph.group((i) => store.isActive(i))
    if (absorbed.length === 0 && isSettled(store, graph)) return []

    const regimes = Array.from({ length: groups }, (): Regime => ({ id: 0, members: [], weight: 0, parts: new Map() }))
    const weights = new Map<number, number>()
    const fading = new Map<number, number[]>()
    for (let i = 0; i < store.count; i++) {
      const label = store.label(i)
      const regime = store.isActive(i) ? regimes[graph.groupOfCluster(i)] : undefined
      if (label !== 0) {
        weights.set(label, (weights.get(label) ?? 0) + store.weight(i))
        fading.set(label, [...(fading.get(label) ?? []), i])
      }
      regime?.members.push(i)
      if (regime === undefined) continue
      regime.weight += store.weight(i)
      if (label !== 0) regime.parts.set(label, (regime.parts.get(label) ?? 0) + store.weight(i))
    }
    // Where nothing else is left of a regime, it has gone where its last cluster went.
    for (const { label, into } of absorbed) {
      if (weights.has(label)) continue
      for (const { parts } of regimes) if (parts.has(into)) parts.set(label, 0)
    }
    const events = this.#name(regimes, weights, fading, (id, members) => describe(store, id, members, toUnits))
    for (let i = 0; i < store.count; i++) store.setLabel(i, store.isActive(i) ? regimes[graph.groupOfCluster(i)]!.id : 0)
    return events
  }

  toState(store: ClusterStore): RegimesState {
    return { next: this.#next, labels: Float64Array.from({ length: store.count }, (_, i) => store.label(i)) }
  }

  static fromState({ next, labels }: RegimesState, store: ClusterStore): Regimes {
    const regimes = new Regimes()
    regimes.#next = next
    labels.forEach((label, i) => store.setLabel(i, label))
    return regimes
  }

  /** Gives each regime its number, and says how it came to it. */
  #name(regimes: readonly Regime[], before: ReadonlyMap<number, number>, membersBefore: ReadonlyMap<number, readonly number[]>, state: (id: number, members: readonly number[]) => ClusterState): ClusterEvent[] {
    const labels = [...before.keys()].sort((a, b) => a - b)
    const claims = new Map(labels.map((label) => [label, regimes.filter(({ parts }) => parts.has(label))]))
    // A number goes to the heaviest part of its regime, and of several numbers that of the heaviest stays.
    for (const regime of regimes) {
      const inherited = [...regime.parts].filter(([label]) => heaviest(claims.get(label) ?? [], ({ parts }) => parts.get(label)!) === regime)
      regime.id = heaviest(inherited, ([, weight]) => weight)?.[0] ?? this.#next++
    }
    const now = ({ id, members }: Regime): ClusterState => state(id, members)
    return [
      ...labels.filter((label) => claims.get(label)!.length === 0).map((label): ClusterEvent => ({ kind: 'died', from: [label], clusters: [state(label, membersBefore.get(label)!)] })),
      ...labels.filter((label) => claims.get(label)!.length > 1).map((label): ClusterEvent => ({ kind: 'split', from: [label], clusters: claims.get(label)!.map(now) })),
      ...regimes.filter(({ parts }) => parts.size > 1).map((regime): ClusterEvent => ({ kind: 'merged', from: [...regime.parts.keys()].sort((a, b) => a - b), clusters: [now(regime)] })),
      ...regimes.filter(({ parts }) => parts.size === 0).map((regime): ClusterEvent => ({ kind: 'born', from: [], clusters: [now(regime)] })),
    ]
  }
}

/** Whether every group has one label, no two have the same, and what is inactive has none. */
function isSettled(store: ClusterStore, graph: MacroGraph): boolean {
  for (let i = 0; i < store.count; i++) {
    const label = store.label(i)
    if (store.isActive(i) !== (label !== 0)) return false
    if (label === 0) continue
    for (let j = 0; j < i; j++) {
      if (store.label(j) !== 0 && (store.label(j) === label) !== (graph.groupOfCluster(j) === graph.groupOfCluster(i))) return false
    }
  }
  return true
}

/** The first of the heaviest. */
function heaviest<T>(all: readonly T[], weightOf: (one: T) => number): T | undefined {
  let best: T | undefined
  for (const one of all) if (best === undefined || weightOf(one) > weightOf(best)) best = one
  return best
}

function describe(store: ClusterStore, id: number, members: readonly number[], toUnits: (center: Float64Array) => Float64Array): ClusterState {
  const center = new Float64Array(store.dimension)
  let weight = 0
  for (const i of members) weight += store.weight(i)
  for (const i of members) {
    const offset = store.centerOffset(i)
    for (let f = 0; f < center.length; f++) center[f]! += (store.cells()[offset + f]! * store.weight(i)) / weight
  }
  return { id, weight, center: toUnits(center) }
}
