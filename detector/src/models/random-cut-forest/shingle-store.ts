import type { PointSource } from './points.ts'

/** No slot: the vector before the first. */
const none = -1

/** Numbers before the vectors in a state. */
const header = 3

/**
 * The vectors that some tree still needs. A point is a shingle: a vector and the ones before it, oldest first, newest last.
 *
 *     slot       3     7     1     4          vectors of `features` numbers
 *     previous  -1 <-- 3 <-- 7 <-- 1
 *     point 4 of shingle size 3:  [7 | 1 | 4]
 *
 * A point is known by the slot of its newest vector. Shingles overlap, so each vector is kept once and not once for each shingle it is
 * part of: at shingle size 8 an eighth of the room. A vector lives as long as one point that it is part of. `previous` of the oldest vector of
 * a point may lead to a slot that is used again: nothing walks beyond a point's length.
 *
 * float32: half the room, and cuts between float32 are those of the AWS library.
 */
export class ShingleStore implements PointSource {
  readonly features: number
  readonly shingleSize: number
  readonly dimension: number
  /** The newest point's slot; -1 before the first vector. Always kept: the next point goes on from it. */
  head = none
  /** Vectors that followed each other so far. */
  length = 0
  /** Vectors so far, which numbers them. */
  private appended = 0
  private used = 0
  private freeSlot = none
  private cells: Float32Array
  private previous: Int32Array
  /** Who holds the point that ends here, and how many held points the vector is part of. */
  private holders: Int32Array
  private uses: Int32Array
  private numbers: Float64Array

  constructor(features: number, shingleSize: number, slots = 4 * shingleSize) {
    this.features = features
    this.shingleSize = shingleSize
    this.dimension = features * shingleSize
    this.cells = new Float32Array(slots * features)
    this.previous = new Int32Array(slots)
    this.holders = new Int32Array(slots)
    this.uses = new Int32Array(slots)
    this.numbers = new Float64Array(slots)
  }

  /** Vectors kept. */
  get size(): number {
    let count = 0
    for (let slot = 0; slot < this.used; slot++) if (this.uses[slot]! > 0) count++
    return count
  }

  /** Makes a vector the newest; its point is `head`. */
  append(x: Float32Array): void {
    this.advance(this.branch(x))
  }

  /** Makes a branch the newest vector, and takes over who held it. */
  advance(slot: number): void {
    if (this.head !== none) this.release(this.head)
    this.head = slot
    this.length++
  }

  /**
   * The point of a vector that follows the newest one without becoming it: the next point will not have it.
   *
   * @returns the point, held for the caller.
   */
  branch(x: Float32Array): number {
    const slot = this.takeSlot()
    this.cells.set(x, slot * this.features)
    this.previous[slot] = this.head
    this.numbers[slot] = this.appended++
    this.hold(slot)
    return slot
  }

  /** The point that `x` would be the newest vector of, into `out`. The shingle so far must be one vector short of whole, or whole. */
  readWith(x: Float32Array, out: Float32Array): void {
    const { features } = this
    let at = this.dimension - features
    out.set(x, at)
    for (let slot = this.head; at > 0; slot = this.previous[slot]!) {
      at -= features
      this.copy(slot, out, at)
    }
  }

  read(point: number, out: Float32Array): void {
    let slot = point
    for (let at = this.dimension - this.features; at >= 0; at -= this.features) {
      this.copy(slot, out, at)
      slot = this.previous[slot]!
    }
  }

  /** Keeps a point until `release`. */
  hold(point: number): void {
    if (this.holders[point]!++ > 0) return
    let slot = point
    for (let k = 0; k < this.shingleSize && slot !== none; k++) {
      this.uses[slot]!++
      slot = this.previous[slot]!
    }
  }

  release(point: number): void {
    if (--this.holders[point]! > 0) return
    let slot = point
    for (let k = 0; k < this.shingleSize && slot !== none; k++) {
      const before = this.previous[slot]!
      if (--this.uses[slot]! === 0) {
        this.previous[slot] = this.freeSlot
        this.freeSlot = slot
      }
      slot = before
    }
  }

  /** Divides each feature of all vectors. @param ratios powers of two, one for each feature: dividing by them is exact. */
  divide(ratios: Float64Array): void {
    const { cells, features } = this
    const end = this.used * features
    for (let at = 0; at < end; at += features) for (let f = 0; f < features; f++) cells[at + f]! /= ratios[f]!
  }

  /** Slots of the vectors kept, by age. */
  inOrder(): Int32Array {
    const slots: number[] = []
    for (let slot = 0; slot < this.used; slot++) if (this.uses[slot]! > 0) slots.push(slot)
    return Int32Array.from(slots.sort((a, b) => this.numbers[a]! - this.numbers[b]!))
  }

  /**
   * `[appended, length, place of the newest]`, and of each vector kept `[number, place of the one before or -1, its features ...]`, oldest first.
   *
   * @param slots by `inOrder`.
   */
  toState(slots: Int32Array): Float64Array {
    const { features, uses, numbers, previous } = this
    const placeOfSlot = new Int32Array(this.used).fill(none)
    slots.forEach((slot, place) => (placeOfSlot[slot] = place))
    const row = features + 2
    const state = new Float64Array(header + slots.length * row)
    state.set([this.appended, this.length, this.head === none ? none : placeOfSlot[this.head]!])
    slots.forEach((slot, place) => {
      const at = header + place * row
      const before = previous[slot]!
      // A slot that was given away since has a younger vector, or none.
      const isBefore = before !== none && uses[before]! > 0 && numbers[before]! < numbers[slot]!
      state[at] = numbers[slot]!
      state[at + 1] = isBefore ? placeOfSlot[before]! : none
      for (let f = 0; f < features; f++) state[at + 2 + f] = this.cells[slot * features + f]!
    })
    return state
  }

  /** A store with the vectors of `toState` in slots 0, 1, ...; nothing but the head is held yet, so whoever holds points must say so first of all. */
  static fromState(features: number, shingleSize: number, state: Float64Array): ShingleStore {
    const row = features + 2
    const count = (state.length - header) / row
    const store = new ShingleStore(features, shingleSize, Math.max(count, 4 * shingleSize))
    for (let slot = 0; slot < count; slot++) {
      const at = header + slot * row
      store.numbers[slot] = state[at]!
      store.previous[slot] = state[at + 1]!
      for (let f = 0; f < features; f++) store.cells[slot * features + f] = state[at + 2 + f]!
    }
    store.used = count
    store.appended = state[0]!
    store.length = state[1]!
    store.head = state[2]!
    if (store.head !== none) store.hold(store.head)
    return store
  }

  private copy(slot: number, out: Float32Array, at: number): void {
    const { cells, features } = this
    const from = slot * features
    for (let f = 0; f < features; f++) out[at + f] = cells[from + f]!
  }

  private takeSlot(): number {
    if (this.freeSlot !== none) {
      const slot = this.freeSlot
      this.freeSlot = this.previous[slot]!
      return slot
    }
    if (this.used === this.previous.length) this.grow(2 * this.used)
    return this.used++
  }

  private grow(slots: number): void {
    this.cells = copied(this.cells, new Float32Array(slots * this.features))
    this.previous = copied(this.previous, new Int32Array(slots))
    this.holders = copied(this.holders, new Int32Array(slots))
    this.uses = copied(this.uses, new Int32Array(slots))
    this.numbers = copied(this.numbers, new Float64Array(slots))
  }
}

function copied<T extends Float32Array | Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
