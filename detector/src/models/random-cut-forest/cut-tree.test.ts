import { mulberry32 } from '@tidewatch/kit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scoreInTree } from './attribution.ts'
import { CutTree, nothing } from './cut-tree.ts'
import type { PointSource } from './points.ts'

const dimension = 3
const capacity = 24
/** Few values, so that equal points and equal coordinates come often. */
const vector = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }), fc.float({ min: -3, max: 3, noNaN: true }))
/** Insertions of a vector, and removals of the n-th of what is there. */
const steps = fc.array(fc.oneof({ weight: 2, arbitrary: vector }, { weight: 1, arbitrary: fc.nat(1000) }), { minLength: 1, maxLength: 80 })

/** A tree beside the plain list of what should be in it. */
class Bench implements PointSource {
  readonly dimension = dimension
  readonly tree = new CutTree(this, capacity)
  readonly held: { leaf: number; x: Float32Array }[] = []
  private readonly points: Float32Array[] = []
  private readonly uniform: () => number

  constructor(seed: number) {
    this.uniform = mulberry32(seed)
  }

  read(point: number, out: Float32Array): void {
    out.set(this.points[point]!)
  }

  insert(x: Float32Array): number {
    const leaf = this.tree.insert(this.points.push(x) - 1, x, this.uniform)
    this.held.push({ leaf, x })
    return leaf
  }

  forget(place: number): void {
    this.tree.forget(this.held.splice(place, 1)[0]!.leaf)
  }

  /** What a walk from the root finds: the tree with everything that must hold for each node checked. */
  walk(child = this.tree.root, parent = -1): { points: Float32Array[]; shape: unknown } {
    const { tree } = this
    if (child === nothing) return { points: [], shape: null }
    if (child < 0) {
      const leaf = ~child
      expect(tree.leafParent[leaf]).toBe(parent)
      const same = this.held.filter((held) => held.leaf === leaf)
      expect(tree.leafMass[leaf]).toBe(same.length)
      for (const { x } of same) expect([...x]).toEqual([...same[0]!.x])
      expect(tree.leafOf(same[0]!.x)).toBe(leaf)
      return { points: same.map(({ x }) => x), shape: [...same[0]!.x, same.length] }
    }
    expect(tree.parent[child]).toBe(parent)
    const [left, right] = [this.walk(tree.left[child], child), this.walk(tree.right[child], child)]
    const points = [...left.points, ...right.points]
    expect(tree.nodeMass[child]).toBe(points.length)
    const lows = Array.from({ length: dimension }, (_, i) => Math.min(...points.map((x) => x[i]!)))
    const highs = Array.from({ length: dimension }, (_, i) => Math.max(...points.map((x) => x[i]!)))
    const at = child * 2 * dimension
    // + 0: a low of -0 and one of 0 are the same.
    const box = [...tree.boxes.subarray(at, at + 2 * dimension)].map((v) => v + 0)
    expect(box).toEqual([...lows, ...highs].map((v) => v + 0))
    expect(tree.spans[child]).toBeCloseTo(highs.reduce((sum, high, i) => sum + high - lows[i]!, 0), 9)
    const [i, value] = [tree.cutDimension[child]!, tree.cutValue[child]!]
    for (const x of left.points) expect(x[i]).toBeLessThanOrEqual(value)
    for (const x of right.points) expect(x[i]).toBeGreaterThan(value)
    return { points, shape: { cut: [i, value], mass: points.length, box, left: left.shape, right: right.shape } }
  }
}

function run(seed: number, taken: readonly (readonly number[] | number)[]): Bench {
  const bench = new Bench(seed)
  for (const step of taken) {
    if (typeof step === 'number') {
      if (bench.held.length > 0) bench.forget(step % bench.held.length)
    } else if (bench.held.length < capacity) bench.insert(Float32Array.from(step))
  }
  return bench
}

