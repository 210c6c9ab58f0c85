import { CutTree } from '../random-cut-forest/cut-tree.ts'
import type { PointSource } from '../random-cut-forest/points.ts'

/** A tree as `rrcf` shows it: `q` the cut's dimension, `p` its value, `n` the mass, `b` the box, `i` the point's index. */
export type RrcfNode =
  | { type: 'Branch'; q: number; p: number; n: number; b: [number[], number[]]; l: RrcfNode; r: RrcfNode }
  | { type: 'Leaf'; i: number; x: number[]; n: number }

/** The same tree as ours, and the leaf of each point by its index. */
export function readRrcfTree(root: RrcfNode): { tree: CutTree; leafByIndex: Map<number, number> } {
  const pointByIndex = new Map<number, number[]>()
  collect(root, pointByIndex)
  const points: PointSource = {
    dimension: pointByIndex.values().next().value?.length ?? 0,
    read: (point, out) => out.set(pointByIndex.get(point) ?? []),
  }
  const tree = new CutTree(points, Math.max(2, pointByIndex.size))
  const leafByIndex = new Map<number, number>()
  const add = (node: RrcfNode, parent: number): void => {
    if (node.type === 'Leaf') {
      leafByIndex.set(node.i, tree.addLeaf(parent, node.i, node.n))
      return
    }
    const inner = tree.addInner(parent, node.q, node.p)
    add(node.l, inner)
    add(node.r, inner)
    tree.rebuildBox(inner)
  }
  add(root, -1)
  return { tree, leafByIndex }
}

function collect(node: RrcfNode, pointByIndex: Map<number, number[]>): void {
  if (node.type === 'Leaf') pointByIndex.set(node.i, node.x)
  else for (const child of [node.l, node.r]) collect(child, pointByIndex)
}
