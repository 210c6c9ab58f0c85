import type { CutTree } from './cut-tree.ts'

/** Points that would move up if this leaf were not there: the mass of its sibling. 0 for the only leaf of a tree. */
export function displacement(tree: CutTree, leaf: number): number {
  const over = tree.leafParent[leaf]!
  return over < 0 ? 0 : massOf(tree, siblingOf(tree, over, ~leaf))
}

/**
 * Collusive displacement: the most points that a removal around the leaf moves, for each point removed,
 *
 *     max over v from the leaf up to the root's child of  mass(sibling of v) / mass(v)
 *
 * so that an outlier is not hidden by its near copies. 0 for the only leaf of a tree. A forest's figure is the mean over its trees.
 *
 * Reference: Guha et al. 2016, definition 4; algorithms 3.1.
 */
export function collusiveDisplacement(tree: CutTree, leaf: number): number {
  let largest = 0
  let child = ~leaf
  let over = tree.leafParent[leaf]!
  while (over >= 0) {
    largest = Math.max(largest, massOf(tree, siblingOf(tree, over, child)) / massOf(tree, child))
    child = over
    over = tree.parent[over]!
  }
  return largest
}

function siblingOf(tree: CutTree, over: number, child: number): number {
  return tree.left[over] === child ? tree.right[over]! : tree.left[over]!
}

function massOf(tree: CutTree, child: number): number {
  return child < 0 ? tree.leafMass[~child]! : tree.nodeMass[child]!
}
