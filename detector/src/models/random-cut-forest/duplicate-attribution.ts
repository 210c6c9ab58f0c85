import type { CutTree } from './cut-tree.ts'

/** The box of all points but the one in question, then the point's growth beyond it, then what the coordinates have so far. */
let shadow = new Float32Array(0)
let growth = new Float64Array(0)
let parts = new Float64Array(0)

/**
 * Attributes the score of a point that is in the tree already, as if its leaf were not there: node by node against the box of everything in it
 * but the leaf, which is the union of the siblings passed on the way up.
 *
 *     P_i, P of the point and that box ;   a_i = P_i/(depth + 1) + (1 - P) a_i from equal parts on ;   then all scaled to add up to the score
 *
 * So an outlier that comes again is explained by what made it one. Reference: the AWS library's AbstractAttributionVisitor.
 *
 * @param damped the score before it is multiplied by log2(T + 1): the equal parts to begin with.
 * @param score what the parts must add up to.
 * @param attribution as in `scoreInTree`: added to.
 */
export function attributeDuplicate(tree: CutTree, leaf: number, x: Float32Array, depth: number, damped: number, score: number, attribution: Float64Array): void {
  const d = x.length
  if (parts.length !== 2 * d) {
    shadow = new Float32Array(2 * d)
    growth = new Float64Array(2 * d)
    parts = new Float64Array(2 * d)
  }
  parts.fill(damped / (2 * d))
  shadow.fill(Infinity, 0, d)
  shadow.fill(-Infinity, d)
  let child = ~leaf
  let nodeDepth = depth
  for (let node = tree.leafParent[leaf]!; node >= 0; node = tree.parent[node]!) {
    nodeDepth--
    tree.mergeBox(tree.left[node] === child ? tree.right[node]! : tree.left[node]!, shadow)
    child = node
    let grown = 0
    let span = 0
    for (let i = 0; i < d; i++) {
      growth[i] = Math.max(0, x[i]! - shadow[d + i]!)
      growth[d + i] = Math.max(0, shadow[i]! - x[i]!)
      grown += growth[i]! + growth[d + i]!
      span += shadow[d + i]! - shadow[i]!
    }
    if (grown === 0) break
    const each = 1 / ((nodeDepth + 1) * (span + grown))
    const kept = 1 - grown / (span + grown)
    for (let i = 0; i < 2 * d; i++) parts[i] = each * growth[i]! + kept * parts[i]!
  }
  let sum = 0
  for (let i = 0; i < 2 * d; i++) sum += parts[i]!
  for (let i = 0; i < 2 * d; i++) attribution[i]! += (score / sum) * parts[i]!
}
