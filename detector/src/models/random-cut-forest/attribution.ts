import type { CutTree } from './cut-tree.ts'
import { nothing } from './cut-tree.ts'
import { attributeDuplicate } from './duplicate-attribution.ts'
import type { PointSource } from './points.ts'

let leafPoint = new Float32Array(0)
/**
 * The path from the leaf upwards, level by level: for each coordinate that is still outside of the node's box its place in the attribution, and how far
 * outside it is. One that is inside stays inside further up, so each level has no more of them than the one below: that is most of the speed.
 */
let places = new Int32Array(1024)
let distances = new Float64Array(1024)
/** Where each level's entries end, and their sum. */
let ends = new Int32Array(64)
let growths = new Float64Array(64)

/**
 * The score of a point in one tree, and what each coordinate has of it.
 *
 *     leaf, another point:           s = 1/(depth + 1)
 *     leaf, the same point (mass M): s = (1 - M/(2T)) / (depth + log2(M + 1)), and that is all
 *     node:   P = growth of the box's spans if the point joined / sum of the new spans ;   s = P/(depth + 1) + (1 - P) s ;  at P = 0 the end
 *     result: s log2(T + 1),  T = mass of the tree
 *
 * s is a sum over the nodes of the path: P of the node, times 1 - P of all above, over depth + 1. Each node's part belongs to the coordinates by
 * their growth; those of a point that is there already are in duplicate-attribution.ts.
 *
 * @param x as float32, like the points.
 * @param attribution `dimension` parts of coordinates above the boxes, then those below (DiVector's high and low); what the tree says is
 *   added, and adds up to the score.
 * @returns 0 for an empty tree.
 */
export function scoreInTree(tree: CutTree, points: PointSource, x: Float32Array, attribution: Float64Array): number {
  if (tree.root === nothing) return 0
  const { parent } = tree
  const d = x.length
  const leaf = tree.leafOf(x)
  const over = tree.leafParent[leaf]!
  let depth = 0
  for (let node = over; node >= 0; node = parent[node]!) depth++
  reserve(d, depth)
  points.read(tree.leafPoint[leaf]!, leafPoint)
  const normaliser = Math.log2(tree.mass + 1)
  if (growOverLeaf(x) === 0) {
    const mass = tree.leafMass[leaf]!
    const damped = (1 - mass / (2 * tree.mass)) / (depth + Math.log2(mass + 1))
    attributeDuplicate(tree, leaf, x, depth, damped, damped * normaliser, attribution)
    return damped * normaliser
  }
  let levels = 1
  let top = over
  for (let node = over; node >= 0; node = parent[node]!) {
    if (growOverBox(tree.boxes, node * 2 * d, x, levels) === 0) break
    levels++
    top = node
  }
  // Downwards from the last node that is outgrown, with what the nodes above have left over. Level 0 is the leaf, whose P is 1.
  let left = normaliser
  let score = 0
  let node = top
  for (let level = levels - 1; level >= 0; level--) {
    const growth = growths[level]!
    const probability = level > 0 ? growth / (tree.spans[node]! + growth) : 1
    const part = (left * probability) / (depth - level + 1)
    const each = part / growth
    score += part
    for (let e = level > 0 ? ends[level - 1]! : 0; e < ends[level]!; e++) attribution[places[e]!]! += each * distances[e]!
    left *= 1 - probability
    if (level > 1) node = x[tree.cutDimension[node]!]! <= tree.cutValue[node]! ? tree.left[node]! : tree.right[node]!
  }
  return score
}

/** Room for a path: each level may have all coordinates. */
function reserve(d: number, depth: number): void {
  if (leafPoint.length !== d) leafPoint = new Float32Array(d)
  if (places.length < (depth + 1) * d) {
    places = new Int32Array(2 * (depth + 1) * d)
    distances = new Float64Array(2 * (depth + 1) * d)
  }
  if (ends.length < depth + 1) {
    ends = new Int32Array(2 * (depth + 1))
    growths = new Float64Array(2 * (depth + 1))
  }
}

/** Level 0: every coordinate that differs from the leaf's point. @returns the sum of the distances. */
function growOverLeaf(x: Float32Array): number {
  const d = x.length
  let end = 0
  let sum = 0
  for (let i = 0; i < d; i++) {
    const difference = x[i]! - leafPoint[i]!
    if (difference === 0) continue
    places[end] = difference > 0 ? i : d + i
    distances[end++] = Math.abs(difference)
    sum += Math.abs(difference)
  }
  ends[0] = end
  growths[0] = sum
  return sum
}

/** The next level: those of the level below that are outside of this box too, on the same side. */
function growOverBox(boxes: Float32Array, at: number, x: Float32Array, level: number): number {
  const d = x.length
  const until = ends[level - 1]!
  let end = until
  let sum = 0
  for (let e = level > 1 ? ends[level - 2]! : 0; e < until; e++) {
    const place = places[e]!
    const distance = place < d ? x[place]! - boxes[at + d + place]! : boxes[at + place - d]! - x[place - d]!
    places[end] = place
    distances[end] = distance
    if (distance > 0) {
      sum += distance
      end++
    }
  }
  ends[level] = end
  growths[level] = sum
  return sum
}
