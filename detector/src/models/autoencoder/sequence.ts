/**
 * Standardised coordinates count up to this many scales where they are put into a network: it was trained on nothing beyond, and what it makes of
 * that means nothing. The vector that is judged is compared as it is.
 */
export const farthestInput = 8

/**
 * The last vectors of one key in standardised coordinates, a ring of `length` rows: what a network looks at. The sequence that ends with a vector
 * is centred on the mean of those before it, so that neither a device's level nor its slow season has to be learned by a network.
 */
export class SequenceRing {
  readonly length: number
  readonly dimension: number
  private readonly rows: Float64Array
  private next: number
  private filled: number
  /** Counts the changes since it was made or restored. */
  changes = 0

  private constructor(rows: Float64Array, length: number, dimension: number, next: number, filled: number) {
    this.rows = rows
    this.length = length
    this.dimension = dimension
    this.next = next
    this.filled = filled
  }

  /** @param length of a network's sequence: the ring holds one less, because the vector that is judged is the last. */
  static create(length: number, dimension: number): SequenceRing {
    return new SequenceRing(new Float64Array((length - 1) * dimension), length - 1, dimension, 0, 0)
  }

  get isFull(): boolean {
    return this.filled === this.length
  }

  push(p: Float64Array): void {
    this.rows.set(p, this.next * this.dimension)
    this.next = (this.next + 1) % this.length
    if (this.filled < this.length) this.filled++
    this.changes++
  }

  /**
   * The sequence that ends with `p`, centred and clipped, into `input`; its centre into `centre`.
   *
   * @param order place of each of the network's features in the vectors.
   */
  fill(p: Float64Array, order: readonly number[], input: Float32Array, centre: Float64Array): void {
    const { rows, length, dimension: d, next } = this
    for (let f = 0; f < d; f++) {
      let sum = 0
      // Oldest first, wherever that lies: a restored ring sums up in the same order.
      for (let step = 0; step < length; step++) sum += rows[((next + step) % length) * d + f]!
      centre[f] = sum / length
    }
    for (let step = 0; step <= length; step++) {
      const row = (next + step) % length
      for (let place = 0; place < d; place++) {
        const f = order[place]!
        const value = step === length ? p[f]! : rows[row * d + f]!
        input[step * d + place] = clipped(value - centre[f]!)
      }
    }
  }

  /** Brings the kept coordinates to another unit: divides feature f by `ratios[f]`. */
  rescale(ratios: Float64Array): void {
    const { rows, dimension: d } = this
    for (let at = 0; at < rows.length; at++) rows[at]! /= ratios[at % d]!
    this.changes++
  }

  /** Oldest first. */
  toState(): Float64Array {
    const { rows, dimension: d, filled, length, next } = this
    if (filled < length) return rows.slice(0, filled * d)
    const ordered = new Float64Array(rows.length)
    ordered.set(rows.subarray(next * d))
    ordered.set(rows.subarray(0, next * d), (length - next) * d)
    return ordered
  }
}

const clipped = (value: number): number => Math.max(-farthestInput, Math.min(farthestInput, value))
