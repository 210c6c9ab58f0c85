import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { sharedVector } from '../testing/shared-vectors.ts'
import { drawForest } from './forest.ts'
import type { Forest } from './forest.ts'
import { Masses } from './masses.ts'

const vector = sharedVector('hst_river_0.26.1.json')

interface River {
  params: { n_trees: number; height: number; window_size: number }
  features: string[]
  trees: RiverNode[]
  X: [number, number][]
  scores: number[]
}

interface RiverNode {
  f?: string
  t?: number
  l?: RiverNode
  r?: RiverNode
}

/** River's trees as ours; its limits are 0 to 1 for every tree. */
function loadForest({ params, features, trees }: River): Forest {
  const nodes = 2 ** params.height
  const dimension = features.length
  const forest: Forest = {
    trees: trees.length, height: params.height, dimension,
    features: new Uint16Array(trees.length * nodes),
    thresholds: new Float64Array(trees.length * nodes),
    low: new Float64Array(trees.length * dimension),
    high: new Float64Array(trees.length * dimension).fill(1),
  }
  const load = (node: RiverNode, offset: number, at: number): void => {
    if (node.t === undefined) return
    forest.features[offset + at] = features.indexOf(node.f!)
    forest.thresholds[offset + at] = node.t
    load(node.l!, offset, 2 * at)
    load(node.r!, offset, 2 * at + 1)
  }
  trees.forEach((tree, i) => load(tree, i * nodes, 1))
  return forest
}

/** Learns a point as river does: the window becomes the reference when it is full. */
function learn(masses: Masses, x: Float64Array): void {
  masses.add(x)
  if (masses.filled === masses.capacity) masses.refer()
}

describe.skipIf(!vector.exists)(`half-space trees beside river${vector.note}`, () => {
  test('all 300 scores of its dumped trees are equal', () => {
    const river = vector.read<River>()
    const masses = new Masses(loadForest(river), river.params.window_size)
    const scores = river.X.map((point) => {
      const x = Float64Array.from(point)
      // Before the first reference river says 0; the model says undefined.
      const score = masses.reference === 0 ? 0 : 1 - masses.massOf(x)
      learn(masses, x)
      return score
    })
    expect(scores).toHaveLength(300)
    expect(scores).toEqual(river.scores)
  })
})

const shapes = [[1, 1, 1], [3, 5, 2], [25, 6, 6], [4, 3, 40]].map(([trees, height, dimension]) => ({ trees: trees!, height: height!, dimension: dimension! }))

function cloud(dimension: number, count: number, seed: number): Float64Array[] {
  const uniform = mulberry32(seed)
  return Array.from({ length: count }, () => Float64Array.from({ length: dimension }, () => gaussian(uniform)))
}

