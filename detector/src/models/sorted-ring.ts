/**
 * The last `capacity` numbers of a stream, by age and by size at once. Nothing is allocated after the constructor.
 *
 * - cost: a binary search, and a shift between the places of the number that goes and the one that comes. 16 bytes a number.
 */
export class SortedRing {
  readonly capacity: number
  /** The numbers in rising order; the first `count` are there. */
  readonly sorted: Float64Array
  count = 0
  private readonly byAge: Float64Array
  private next = 0

  /** @param capacity at least 1. */
  constructor(capacity: number) {
    this.capacity = capacity
    this.sorted = new Float64Array(capacity)
    this.byAge = new Float64Array(capacity)
  }

  /** Takes a number in; a full ring forgets its oldest. */
  push(x: number): void {
    const { sorted } = this
    let place = this.count
    if (this.count < this.capacity) this.count++
    else place = this.lowerBound(this.byAge[this.next]!)
    while (place + 1 < this.count && sorted[place + 1]! < x) sorted[place] = sorted[++place]!
    while (place > 0 && sorted[place - 1]! > x) sorted[place] = sorted[--place]!
    sorted[place] = x
    this.byAge[this.next] = x
    this.next = (this.next + 1) % this.capacity
  }

  /** How many of the numbers are below x. */
  lowerBound(x: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.sorted[middle]! < x) low = middle + 1
      else high = middle
    }
    return low
  }

  /**
   * ln P(X >= x): exact at every number of the ring, ties counted, and straight between two of them. 0 up to the least number,
   * and for anything while the ring is empty; beyond the largest one as for that.
   */
  logSurvival(x: number): number {
    const { sorted, count } = this
    const above = this.lowerBound(x)
    if (above === 0) return 0
    const lower = sorted[above - 1]!
    const atLower = Math.log1p(-this.lowerBound(lower) / count)
    if (above === count) return atLower
    const upper = sorted[above]!
    // Neighbours may be so close that nothing lies between: then x is the upper one.
    const share = Math.min(1, (x - lower) / (upper - lower))
    return atLower + share * (Math.log1p(-above / count) - atLower)
  }

  /** The numbers, oldest first. */
  toState(): Float64Array {
    const state = new Float64Array(this.count)
    const oldest = this.count < this.capacity ? 0 : this.next
    for (let i = 0; i < this.count; i++) state[i] = this.byAge[(oldest + i) % this.capacity]!
    return state
  }

  /** Fills an empty ring with what `toState` gave; of more than its capacity the last ones. */
  load(state: Float64Array): void {
    for (const x of state) this.push(x)
  }
}
