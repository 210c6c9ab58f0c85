import { describe, expect, test } from 'vitest'
import { ClusterStore } from './cluster-store.ts'
import { evolve } from './evolution.ts'
import { detectionPolicy, publishedPolicy } from './evolution-policy.ts'
import { MacroGraph } from './macro-graph.ts'
import { sharedVector } from './testing/shared-vectors.ts'

interface Vector {
  params: { variance_limit: number; decay: number }
  X: [number, number][]
  trace: {
    i: number
    micro: { id: number; n: number; mean: number[]; variance: number; density: number; life: number; active: boolean }[]
    macro: number[][]
    activeMacro: number[][]
  }[]
}

const vector = sharedVector('microtedaclus_ref_2d.json')

function groupsOf(store: ClusterStore, graph: MacroGraph, takes: (i: number) => boolean): number[][] {
  const groups = Array.from({ length: graph.group(takes) }, (): number[] => [])
  for (let i = 0; i < store.count; i++) if (takes(i)) groups[graph.groupOfCluster(i)]!.push(i)
  return groups
}

describe.skipIf(!vector.exists)(`MicroTEDAclus beside the authors' own trace${vector.note}`, () => {
  test('with their skipping prune every micro-cluster and every group is theirs at all 34 snapshots', () => {
    const { params, X, trace } = vector.read<Vector>()
    const store = new ClusterStore(2, 256)
    const graph = new MacroGraph(store)
    const policy = publishedPolicy(params.variance_limit, params.decay, true)
    let worst = 0
    let compared = 0
    X.forEach((x, i) => {
      evolve(store, graph, policy, Float64Array.from(x), 1)
      const want = trace.find((snapshot) => snapshot.i === i)
      if (want === undefined) return
      compared++
      expect(store.count).toBe(want.micro.length)
      want.micro.forEach((micro, k) => {
        const offset = store.centerOffset(k)
        const close = (got: number, wanted: number): void => {
          worst = Math.max(worst, Math.abs(got - wanted) / Math.max(1, Math.abs(wanted)))
        }
        close(store.cells()[offset]!, micro.mean[0]!)
        close(store.cells()[offset + 1]!, micro.mean[1]!)
        close(store.variance(k), micro.variance)
        close(store.density(k), micro.density)
        close(store.life(k), micro.life)
        expect(store.weight(k)).toBe(micro.n)
        expect(store.isActive(k)).toBe(micro.active)
      })
      const place = (id: number): number => want.micro.findIndex((micro) => micro.id === id)
      const sorted = (groups: number[][]): number[][] => groups.map((g) => [...g].sort((a, b) => a - b)).sort((a, b) => a[0]! - b[0]!)
      const inPlaces = (groups: number[][]): number[][] => sorted(groups.map((g) => g.map(place)))
      // Edges of now, as the trace was taken with macro-clusters refreshed at each step.
      graph.refresh()
      expect(sorted(groupsOf(store, graph, () => true))).toEqual(inPlaces(want.macro))
      expect(sorted(groupsOf(store, graph, (k) => store.isActive(k)))).toEqual(inPlaces(want.activeMacro))
    })
    expect(compared).toBe(34)
    expect(worst).toBeLessThan(1e-12)
  })
})

describe('a step of the detector', () => {
  const policy = detectionPolicy(1, 200, 25)
  const at = (...x: number[]): Float64Array => Float64Array.from(x)
  const started = (capacity = 4): { store: ClusterStore; graph: MacroGraph } => {
    const store = new ClusterStore(2, capacity)
    const first = store.add(at(0, 0), 100)
    store.setVariance(first, 2)
    store.setDensity(first, 100)
    store.setActive(first, true)
    return { store, graph: new MacroGraph(store) }
  }

  test('a vector inside the boundary is learned by its cluster and starts none', () => {
    const { store, graph } = started()
    expect(evolve(store, graph, policy, at(1, -1), 1)).toBe(true)
    expect(store.count).toBe(1)
    expect(store.cells()[store.centerOffset(0)]).toBeCloseTo(1 / 25, 12)
  })

  test('a vector outside starts a suspicious cluster, and the active one does not move', () => {
    const { store, graph } = started()
    expect(evolve(store, graph, policy, at(50, 0), 0.1)).toBe(false)
    expect(store.count).toBe(2)
    expect([store.isActive(0), store.isActive(1)]).toEqual([true, false])
    expect(store.cells()[store.centerOffset(0)]).toBe(0)
  })

  test('sixty anomalous vectors in a row stay suspicious, three hundred become a regime', () => {
    const { store, graph } = started()
    for (let i = 0; i < 60; i++) evolve(store, graph, policy, at(50, 0), 0.1)
    expect(store.isActive(1)).toBe(false)
    for (let i = 0; i < 240; i++) evolve(store, graph, policy, at(50, 0), 0.1)
    expect(store.isActive(1)).toBe(true)
  })

  test('bouts of ten anomalous vectors in every hundred never become one', () => {
    const { store, graph } = started()
    for (let i = 0; i < 5000; i++) {
      const anomalous = i % 100 < 10
      evolve(store, graph, policy, anomalous ? at(50, 0) : at(0, 0), anomalous ? 0.1 : 1)
      for (let k = 1; k < store.count; k++) expect(store.isActive(k)).toBe(false)
    }
  })

  test('an unused suspicious cluster is dropped after decay vectors', () => {
    const { store, graph } = started()
    evolve(store, graph, policy, at(50, 0), 0.1)
    for (let i = 0; i < 195; i++) evolve(store, graph, policy, at(0, 0), 1)
    expect(store.count).toBe(2)
    for (let i = 0; i < 10; i++) evolve(store, graph, policy, at(0, 0), 1)
    expect(store.count).toBe(1)
  })

  test('a full store joins suspicious clusters and never an active one with them', () => {
    const { store, graph } = started(4)
    for (const x of [50, 100, 150, 152, 300, 500]) evolve(store, graph, policy, at(x, 0), 0.1)
    expect(store.count).toBeLessThanOrEqual(4)
    expect(store.isActive(0)).toBe(true)
    expect(store.cells()[store.centerOffset(0)]).toBe(0)
    expect(store.variance(0)).toBe(2)
  })
})

describe('the prune', () => {
  test('looks at the cluster behind a removed one, unless it imitates the reference', () => {
    const survivors = (skips: boolean): number => {
      const store = new ClusterStore(1, 8)
      for (const x of [0, 10, 20]) store.setLife(store.add(Float64Array.of(x), 1), 0)
      evolve(store, new MacroGraph(store), publishedPolicy(0.001, 100, skips), Float64Array.of(99), 1)
      return store.count
    }
    expect(survivors(false)).toBe(1)
    expect(survivors(true)).toBe(2)
  })
})
