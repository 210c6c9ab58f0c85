import type { CutTree } from './cut-tree.ts'
import { nothing } from './cut-tree.ts'
import { CutForest } from './forest.ts'
import type { ForestShape } from './forest.ts'
import { SeededUniform } from './seeded-uniform.ts'
import { ShingleStore } from './shingle-store.ts'

/**
 * A forest as plain numbers. Boxes and masses are left out: they follow from the points, to the bit.
 *
 * Nodes and leaves are numbered anew in the order of a walk, vectors by age, so that equal forests have equal states however their free lists
 * came to be.
 */
export interface ForestState {
  time: number
  seed: number
  draws: number
  /** `ShingleStore.toState`. */
  vectors: Float64Array
  /**
   * Each tree's nodes, the root first, left before right. Inner: `dimension * 2^32` + the bits of the cut as float32.
   * Leaf: `-(1 + point * 2^16 + mass)`, the point by its place among the vectors.
   */
  nodes: Float64Array[]
  /** Each tree's heap: weights, then the leaves' places in the walk. */
  heaps: Float64Array[]
}

const massBound = 2 ** 16
const cutBound = 2 ** 32
const asFloat = new Float32Array(1)
const asBits = new Uint32Array(asFloat.buffer)

export function forestState(forest: CutForest): ForestState {
  const { store, trees, samplers } = forest
  const slots = store.inOrder()
  const placeOfSlot = new Map(Array.from(slots, (slot, place) => [slot, place]))
  const nodes: Float64Array[] = []
  const heaps: Float64Array[] = []
  trees.forEach((tree, t) => {
    const numbers: number[] = []
    const placeOfLeaf = new Int32Array(tree.capacity)
    let leaves = 0
    const walk: number[] = tree.root === nothing ? [] : [tree.root]
    while (walk.length > 0) {
      const child = walk.pop()!
      if (child >= 0) {
        asFloat[0] = tree.cutValue[child]!
        numbers.push(tree.cutDimension[child]! * cutBound + asBits[0]!)
        walk.push(tree.right[child]!, tree.left[child]!)
      } else {
        placeOfLeaf[~child] = leaves++
        numbers.push(-(1 + placeOfSlot.get(tree.leafPoint[~child]!)! * massBound + tree.leafMass[~child]!))
      }
    }
    nodes.push(Float64Array.from(numbers))
    const sampler = samplers[t]!
    const heap = new Float64Array(2 * sampler.size)
    for (let place = 0; place < sampler.size; place++) {
      heap[place] = sampler.weightAt(place)
      heap[sampler.size + place] = placeOfLeaf[sampler.leafAt(place)]!
    }
    heaps.push(heap)
  })
  return { time: forest.time, ...forest.uniform.toState(), vectors: store.toState(slots), nodes, heaps }
}

/** The forest of `forestState`; it goes on as the other does. */
export function restoreForest(features: number, shape: ForestShape, state: ForestState): CutForest {
  const store = ShingleStore.fromState(features, shape.shingleSize, state.vectors)
  const forest = new CutForest(shape, store, new SeededUniform(state.seed, state.draws))
  forest.time = state.time
  forest.trees.forEach((tree, t) => {
    growTree(tree, state.nodes[t]!, store)
    const heap = state.heaps[t]!
    const size = heap.length / 2
    for (let place = 0; place < size; place++) forest.samplers[t]!.load(heap[size + place]!, heap[place]!)
  })
  return forest
}

/** Leaves are numbered as they come, so a leaf's place in the walk is its number. */
function growTree(tree: CutTree, nodes: Float64Array, store: ShingleStore): void {
  const open: number[] = []
  const inner: number[] = []
  for (const number of nodes) {
    const parent = open.pop() ?? -1
    if (number < 0) {
      const code = -number - 1
      const point = Math.floor(code / massBound)
      tree.addLeaf(parent, point, code % massBound)
      store.hold(point)
    } else {
      asBits[0] = number % cutBound
      const node = tree.addInner(parent, Math.floor(number / cutBound), asFloat[0]!)
      inner.push(node)
      open.push(node, node)
    }
  }
  // Children come after their parents in the walk.
  for (let i = inner.length - 1; i >= 0; i--) tree.rebuildBox(inner[i]!)
}
