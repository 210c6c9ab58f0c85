/**
 * A reservoir of leaves where the chance to stay falls by exp(-decay) with each vector: each vector gets a random weight once,
 *
 *     weight = -decay * time + ln(-ln u / w)
 *
 * and those with the `capacity` least weights are the sample. A max-heap: the one to go is on top.
 *
 * - guarantees: at every moment a weighted sample without repetition; without decay a uniform one.
 * - cost: one draw and two logarithms a vector; log2(capacity) steps where it is taken.
 * - reference: Efraimidis and Spirakis 2006, "Weighted random sampling with a reservoir"; the AWS library's CompactSampler; algorithms 3.1.
 */
export class TimeDecayedSampler {
  size = 0
  readonly capacity: number
  private readonly decay: number
  private readonly weights: Float64Array
  private readonly leaves: Int32Array
  /** Weight of the vector accepted last. */
  private accepted = 0

  /** @param decay per vector, from 0 on. */
  constructor(capacity: number, decay: number) {
    this.capacity = capacity
    this.decay = decay
    this.weights = new Float64Array(capacity)
    this.leaves = new Int32Array(capacity)
  }

  get isFull(): boolean {
    return this.size === this.capacity
  }

  /**
   * Draws for a vector whether it is taken. If so: `evict` first where the sampler is full, then `add`.
   *
   * @param time number of the vector, rising.
   */
  accepts(time: number, w: number, uniform: () => number): boolean {
    let u = uniform()
    while (u === 0) u = uniform()
    this.accepted = Math.log(-Math.log(u) / w) - this.decay * time
    return this.size < this.capacity || this.accepted < this.weights[0]!
  }

  /** Takes the leaf with the largest weight out. */
  evict(): number {
    const { weights, leaves } = this
    const leaf = leaves[0]!
    const size = --this.size
    const weight = weights[size]!
    const moved = leaves[size]!
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && weights[child + 1]! > weights[child]!) child++
      if (weights[child]! <= weight) break
      weights[at] = weights[child]!
      leaves[at] = leaves[child]!
      at = child
    }
    weights[at] = weight
    leaves[at] = moved
    return leaf
  }

  /** Keeps the leaf of the vector that was accepted last. */
  add(leaf: number): void {
    const { weights, leaves, accepted } = this
    let at = this.size++
    while (at > 0) {
      const up = (at - 1) >> 1
      if (weights[up]! >= accepted) break
      weights[at] = weights[up]!
      leaves[at] = leaves[up]!
      at = up
    }
    weights[at] = accepted
    leaves[at] = leaf
  }

  /** @param place in the heap, from 0 to `size`. */
  leafAt(place: number): number {
    return this.leaves[place]!
  }

  weightAt(place: number): number {
    return this.weights[place]!
  }

  /** Appends an entry of a heap that is read back in its own order. */
  load(leaf: number, weight: number): void {
    this.weights[this.size] = weight
    this.leaves[this.size++] = leaf
  }
}