describe.each(shapes)('a forest of $trees trees of height $height over $dimension coordinates', (shape) => {
  const forest = drawForest(shape, 3, 7)
  const inner = 2 ** shape.height

  test('is the same for the same seed, and another for another', () => {
    expect(drawForest(shape, 3, 7)).toEqual(forest)
    expect(drawForest(shape, 3, 8).thresholds).not.toEqual(forest.thresholds)
  })

  test('holds what is normal in every tree\'s work range, and cuts each node in the middle 70 % of what is left of it', () => {
    for (let tree = 0; tree < shape.trees; tree++) {
      const offset = tree * inner
      const check = (node: number, low: number[], high: number[]): void => {
        if (node >= inner) return
        const feature = forest.features[offset + node]!
        const threshold = forest.thresholds[offset + node]!
        const share = (threshold - low[feature]!) / (high[feature]! - low[feature]!)
        expect(share).toBeGreaterThanOrEqual(0.15)
        expect(share).toBeLessThanOrEqual(0.85)
        check(2 * node, low, high.with(feature, threshold))
        check(2 * node + 1, low.with(feature, threshold), high)
      }
      const ends = tree * shape.dimension
      const [low, high] = [forest.low, forest.high].map((bound) => [...bound.subarray(ends, ends + shape.dimension)]) as [number[], number[]]
      expect(Math.max(...low)).toBeLessThanOrEqual(-6)
      expect(Math.min(...high)).toBeGreaterThanOrEqual(6)
      check(1, low, high)
    }
  })

  test('children\'s masses add up to their parent\'s, and the root\'s is the reference, also after its state was read', () => {
    const masses = new Masses(forest, 50)
    for (const x of cloud(shape.dimension, 130, 3)) learn(masses, x)
    const copy = new Masses(forest, 50)
    copy.load(masses.toState())
    for (const each of [masses, copy]) {
      for (let tree = 0; tree < shape.trees; tree++) {
        expect(each.referenceOf(tree, 1)).toBe(50)
        for (let node = 1; node < inner; node++) expect(each.referenceOf(tree, 2 * node) + each.referenceOf(tree, 2 * node + 1)).toBe(each.referenceOf(tree, node))
      }
    }
    expect(copy.toState()).toEqual(masses.toState())
    for (const x of cloud(shape.dimension, 50, 4)) expect(copy.massOf(x)).toBe(masses.massOf(x))
  })

  test('the mass lies in [0, 1], and a point outside of every work range has none', () => {
    const masses = new Masses(forest, 200)
    for (const x of cloud(shape.dimension, 200, 5)) learn(masses, x)
    for (const x of [...cloud(shape.dimension, 100, 6), ...cloud(shape.dimension, 100, 7).map((far) => far.map((v) => v * 8))]) {
      const mass = masses.massOf(x)
      expect(mass).toBeGreaterThanOrEqual(0)
      expect(mass).toBeLessThanOrEqual(1)
    }
    for (let f = 0; f < shape.dimension; f++) {
      expect(masses.massOf(new Float64Array(shape.dimension).with(f, 1e6))).toBe(0)
      expect(masses.massOf(new Float64Array(shape.dimension).with(f, -1e6))).toBe(0)
    }
  })

  test('a point\'s mass rises with every other that is learned where it lies', () => {
    const x = new Float64Array(shape.dimension)
    const others = cloud(shape.dimension, 60, 9)
    const massWith = (copies: number): number => {
      const masses = new Masses(forest, 60)
      for (const other of others.slice(copies)) masses.add(other)
      for (let i = 0; i < copies; i++) masses.add(x)
      masses.refer()
      return masses.massOf(x)
    }
    const all = Array.from({ length: 61 }, (_, copies) => massWith(copies))
    for (let i = 1; i < all.length; i++) expect(all[i]).toBeGreaterThanOrEqual(all[i - 1]!)
    expect(all[60]).toBe(1)
  })

  test('a learned point judged without itself is as if it had not been learned', () => {
    const points = cloud(shape.dimension, 40, 11)
    const reference = (learned: readonly Float64Array[]): Masses => {
      const masses = new Masses(forest, 100)
      for (const x of learned) masses.add(x)
      masses.refer()
      return masses
    }
    const all = reference(points)
    for (const [i, x] of points.entries()) expect(all.massOf(x, 1)).toBe(reference(points.toSpliced(i, 1)).massOf(x))
  })
})

test.each([10, 250, 65_535, 65_536, 100_000])('masses in windows of %d survive their packing', (capacity) => {
  const forest = drawForest({ trees: 3, height: 4, dimension: 2 }, 3, 1)
  const masses = new Masses(forest, capacity)
  for (let i = 0; i < 2.5 * Math.min(capacity, 2000); i++) learn(masses, Float64Array.of((i % 13) - 6, (i % 7) - 3))
  if (masses.reference === 0) masses.refer()
  const copy = new Masses(forest, capacity)
  copy.load(JSON.parse(JSON.stringify(masses.toState()), (key, value: unknown) => (key === 'packed' ? Float64Array.from(Object.values(value as number[])) : value)) as never)
  expect(copy.toState()).toEqual(masses.toState())
  for (let i = 0; i < 50; i++) expect(copy.massOf(Float64Array.of(i / 8 - 3, i / 9 - 3))).toBe(masses.massOf(Float64Array.of(i / 8 - 3, i / 9 - 3)))
})

test('what brought a point to where few are is the coordinate that is off', () => {
  const forest = drawForest({ trees: 25, height: 6, dimension: 6 }, 3, 2)
  const masses = new Masses(forest, 250)
  for (const x of cloud(6, 250, 13)) learn(masses, x)
  for (let f = 0; f < 6; f++) {
    for (const size of [-6, 6, 20]) {
      const parts = new Float64Array(6)
      masses.explain(new Float64Array(6).with(f, size), parts)
      expect(Math.min(...parts)).toBeGreaterThanOrEqual(0)
      expect(parts.indexOf(Math.max(...parts))).toBe(f)
    }
  }
})
