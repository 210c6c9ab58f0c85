import { mulberry32 } from '@tidewatch/kit'

/** The shape of a forest's trees. */
export interface ForestShape {
  /** Number of trees. */
  trees: number
  /** Cuts between the root and a leaf. */
  height: number
  /** Coordinates of a point. */
  dimension: number
}

/**
 * The cuts of full binary trees, and each tree's work range. They are drawn once and never change, so that all models of a shape can
 * share them. Nodes are numbered as in a heap: 1 is the root, 2i and 2i+1 are the children of i; those from 2^height on are leaves.
 */
export interface Forest extends ForestShape {
  /** Node i of tree t cuts coordinate `features[t * 2^height + i]` */
  features: Uint16Array
  /** at `thresholds[t * 2^height + i]`: below it the way goes left. */
  thresholds: Float64Array
  /** The work range of coordinate f in tree t: `low[t * dimension + f]` to `high[t * dimension + f]`. */
  low: Float64Array
  high: Float64Array
}

/** A cut lies in the middle 70 % of its node's range: nearer to an edge it would hardly divide anything. */
const padding = 0.15

/**
 * Draws a forest for coordinates of which normal ones lie between -`reach` and `reach`.
 *
 * Each tree has its own work range for each coordinate: with normal between 0 and 1 and s uniform there, s +- 2 max(s, 1 - s), as in
 * the paper. So it holds all of normal and as much again, and no two trees cut alike. A node's coordinate is drawn with probability
 * in proportion to the node's range of it.
 */
export function drawForest({ trees, height, dimension }: ForestShape, reach: number, seed: number): Forest {
  const uniform = mulberry32(seed)
  const nodes = 2 ** height
  const forest: Forest = {
    trees, height, dimension,
    features: new Uint16Array(trees * nodes),
    thresholds: new Float64Array(trees * nodes),
    low: new Float64Array(trees * dimension),
    high: new Float64Array(trees * dimension),
  }
  for (let tree = 0; tree < trees; tree++) {
    for (let f = tree * dimension; f < (tree + 1) * dimension; f++) {
      const s = uniform()
      const half = 2 * Math.max(s, 1 - s)
      forest.low[f] = (2 * (s - half) - 1) * reach
      forest.high[f] = (2 * (s + half) - 1) * reach
    }
    const ends = tree * dimension
    cut(forest, tree * nodes, 1, forest.low.slice(ends, ends + dimension), forest.high.slice(ends, ends + dimension), uniform)
  }
  return forest
}

/** Draws the cuts of a node and all below it. The node's ranges are as they were when it is done. */
function cut(forest: Forest, offset: number, node: number, low: Float64Array, high: Float64Array, uniform: () => number): void {
  if (node >= 2 ** forest.height) return
  const feature = drawFeature(low, high, uniform())
  const [least, most] = [low[feature]!, high[feature]!]
  const threshold = least + (most - least) * (padding + (1 - 2 * padding) * uniform())
  forest.features[offset + node] = feature
  forest.thresholds[offset + node] = threshold
  high[feature] = threshold
  cut(forest, offset, 2 * node, low, high, uniform)
  high[feature] = most
  low[feature] = threshold
  cut(forest, offset, 2 * node + 1, low, high, uniform)
  low[feature] = least
}

function drawFeature(low: Float64Array, high: Float64Array, share: number): number {
  let sum = 0
  for (let f = 0; f < low.length; f++) sum += high[f]! - low[f]!
  let left = share * sum
  for (let f = 0; f < low.length - 1; f++) {
    left -= high[f]! - low[f]!
    if (left < 0) return f
  }
  return low.length - 1
}
