import type { ClusterStore } from './cluster-store.ts'
import type { MacroGraph } from './macro-graph.ts'
import { distanceAfter, moveMean, varianceAfter } from './teda.ts'

/** What may differ between the published algorithm and the detector built on it; see evolution-policy.ts. */
export interface EvolutionPolicy {
  /** Whether cluster i takes x, at the squared distance from its centre, as `weight` of a sample. */
  accepts(store: ClusterStore, i: number, x: Float64Array, distance: number, weight: number): boolean
  /** Life of an accepting cluster, from its figures before it takes the vector. */
  lifeAfter(life: number, variance: number, distance: number): number
  /** Density of a cluster with the vector in it; `distance` is from the new mean. */
  density(total: number, variance: number, distance: number): number
  isActive(weight: number, density: number, meanDensityOfGroup: number): boolean
  /** Bounds on k in the mean and in s2: what is beyond is forgotten. Infinity for the plain recursion. */
  meanMemory: number
  varianceMemory: number
  /** Taken from the life of each inactive cluster at each step (ff). */
  lifeLoss: number
  /** Factors on a cluster's weight at each step. */
  inactiveKept: number
  activeKept: number
  /** For comparison with the reference only: its prune passes over the cluster behind each one that it removes. */
  skipsAfterRemoval: boolean
}

/**
 * One step of MicroTEDAclus (algorithms 1.3): each cluster that accepts x learns it; if none does x starts a new
 * one; inactive clusters age and are dropped; then groups and activity follow.
 *
 * @returns whether any cluster accepted x.
 */
export function evolve(store: ClusterStore, graph: MacroGraph, policy: EvolutionPolicy, x: Float64Array, weight: number): boolean {
  let accepted = false
  for (let i = 0; i < store.count; i++) {
    const distance = store.distanceTo(i, x)
    if (!policy.accepts(store, i, x, distance, weight)) continue
    commit(store, policy, i, x, distance, weight)
    graph.touch(i)
    accepted = true
  }
  if (!accepted) {
    if (store.count === store.capacity) makeRoom(store, graph)
    const born = store.add(x, weight)
    graph.touch(born)
    // Spares the newborn this step's ageing; `refreshActivity` then decides.
    store.setActive(born, true)
  }
  age(store, graph, policy)
  refreshActivity(store, graph, policy)
  return accepted
}

function commit(store: ClusterStore, policy: EvolutionPolicy, i: number, x: Float64Array, distance: number, weight: number): void {
  const variance = store.variance(i)
  const total = Math.min(store.weight(i) + weight, policy.varianceMemory)
  store.setLife(i, policy.lifeAfter(store.life(i), variance, distance))
  const next = varianceAfter(variance, distance, total, weight)
  store.setVariance(i, next)
  store.setWeight(i, total)
  store.setDensity(i, policy.density(total, next, distanceAfter(distance, total, weight)))
  moveMean(store.cells(), store.centerOffset(i), x, weight / Math.min(total, policy.meanMemory))
}

function age(store: ClusterStore, graph: MacroGraph, policy: EvolutionPolicy): void {
  for (let i = 0; i < store.count; i++) {
    const active = store.isActive(i)
    store.setWeight(i, store.weight(i) * (active ? policy.activeKept : policy.inactiveKept))
    if (active) continue
    store.setLife(i, store.life(i) - policy.lifeLoss)
    if (store.life(i) >= 0) continue
    store.remove(i)
    graph.remove(i)
    if (!policy.skipsAfterRemoval) i--
  }
}

/** Groups all clusters and decides which are active: dense enough beside the others of their group. */
export function refreshActivity(store: ClusterStore, graph: MacroGraph, policy: EvolutionPolicy): void {
  if (store.count === 1) {
    store.setActive(0, policy.isActive(store.weight(0), store.density(0), store.density(0)))
    return
  }
  graph.refresh()
  const groups = graph.group(() => true)
  for (let group = 0; group < groups; group++) {
    let sum = 0
    let members = 0
    for (let i = 0; i < store.count; i++) {
      if (graph.groupOfCluster(i) !== group) continue
      sum += store.density(i)
      members++
    }
    for (let i = 0; i < store.count; i++) {
      if (graph.groupOfCluster(i) !== group) continue
      store.setActive(i, policy.isActive(store.weight(i), store.density(i), sum / members))
    }
  }
}

/**
 * Frees a row in a full store: joins the two closest inactive clusters; a single inactive one goes; with none
 * inactive the two closest active ones are joined. An inactive cluster never joins an active one: what is
 * suspicious must not become normal for want of room.
 */
function makeRoom(store: ClusterStore, graph: MacroGraph): void {
  let inactive = 0
  let last = 0
  for (let i = 0; i < store.count; i++) {
    if (store.isActive(i)) continue
    inactive++
    last = i
  }
  if (inactive === 1) {
    store.remove(last)
    graph.remove(last)
    return
  }
  const among = inactive === 0
  let [first, second, closest] = [0, 1, Infinity]
  for (let i = 0; i < store.count; i++) {
    if (store.isActive(i) !== among) continue
    for (let j = i + 1; j < store.count; j++) {
      if (store.isActive(j) !== among) continue
      const distance = store.distanceBetween(i, j)
      if (distance >= closest) continue
      first = i
      second = j
      closest = distance
    }
  }
  store.merge(first, second)
  graph.remove(second)
  graph.touch(first)
}
