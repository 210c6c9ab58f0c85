import { scoreInTree } from './attribution.ts'
import { CutTree } from './cut-tree.ts'
import { SeededUniform } from './seeded-uniform.ts'
import { ShingleStore } from './shingle-store.ts'
import { TimeDecayedSampler } from './time-decayed-sampler.ts'

export interface ForestShape {
  trees: number
  sampleSize: number
  shingleSize: number
  /** Share of its chance to be in a sample that a vector loses with each one after it. */
  timeDecay: number
}

/**
 * Trees over one stream of vectors, each with a sample of its own.
 *
 * A point is a shingle: a vector and the `shingleSize - 1` before it. Nothing is in the trees before the first whole shingle.
 */
export class CutForest {
  readonly shape: ForestShape
  readonly store: ShingleStore
  readonly trees: readonly CutTree[]
  readonly samplers: readonly TimeDecayedSampler[]
  readonly uniform: SeededUniform
  /** Vectors so far. */
  time = 0
  private readonly point: Float32Array

  constructor(shape: ForestShape, store: ShingleStore, uniform: SeededUniform) {
    const { trees, sampleSize, timeDecay } = shape
    this.shape = shape
    this.store = store
    this.uniform = uniform
    this.point = new Float32Array(store.dimension)
    // One piece for all boxes: what no tree has used yet is memory that the system has not given out.
    const room = (sampleSize - 1) * 2 * store.dimension
    const boxes = new Float32Array(trees * room)
    this.trees = Array.from({ length: trees }, (_, t) => new CutTree(store, sampleSize, boxes.subarray(t * room, (t + 1) * room)))
    this.samplers = Array.from({ length: trees }, () => new TimeDecayedSampler(sampleSize, timeDecay))
  }

  static empty(features: number, shape: ForestShape, seed: number): CutForest {
    return new CutForest(shape, new ShingleStore(features, shape.shingleSize), new SeededUniform(seed))
  }

  /** Points in each tree: as many as vectors came after the first shingle, up to the size of the sample. */
  get pointsInTree(): number {
    return this.trees[0]!.mass
  }

  /**
   * The mean score of the shingle that `x` would complete.
   *
   * @param attribution gets, for each coordinate of the shingle (oldest vector first), its part above and then its part below: two times
   *   `features * shingleSize` numbers that add up to the score.
   */
  score(x: Float32Array, attribution: Float64Array): number {
    const { trees, store, point } = this
    attribution.fill(0)
    store.readWith(x, point)
    let sum = 0
    for (let t = 0; t < trees.length; t++) sum += scoreInTree(trees[t]!, store, point, attribution)
    for (let i = 0; i < attribution.length; i++) attribution[i]! /= trees.length
    return sum / trees.length
  }

  /**
   * Offers the shingle that `x` completes to all samples.
   *
   * @param weight in (0, 1]: of its chance to be in a sample.
   * @param follows whether the next shingles have `x` in them.
   */
  learn(x: Float32Array, weight: number, follows: boolean): void {
    const { trees, samplers, store, point, uniform } = this
    const time = this.time++
    const slot = store.branch(x)
    if (store.length + 1 >= store.shingleSize) {
      store.read(slot, point)
      for (let t = 0; t < trees.length; t++) {
        const tree = trees[t]!
        const sampler = samplers[t]!
        if (!sampler.accepts(time, weight, uniform.next)) continue
        if (sampler.isFull) this.forget(tree, sampler.evict())
        const leaf = tree.insert(slot, point, uniform.next)
        // An equal point that is there already stands for both.
        if (tree.leafPoint[leaf] === slot) store.hold(slot)
        sampler.add(leaf)
      }
    }
    if (follows) store.advance(slot)
    else store.release(slot)
  }

  /**
   * Says that the features' units have become larger: all points, boxes and cuts are what they were, in the new units.
   *
   * @param ratios new unit / old of each feature, powers of two: nothing is rounded, so trees stay as they are.
   */
  changeUnits(ratios: Float64Array): void {
    this.store.divide(ratios)
    for (const tree of this.trees) tree.divide(ratios)
  }

  private forget(tree: CutTree, leaf: number): void {
    const point = tree.leafPoint[leaf]!
    if (tree.forget(leaf)) this.store.release(point)
  }
}
