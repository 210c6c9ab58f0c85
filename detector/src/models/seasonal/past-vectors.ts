import type { BentVector } from '../bent-vector.ts'

/** Numbers that a key's past may have, and vectors: three days in minutes, of six features. */
const mostNumbers = 30_240
const mostVectors = 4_320
/** Vectors that there is room for at first. */
const first = 128
/** Faults are at most this share of the past. */
const mostFaults = 0.3

export interface PastState {
  ring: Float64Array
  next: number
}

/**
 * The last vectors of a key, for the search of a season, each with whether it was anomalous: a ring that grows by doubling up to 4,320 vectors or 30,240
 * numbers, whichever is less (but at least 64 vectors): 237 KiB.
 */
export class PastVectors {
  /** Vectors there is room for at most. */
  readonly capacity: number
  /** Features and the mark behind them. */
  private readonly width: number
  private ring: Float64Array
  private next = 0
  private filled = 0

  constructor(dimension: number) {
    this.width = dimension + 1
    this.capacity = Math.max(64, Math.min(mostVectors, Math.floor(mostNumbers / this.width)))
    this.ring = new Float64Array(Math.min(first, this.capacity) * this.width)
  }

  get count(): number {
    return this.filled
  }

  add(x: Float64Array, isAnomalous: boolean): void {
    const isFull = this.filled === this.capacity
    if (!isFull) this.makeRoom(this.filled + 1)
    const at = (isFull ? this.next : this.filled) * this.width
    this.ring.set(x, at)
    this.ring[at + this.width - 1] = isAnomalous ? 1 : 0
    if (isFull) this.next = (this.next + 1) % this.capacity
    else this.filled++
  }

  /** Whether what was anomalous was too much of the past to be faults: a machine that is switched on by day. */
  get isMostlyAnomalous(): boolean {
    let anomalous = 0
    for (let at = this.width - 1; at < this.filled * this.width; at += this.width) anomalous += this.ring[at]!
    return anomalous > mostFaults * this.filled
  }

  /**
   * Each feature's past on its curve, oldest first.
   *
   * @param isBridged whether a line is drawn over what was anomalous: faults at even intervals are no season.
   */
  columns(curves: BentVector, isBridged: boolean): Float64Array[] {
    const { filled, width, ring } = this
    const at = (t: number): number => ((this.next + t) % filled) * width
    const marks = Uint8Array.from({ length: filled }, (_, t) => ring[at(t) + width - 1]!)
    return Array.from({ length: width - 1 }, (_, f) => {
      const column = Float64Array.from({ length: filled }, (_mark, t) => curves.bend(f, ring[at(t) + f]!))
      return isBridged ? bridge(column, marks) : column
    })
  }

  toState(): PastState {
    return { ring: this.ring.subarray(0, this.filled * this.width), next: this.next }
  }

  static fromState(dimension: number, { ring, next }: PastState): PastVectors {
    const past = new PastVectors(dimension)
    past.filled = ring.length / past.width
    past.makeRoom(past.filled)
    past.ring.set(ring)
    past.next = next
    return past
  }

  private makeRoom(vectors: number): void {
    let room = this.ring.length / this.width
    if (vectors <= room) return
    while (room < vectors) room *= 2
    const ring = new Float64Array(Math.min(room, this.capacity) * this.width)
    ring.set(this.ring)
    this.ring = ring
  }
}

/** Draws a line over each run of marked values; at the ends of the column a level one. */
function bridge(column: Float64Array, marks: Uint8Array): Float64Array {
  const n = column.length
  for (let t = 0; t < n; t++) {
    if (marks[t] === 0) continue
    let end = t
    while (end < n && marks[end] === 1) end++
    if (t === 0 && end === n) return column
    const after = end < n ? column[end]! : column[t - 1]!
    const before = t > 0 ? column[t - 1]! : after
    for (let i = t; i < end; i++) column[i] = before + ((after - before) * (i - t + 1)) / (end - t + 1)
    t = end
  }
  return column
}
