import type { Forest } from './forest.ts'

/** A node with less than this share of the reference is not divided further: what is below is chance. */
const sparse = 0.1

/** The masses of a model as plain data. */
export interface MassesState {
  /** Points in the window, and in the reference. */
  filled: number
  reference: number
  /** The leaves' masses in the window and in the reference, several to a number. */
  packed: Float64Array
}

/**
 * How many points lie in each node of a forest: in the window that is being filled (l), and in the reference that points are
 * judged by (r).
 *
 *     mass(x) = sum over trees of sum over the nodes v on x's way of r(v) 2^depth(v)  /  (trees R (2^(height+1) - 1))
 *
 * in [0, 1]; the way ends at a leaf or at a node with r < R/10; R is the reference's points. A tree whose work range does
 * not hold x adds nothing: no point that was learned lies there.
 */
export class Masses {
  readonly forest: Forest
  /** Points in a full window. */
  readonly capacity: number
  /** Points in the window, */
  filled = 0
  /** and in the reference. */
  reference = 0
  /** l and r of each node, `2^(height+1)` for a tree. */
  private window: Uint16Array | Uint32Array
  private model: Uint16Array | Uint32Array

  constructor(forest: Forest, capacity: number) {
    this.forest = forest
    this.capacity = capacity
    const length = forest.trees * 2 ** (forest.height + 1)
    this.window = capacity < 2 ** 16 ? new Uint16Array(length) : new Uint32Array(length)
    this.model = this.window.slice()
  }

  /** Adds a point to the window; one outside of a work range counts at its edge. */
  add(x: Float64Array): void {
    const { forest, window } = this
    const leaves = 2 ** forest.height
    for (let tree = 0; tree < forest.trees; tree++) {
      const offset = tree * leaves
      for (let node = 1; ; node = 2 * node + this.side(x, offset + node)) {
        window[2 * offset + node]!++
        if (node >= leaves) break
      }
    }
    this.filled++
  }

  /** The window as it is becomes the reference; a full one begins anew. */
  refer(): void {
    this.reference = this.filled
    if (this.filled < this.capacity) {
      this.model.set(this.window)
      return
    }
    const old = this.model
    this.model = this.window
    this.window = old.fill(0)
    this.filled = 0
  }

  /** Whether a point lies in the work range of a tree. */
  holds(tree: number, x: Float64Array): boolean {
    const { dimension, low, high } = this.forest
    for (let f = 0, at = tree * dimension; f < dimension; f++, at++) if (x[f]! < low[at]! || x[f]! > high[at]!) return false
    return true
  }

  /**
   * The share of the largest mass that there could be, in [0, 1].
   *
   * @param itself how often the point is in the reference and does not count: 0, or 1 for one that was learned.
   */
  massOf(x: Float64Array, itself = 0): number {
    const { forest, model } = this
    const { trees, height } = forest
    const leaves = 2 ** height
    const points = this.reference - itself
    if (points < 1) return 0
    let mass = 0
    for (let tree = 0; tree < trees; tree++) {
      if (!this.holds(tree, x)) continue
      const offset = tree * leaves
      let node = 1
      for (let weight = 1; ; weight *= 2) {
        const r = model[2 * offset + node]! - itself
        mass += r * weight
        if (node >= leaves || r < sparse * points) break
        node = 2 * node + this.side(x, offset + node)
      }
    }
    return mass / (trees * points * (2 * leaves - 1))
  }

  /**
   * Adds to `parts` how much each coordinate did to bring a point to where few are: for every cut of its way that leads to the
   * thinner side, by how much thinner that is than a half, ln((r + 1)/(2 r' + 1)) with r before and r' after it. A tree whose
   * work range the point left is as an empty side, by each coordinate that lies outside.
   */
  explain(x: Float64Array, parts: Float64Array): void {
    const { forest, model, reference } = this
    const leaves = 2 ** forest.height
    for (let tree = 0; tree < forest.trees; tree++) {
      if (!this.holds(tree, x)) {
        this.blameOutside(tree, x, parts)
        continue
      }
      const offset = tree * leaves
      let node = 1
      let r = reference
      while (node < leaves && r >= sparse * reference) {
        const feature = forest.features[offset + node]!
        node = 2 * node + this.side(x, offset + node)
        const after = model[2 * offset + node]!
        if (2 * after < r) parts[feature]! += Math.log((r + 1) / (2 * after + 1))
        r = after
      }
    }
  }

  toState(): MassesState {
    return { filled: this.filled, reference: this.reference, packed: pack([this.window, this.model], this.forest, this.capacity) }
  }

  /** Goes on from `toState`. */
  load({ filled, reference, packed }: MassesState): void {
    this.filled = filled
    this.reference = reference
    unpack(packed, [this.window, this.model], this.forest, this.capacity)
  }

  /** Mass of a node in the reference; for tests of what holds between nodes. */
  referenceOf(tree: number, node: number): number {
    return this.model[tree * 2 ** (this.forest.height + 1) + node]!
  }

  private side(x: Float64Array, cell: number): 0 | 1 {
    return x[this.forest.features[cell]!]! < this.forest.thresholds[cell]! ? 0 : 1
  }

  private blameOutside(tree: number, x: Float64Array, parts: Float64Array): void {
    const { dimension, low, high } = this.forest
    const surprise = Math.log(this.reference + 1)
    for (let f = 0, at = tree * dimension; f < dimension; f++, at++) if (x[f]! < low[at]! || x[f]! > high[at]!) parts[f]! += surprise
  }
}

type Counts = Uint16Array | Uint32Array

/** How many counts up to `capacity` go into the 53 bits of a number. */
const perNumber = (capacity: number): number => Math.floor(53 / Math.log2(capacity + 1))

/** The leaves' masses only, as those of the other nodes follow; several of them are the digits of one number. */
function pack(all: readonly Counts[], { trees, height }: Forest, capacity: number): Float64Array {
  const leaves = 2 ** height
  const digits = perNumber(capacity)
  const packed = new Float64Array(Math.ceil((all.length * trees * leaves) / digits))
  let place = 0
  for (const counts of all) {
    for (let tree = 0; tree < trees; tree++) {
      const first = (2 * tree + 1) * leaves
      for (let leaf = 0; leaf < leaves; leaf++, place++) {
        const at = Math.floor(place / digits)
        packed[at] = packed[at]! * (capacity + 1) + counts[first + leaf]!
      }
    }
  }
  return packed
}

function unpack(packed: Float64Array, all: readonly Counts[], { trees, height }: Forest, capacity: number): void {
  const leaves = 2 ** height
  const digits = perNumber(capacity)
  const total = all.length * trees * leaves
  const base = capacity + 1
  for (let at = 0; at < packed.length; at++) {
    let number = packed[at]!
    for (let place = Math.min(total, (at + 1) * digits) - 1; place >= at * digits; place--) {
      const rest = Math.floor(number / base)
      const leafOfAll = place % (trees * leaves)
      const tree = Math.floor(leafOfAll / leaves)
      all[Math.floor(place / (trees * leaves))]![(2 * tree + 1) * leaves + (leafOfAll % leaves)] = number - rest * base
      number = rest
    }
  }
  for (const counts of all) {
    for (let tree = 0; tree < trees; tree++) {
      const offset = 2 * tree * leaves
      for (let node = leaves - 1; node >= 1; node--) counts[offset + node] = counts[offset + 2 * node]! + counts[offset + 2 * node + 1]!
    }
  }
}
