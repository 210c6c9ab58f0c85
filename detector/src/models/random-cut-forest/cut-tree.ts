import { growBox, isAtLows, mergeBoxes, shrinkBox, sumSpans } from './boxes.ts'
import type { PointSource } from './points.ts'
import { drawCut } from './random-cut.ts'
import type { Cut } from './random-cut.ts'

/** No node: the parent of the root. */
const none = -1
/** No child at all: the root of an empty tree. */
export const nothing = 0x7fffffff

const cut: Cut = { dimension: 0, value: 0 }
/** Leaves' points as boxes of no size. */
let leafBox = new Float32Array(0)
let otherBox = new Float32Array(0)
let leaving = new Float32Array(0)
/** Sides of boxes that are looked at: of dimension i the low one is i, the high one i + dimension. */
let sides = new Int32Array(0)

/**
 * One random cut tree over points that are known by number, in typed arrays with free lists.
 *
 * A child is an inner node (its number, from 0) or a leaf (`~leaf`). Equal points are one leaf with their number as its mass. Each inner node
 * keeps its bounding box: a score looks at the boxes of a whole path, and to rebuild them from the points would cost the size of the subtree each.
 * That is 8 bytes a dimension and inner node, nearly all of a tree's memory.
 *
 * - guarantees: a tree after `insert` and `forget` has the distribution of one drawn from the remaining points at once (Guha et al., theorem 3);
 *   each box is exactly the union of its leaves.
 * - cost: a path from leaf to root, two passes over the dimensions a node.
 * - reference: Guha, Mishra, Roy, Schrijvers 2016, "Robust random cut forest based anomaly detection on streams", ICML; algorithms 3.1.
 */
export class CutTree {
  readonly capacity: number
  readonly dimension: number
  private readonly points: PointSource
  root = nothing
  /** Points in the tree, equal ones counted each. */
  mass = 0
  readonly left: Int32Array
  readonly right: Int32Array
  readonly parent: Int32Array
  readonly nodeMass: Int32Array
  readonly cutDimension: Int32Array
  readonly cutValue: Float32Array
  /** Of node n from `n * 2 * dimension` on: the lows, then the highs. */
  readonly boxes: Float32Array
  /** Sum of the box's spans. */
  readonly spans: Float64Array
  readonly leafParent: Int32Array
  readonly leafMass: Int32Array
  readonly leafPoint: Int32Array
  private usedNodes = 0
  private usedLeaves = 0
  private freeNode = none
  private freeLeaf = none

  /** @param boxes room for `capacity - 1` boxes, all 0. */
  constructor(points: PointSource, capacity: number, boxes = new Float32Array((capacity - 1) * 2 * points.dimension)) {
    const nodes = capacity - 1
    this.capacity = capacity
    this.dimension = points.dimension
    this.points = points
    this.boxes = boxes
    this.left = new Int32Array(nodes)
    this.right = new Int32Array(nodes)
    this.parent = new Int32Array(nodes)
    this.nodeMass = new Int32Array(nodes)
    this.cutDimension = new Int32Array(nodes)
    this.cutValue = new Float32Array(nodes)
    this.spans = new Float64Array(nodes)
    this.leafParent = new Int32Array(capacity)
    this.leafMass = new Int32Array(capacity)
    this.leafPoint = new Int32Array(capacity)
  }

  /** The leaf whose cell the point lies in. The tree must not be empty. */
  leafOf(x: Float32Array): number {
    const { left, right, cutDimension, cutValue } = this
    let child = this.root
    while (child >= 0) child = x[cutDimension[child]!]! <= cutValue[child]! ? left[child]! : right[child]!
    return ~child
  }

