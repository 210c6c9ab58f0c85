/** The nearest stretches of the past to the last vectors, at one length. */
export interface Nearest {
  /** Mean distance of the nearest two; NaN while the past is too short. */
  distance: number
  /** The nearest one's last vector, as a count of vectors since the first; -1 while the past is too short. */
  at: number
}

/** Stretches that there must be before a distance says something. */
const leastStretches = 30

/**
 * The last vectors of a series, and for the newest ones the stretches of the past that are most like them, at several lengths in one pass.
 *
 *     past        . . . . . [a b c d] . . . . . . . . (w x y z)        z: the vector to be judged, not learned yet
 *     distance of 1                                |d-z|
 *     distance of more      of their shapes: root of the sum of squares of a-w, b-x, c-y, d-z around the mean of these
 *
 * One vector is compared by where it lies, a longer stretch only by how it moves: a season around another level is the same season, and the level is what
 * length 1 sees. A stretch that shares vectors with the newest one is not compared with it. Sums around the mean only grow with more vectors, from the end
 * backwards, so a stretch is given up as soon as its shape is too far off for all longer lengths.
 */
export class PastShingles {
  private readonly dimension: number
  private readonly capacity: number
  private readonly lengths: readonly number[]
  private readonly longest: number
  private readonly ring: Float64Array
  /** The newest vectors as one row, the judged one last. */
  private readonly newest: Float64Array
  private readonly first: Float64Array
  private readonly second: Float64Array
  private readonly places: Float64Array
  /** Of the stretch being compared: each feature's sum of differences. */
  private readonly sums: Float64Array
  private count = 0

  /** @param lengths rising, the first of them 1. */
  constructor(dimension: number, history: number, lengths: readonly number[]) {
    this.dimension = dimension
    this.lengths = lengths
    this.longest = lengths.at(-1)!
    this.capacity = history + this.longest
    this.ring = new Float64Array(this.capacity * dimension)
    this.newest = new Float64Array(this.longest * dimension)
    this.first = new Float64Array(lengths.length)
    this.second = new Float64Array(lengths.length)
    this.places = new Float64Array(lengths.length)
    this.sums = new Float64Array(dimension)
  }

  push(point: Float64Array): void {
    this.ring.set(point, (this.count % this.capacity) * this.dimension)
    this.count++
  }

  /** The nearest of each length to the stretch that ends with this vector, which is not pushed yet. */
  search(point: Float64Array): Nearest[] {
    const { lengths, first, second, places, count } = this
    first.fill(Infinity)
    second.fill(Infinity)
    places.fill(-1)
    this.gather(point)
    const oldest = Math.max(0, count - this.capacity)
    for (let end = count - 1 - lengths[0]!; end >= oldest; end--) this.compare(end, oldest)
    return lengths.map((length, i) => {
      const isShort = Math.min(count, this.capacity) - 2 * length < leastStretches || second[i] === Infinity
      return isShort ? { distance: NaN, at: -1 } : { distance: (Math.sqrt(first[i]!) + Math.sqrt(second[i]!)) / 2, at: places[i]! }
    })
  }

  /** Adds `amount` to the features, by their shares of the squared distance from the stretch that ends at `at`. */
  addShares(point: Float64Array, length: number, at: number, amount: number, into: Float64Array): void {
    const d = this.dimension
    if (at < 0 || amount === 0) return
    this.gather(point)
    const shares = new Float64Array(d)
    for (let f = 0; f < d; f++) {
      let squares = 0
      let sum = 0
      for (let back = 0; back < length; back++) {
        const difference = this.newest[(this.longest - 1 - back) * d + f]! - this.ring[((at - back) % this.capacity) * d + f]!
        squares += difference * difference
        sum += difference
      }
      shares[f] = Math.max(0, length > 1 ? squares - (sum * sum) / length : squares)
    }
    const total = shares.reduce((a, b) => a + b, 0)
    for (let f = 0; f < d; f++) into[f]! += amount * (total > 0 ? shares[f]! / total : 1 / d)
  }

  /** The vectors, oldest first, and how many there ever were. */
  toState(): Float64Array {
    const d = this.dimension
    const kept = Math.min(this.count, this.capacity)
    const state = new Float64Array(1 + kept * d)
    state[0] = this.count
    for (let i = 0; i < kept; i++) {
      const from = ((this.count - kept + i) % this.capacity) * d
      state.set(this.ring.subarray(from, from + d), 1 + i * d)
    }
    return state
  }

  load(state: Float64Array): void {
    const d = this.dimension
    const kept = (state.length - 1) / d
    this.count = state[0]! - kept
    for (let i = 0; i < kept; i++) this.push(state.subarray(1 + i * d, 1 + (i + 1) * d))
  }

  /** Compares the stretches that end at `end`, the shortest first. */
  private compare(end: number, oldest: number): void {
    const { dimension: d, lengths, capacity, ring, newest, longest, first, second, places, sums } = this
    const latest = this.count - 1
    sums.fill(0)
    let squares = 0
    let back = 0
    let past = (end % capacity) * d
    let now = (longest - 1) * d
    for (let i = 0; i < lengths.length; i++) {
      const length = lengths[i]!
      // Either it begins before the past does, or it would share vectors with the newest stretch, as would all longer ones.
      if (end - length + 1 < oldest || latest - end < length) return
      for (; back < length; back++) {
        for (let f = 0; f < d; f++) {
          const difference = newest[now + f]! - ring[past + f]!
          squares += difference * difference
          sums[f]! += difference
        }
        now -= d
        past = past === 0 ? (capacity - 1) * d : past - d
      }
      let distance = squares
      if (length > 1) for (let f = 0; f < d; f++) distance -= (sums[f]! * sums[f]!) / length
      // What is left of a difference of two equal sums may be below 0.
      if (distance < 0) distance = 0
      if (distance < first[i]!) {
        second[i] = first[i]!
        first[i] = distance
        places[i] = end
      } else if (distance < second[i]!) second[i] = distance
      if (length > 1 && this.isTooFar(distance, i + 1)) return
    }
  }

  /** Whether a sum that can only grow is of no use to any length from the i-th on. */
  private isTooFar(sum: number, i: number): boolean {
    for (; i < this.second.length; i++) if (sum < this.second[i]!) return false
    return true
  }

  private gather(point: Float64Array): void {
    const d = this.dimension
    const { newest, longest, count } = this
    newest.set(point, (longest - 1) * d)
    for (let back = 1; back < longest; back++) {
      const from = ((count - back + this.capacity) % this.capacity) * d
      newest.set(this.ring.subarray(from, from + d), (longest - 1 - back) * d)
    }
  }
}