describe('a random cut tree', () => {
  test('holds exactly what was inserted and not forgotten; every box is the union of its leaves, every cut separates', () => {
    fc.assert(
      fc.property(fc.integer(), steps, (seed, taken) => {
        const bench = run(seed, taken)
        expect(bench.walk().points).toHaveLength(bench.held.length)
        expect(bench.tree.mass).toBe(bench.held.length)
      }),
    )
  })

  test('is as before once a point that was inserted is forgotten', () => {
    fc.assert(
      fc.property(fc.integer(), steps, vector, (seed, taken, x) => {
        const bench = run(seed, taken)
        fc.pre(bench.held.length < capacity)
        const before = bench.walk().shape
        bench.insert(Float32Array.from(x))
        bench.walk()
        bench.forget(bench.held.length - 1)
        expect(bench.walk().shape).toEqual(before)
      }),
    )
  })

  test('gives a point that is there already the same leaf with more mass', () => {
    const bench = new Bench(1)
    const leaves = [[1, 2, 3], [4, 5, 6], [1, 2, 3], [1, 2, 3]].map((x) => bench.insert(Float32Array.from(x)))
    expect(leaves).toEqual([0, 1, 0, 0])
    expect([bench.tree.leafMass[0], bench.tree.nodeMass[bench.tree.root], bench.tree.leafPoint[0]]).toEqual([3, 4, 0])
  })

  test('that was emptied takes points again', () => {
    const bench = run(3, [[0, 0, 0], [1, 0, 0], 0, 0, [2, 2, 2]])
    expect(bench.walk().points.map((x) => [...x])).toEqual([[2, 2, 2]])
  })

  test('cuts off an outlier at the root as often as its span says: one drawn at once and one grown point by point', () => {
    // Four points within [0, 1] and one at 9 in one dimension: 8 of 9 cuts separate it, and as many after others came and went.
    const values = [0, 0.25, 0.5, 1, 9]
    const count = 3000
    let alone = 0
    for (let seed = 0; seed < count; seed++) {
      const bench = new Bench(seed)
      const order = [...values].sort((a, b) => Math.sin(seed + a) - Math.sin(seed + b))
      for (const v of [...order.slice(0, 2), 4, ...order.slice(2)]) bench.insert(Float32Array.of(v, 0, 0))
      bench.forget(bench.held.findIndex(({ x }) => x[0] === 4))
      const { root, left, right } = bench.tree
      const outlier = bench.held.find(({ x }) => x[0] === 9)!.leaf
      if (left[root] === ~outlier || right[root] === ~outlier) alone++
    }
    // Five standard errors: the seeds are fixed.
    expect(Math.abs(alone / count - 8 / 9)).toBeLessThan(5 * Math.sqrt((8 / 9) * (1 / 9) / count))
  })
})

describe('score and attribution in a tree', () => {
  test('the attributions are not negative and add up to the score', () => {
    fc.assert(
      fc.property(fc.integer(), steps, vector, (seed, taken, x) => {
        const bench = run(seed, taken)
        const parts = new Float64Array(2 * dimension)
        const score = scoreInTree(bench.tree, bench, Float32Array.from(x), parts)
        expect(Math.min(...parts)).toBeGreaterThanOrEqual(0)
        expect(parts.reduce((a, b) => a + b)).toBeCloseTo(score, 9)
        if (bench.held.length > 0) expect(score).toBeGreaterThan(0)
        else expect(score).toBe(0)
      }),
    )
  })

  test.each([
    ['nothing else: log2(2) by the leaf', [[0, 0, 0]], [1, 0, 0], 1, [1, 0, 0, 0, 0, 0]],
    ['three equal ones: log2(4) by the leaf', [[0, 0, 0], [0, 0, 0], [0, 0, 0]], [0, -1, 0], 2, [0, 0, 0, 0, 2, 0]],
    ['one like it, twice there: (1 - 2/4) / log2(3) times log2(3)', [[5, 5, 5], [5, 5, 5]], [5, 5, 5], 0.5, [1, 1, 1, 1, 1, 1].map((v) => v / 12)],
  ])('a point beside %s', (_, there, x, score, parts) => {
    const bench = run(1, there)
    const found = new Float64Array(6)
    expect(scoreInTree(bench.tree, bench, Float32Array.from(x), found)).toBeCloseTo(score, 12)
    parts.forEach((part, i) => expect(found[i]).toBeCloseTo(part, 12))
  })

  test('where a point goes beyond the others in one coordinate, that one and that side get it all', () => {
    const bench = run(5, Array.from({ length: 20 }, (_, i) => [i % 3, i % 5, i % 2]))
    const parts = new Float64Array(6)
    const score = scoreInTree(bench.tree, bench, Float32Array.of(1, 2, -50), parts)
    expect(parts[5]! / score).toBeGreaterThan(0.9)
  })
})