  /**
   * Adds a point. Cuts are drawn from the leaf upwards and the last one that separates counts: the same law as the first one on the way down.
   *
   * @param x its coordinates.
   * @param uniform draws for the cuts.
   * @returns its leaf; one that is there already (then `leafPoint` is an older, equal point) where the point is not new.
   */
  insert(point: number, x: Float32Array, uniform: () => number): number {
    this.mass++
    if (this.root === nothing) {
      const first = this.takeLeaf(point, none)
      this.root = ~first
      return first
    }
    const d = this.dimension
    const found = this.leafOf(x)
    leafBox = this.boxOfLeaf(found, leafBox)
    const own = leafBox
    if (isAtLows(own, x)) {
      this.leafMass[found]!++
      for (let node = this.leafParent[found]!; node !== none; node = this.parent[node]!) this.nodeMass[node]!++
      return found
    }
    let child = ~found
    let below = child
    let dimension = 0
    let value = 0
    let outside = everySide(d)
    for (;;) {
      const boxes = child < 0 ? own : this.boxes
      const at = child < 0 ? 0 : child * 2 * d
      let growth = 0
      let still = 0
      // A side that the point is not beyond it is not beyond further up either.
      for (let k = 0; k < outside; k++) {
        const side = sides[k]!
        const beyond = side < d ? boxes[at + side]! - x[side]! : x[side - d]! - boxes[at + side]!
        if (beyond <= 0) continue
        growth += beyond
        sides[still++] = side
      }
      outside = still
      drawCut(boxes, at, x, (child < 0 ? 0 : this.spans[child]!) + growth, uniform(), cut)
      const i = cut.dimension
      if (x[i]! <= cut.value ? cut.value < boxes[at + i]! : cut.value >= boxes[at + d + i]!) {
        below = child
        dimension = i
        value = cut.value
      }
      const up = child < 0 ? this.leafParent[~child]! : this.parent[child]!
      if (up === none || outside === 0) break
      child = up
    }
    return this.placeBeside(below, point, x, dimension, value)
  }

  /**
   * Takes one point of a leaf away.
   *
   * @returns whether it was the leaf's last one: then the leaf is gone, and its number is free.
   */
  forget(leaf: number): boolean {
    this.mass--
    const over = this.leafParent[leaf]!
    const isLast = --this.leafMass[leaf]! === 0
    if (!isLast) {
      for (let node = over; node !== none; node = this.parent[node]!) this.nodeMass[node]!--
      return false
    }
    leaving = this.boxOfLeaf(leaf, leaving)
    this.leafParent[leaf] = this.freeLeaf
    this.freeLeaf = leaf
    if (over === none) {
      this.root = nothing
      return true
    }
    const sibling = this.left[over] === ~leaf ? this.right[over]! : this.left[over]!
    const above = this.parent[over]!
    this.replaceChild(above, over, sibling)
    this.parent[over] = this.freeNode
    this.freeNode = over
    let touched = everySide(this.dimension)
    for (let node = above; node !== none; node = this.parent[node]!) {
      this.nodeMass[node]!--
      if (touched > 0) touched = this.shrink(node, leaving, touched)
    }
    return true
  }

  /**
   * Puts a tree together from its parts, parents before children and left before right; `rebuildBox` of each inner node, children first, ends it.
   *
   * @param parent -1 for the root.
   * @returns the node.
   */
  addInner(parent: number, dimension: number, value: number): number {
    const node = this.takeNode(parent)
    this.cutDimension[node] = dimension
    this.cutValue[node] = value
    this.left[node] = nothing
    this.attach(parent, node)
    return node
  }

  /** @returns the leaf, as in `addInner`. */
  addLeaf(parent: number, point: number, mass: number): number {
    const leaf = this.takeLeaf(point, parent)
    this.leafMass[leaf] = mass
    this.mass += mass
    this.attach(parent, ~leaf)
    for (let node = parent; node !== none; node = this.parent[node]!) this.nodeMass[node]! += mass
    return leaf
  }

  /** Makes the box and span of a node from its children. */
  rebuildBox(node: number): void {
    const { boxes, dimension: d } = this
    const at = node * 2 * d
    boxes.fill(Infinity, at, at + d).fill(-Infinity, at + d, at + 2 * d)
    const box = boxes.subarray(at, at + 2 * d)
    this.mergeBox(this.left[node]!, box)
    this.mergeBox(this.right[node]!, box)
    this.spans[node] = sumSpans(boxes, at, d)
  }

  /**
   * Divides cuts and boxes as their points are divided.
   *
   * @param ratios powers of two, of coordinate i that of i modulo their number.
   */
  divide(ratios: Float64Array): void {
    const { boxes, cutValue, cutDimension, dimension: d, usedNodes } = this
    const features = ratios.length
    for (let node = 0; node < usedNodes; node++) {
      const at = node * 2 * d
      for (let side = 0; side < 2 * d; side++) boxes[at + side]! /= ratios[side % features]!
      cutValue[node]! /= ratios[cutDimension[node]! % features]!
      this.spans[node] = sumSpans(boxes, at, d)
    }
  }

