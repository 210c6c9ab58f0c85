/** More than this adds nothing to a median, and a warm-up may be a hundred thousand vectors long. */
export const mostKept = 256

/**
 * A ring that nobody needs any more, for the next warm-up: a fleet that warms up as one makes each key's from first vector to last at once, and
 * what is thrown away in a million keys is more than what lives.
 */
let spare: Float64Array | undefined

/** The vectors of a model's warm-up: the last 256 of them, and how many there were. */
export class WarmUp {
  learned = 0
  private readonly dimension: number
  private readonly needed: number
  private readonly ring: Float64Array

  constructor(dimension: number, needed: number) {
    this.dimension = dimension
    this.needed = needed
    const size = Math.min(needed, mostKept) * dimension
    if (spare?.length === size) {
      this.ring = spare
      spare = undefined
    } else this.ring = new Float64Array(size)
  }

  /** Vectors that are still there. */
  get kept(): number {
    return Math.min(this.learned, this.needed, mostKept)
  }

  add(x: Float64Array): void {
    const slots = this.ring.length / this.dimension
    this.ring.set(x, (this.learned % slots) * this.dimension)
    this.learned++
  }

  /** Gives the memory back. Nothing of it may be used afterwards. */
  release(): void {
    spare = this.ring
  }

  isComplete(): boolean {
    return this.learned >= this.needed
  }

  /** The kept vectors one after the other, oldest first. May be a view of what the next vector changes. */
  inOrder(): Float64Array {
    const size = this.kept * this.dimension
    const slots = this.ring.length / this.dimension
    const start = this.learned > slots ? (this.learned % slots) * this.dimension : 0
    if (start === 0) return this.ring.subarray(0, size)
    const rows = new Float64Array(size)
    rows.set(this.ring.subarray(start, size))
    rows.set(this.ring.subarray(0, start), size - start)
    return rows
  }

  toState(): Float64Array {
    return this.inOrder()
  }

  /** Goes on from `toState` after `learned` vectors. */
  load(state: Float64Array, learned: number): void {
    const slots = this.ring.length / this.dimension
    this.learned = Math.max(0, learned - state.length / this.dimension)
    for (let at = 0; at < state.length; at += this.dimension) {
      this.ring.set(state.subarray(at, at + this.dimension), (this.learned % slots) * this.dimension)
      this.learned++
    }
  }
}