  /** What is left of a node's box without a point that went: see `shrinkBox`. */
  private shrink(node: number, gone: Float32Array, touched: number): number {
    const { boxes, dimension: d } = this
    const one = this.left[node]!
    const other = this.right[node]!
    if (one < 0) leafBox = this.boxOfLeaf(~one, leafBox)
    if (other < 0) otherBox = this.boxOfLeaf(~other, otherBox)
    const from = one < 0 ? leafBox : boxes
    const and = other < 0 ? otherBox : boxes
    const moved = shrinkBox(boxes, node * 2 * d, d, gone, sides, touched, from, one < 0 ? 0 : one * 2 * d, and, other < 0 ? 0 : other * 2 * d)
    if (moved > 0) this.spans[node] = sumSpans(boxes, node * 2 * d, d)
    return moved
  }

  /** Stretches `box` (lows, then highs) around the subtree of a child. */
  mergeBox(child: number, box: Float32Array): void {
    if (child < 0) leafBox = this.boxOfLeaf(~child, leafBox)
    mergeBoxes(child < 0 ? leafBox : this.boxes, child < 0 ? 0 : child * 2 * this.dimension, box)
  }

  private placeBeside(below: number, point: number, x: Float32Array, dimension: number, value: number): number {
    const above = below < 0 ? this.leafParent[~below]! : this.parent[below]!
    const node = this.takeNode(above)
    const leaf = this.takeLeaf(point, node)
    this.replaceChild(above, below, node)
    if (below < 0) this.leafParent[~below] = node
    else this.parent[below] = node
    const isLeft = x[dimension]! <= value
    this.left[node] = isLeft ? ~leaf : below
    this.right[node] = isLeft ? below : ~leaf
    this.cutDimension[node] = dimension
    this.cutValue[node] = value
    this.nodeMass[node] = (below < 0 ? this.leafMass[~below]! : this.nodeMass[below]!) + 1
    const d = this.dimension
    if (below < 0) {
      leafBox = this.boxOfLeaf(~below, leafBox)
      this.boxes.set(leafBox, node * 2 * d)
    } else this.boxes.copyWithin(node * 2 * d, below * 2 * d, (below + 1) * 2 * d)
    let inside = !this.grow(node, x)
    for (let up = above; up !== none; up = this.parent[up]!) {
      this.nodeMass[up]!++
      if (!inside) inside = !this.grow(up, x)
    }
    return leaf
  }

  /** @returns whether the node's box had to grow. */
  private grow(node: number, x: Float32Array): boolean {
    const at = node * 2 * this.dimension
    const grown = growBox(this.boxes, at, x)
    if (grown) this.spans[node] = sumSpans(this.boxes, at, this.dimension)
    return grown
  }

  private attach(parent: number, child: number): void {
    if (parent === none) this.root = child
    else if (this.left[parent] === nothing) this.left[parent] = child
    else this.right[parent] = child
  }

  private replaceChild(above: number, old: number, child: number): void {
    // `old` is a child as it stands in `left` and `right`: of an inner node its number.
    if (above === none) this.root = child
    else if (this.left[above] === old) this.left[above] = child
    else this.right[above] = child
    if (child < 0) this.leafParent[~child] = above
    else this.parent[child] = above
  }

  /** A leaf's point as a box, in `buffer` or a new one where that has another size. */
  private boxOfLeaf(leaf: number, buffer: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
    const d = this.dimension
    const box = buffer.length === 2 * d ? buffer : new Float32Array(2 * d)
    this.points.read(this.leafPoint[leaf]!, box)
    box.copyWithin(d, 0, d)
    return box
  }

  private takeNode(parent: number): number {
    let node = this.freeNode
    if (node === none) node = this.usedNodes++
    else this.freeNode = this.parent[node]!
    this.parent[node] = parent
    return node
  }

  private takeLeaf(point: number, parent: number): number {
    let leaf = this.freeLeaf
    if (leaf === none) leaf = this.usedLeaves++
    else this.freeLeaf = this.leafParent[leaf]!
    this.leafParent[leaf] = parent
    this.leafPoint[leaf] = point
    this.leafMass[leaf] = 1
    return leaf
  }
}

/** All sides into `sides`. @returns how many. */
function everySide(d: number): number {
  if (sides.length !== 2 * d) sides = new Int32Array(2 * d)
  for (let side = 0; side < 2 * d; side++) sides[side] = side
  return 2 * d
}
