import { cutRow } from './packed-rows.ts'
import { varianceOfUnion } from './teda.ts'

/** Places of a cluster's figures before its centre. */
const weightAt = 0
const varianceAt = 1
const densityAt = 2
const lifeAt = 3
const activeAt = 4
const header = 5

/** Of stores without clusters; never written to. */
const noRows = new Float64Array(0)
const nothing: readonly never[] = []

/**
 * The micro-clusters of one model, in order of birth, in one Float64Array: a row holds weight, s2, density, life,
 * active (0 or 1) and the centre's `dimension` coordinates. It starts with room for one row, which most keys never need more of, and doubles up to
 * `capacity`; once grown nothing is allocated.
 */
export class ClusterStore {
  readonly dimension: number
  readonly capacity: number
  count = 0
  private readonly stride: number
  private rows: Float64Array
  /** Of each cluster the number of its regime, 0 for none; there from the first one on that is set (regimes.ts). */
  private labels: Float64Array | undefined
  /** Labels whose cluster was put into that of another one since `takeAbsorbed`. */
  private absorbed: readonly { label: number; into: number }[] = nothing

  constructor(dimension: number, capacity: number) {
    this.dimension = dimension
    this.capacity = capacity
    this.stride = header + dimension
    this.rows = noRows
  }

  weight(i: number): number {
    return this.rows[i * this.stride + weightAt]!
  }

  setWeight(i: number, weight: number): void {
    this.rows[i * this.stride + weightAt] = weight
  }

  variance(i: number): number {
    return this.rows[i * this.stride + varianceAt]!
  }

  setVariance(i: number, variance: number): void {
    this.rows[i * this.stride + varianceAt] = variance
  }

  density(i: number): number {
    return this.rows[i * this.stride + densityAt]!
  }

  setDensity(i: number, density: number): void {
    this.rows[i * this.stride + densityAt] = density
  }

  /** From 1 down; an inactive cluster below 0 is dropped. */
  life(i: number): number {
    return this.rows[i * this.stride + lifeAt]!
  }

  setLife(i: number, life: number): void {
    this.rows[i * this.stride + lifeAt] = life
  }

  isActive(i: number): boolean {
    return this.rows[i * this.stride + activeAt] === 1
  }

  setActive(i: number, active: boolean): void {
    this.rows[i * this.stride + activeAt] = active ? 1 : 0
  }

  label(i: number): number {
    return this.labels?.[i] ?? 0
  }

  setLabel(i: number, label: number): void {
    this.labels ??= new Float64Array(this.capacity)
    this.labels[i] = label
  }

  get isLabelled(): boolean {
    return this.labels !== undefined
  }

  /** Which labelled clusters were put into which others since the last time. */
  takeAbsorbed(): readonly { label: number; into: number }[] {
    const { absorbed } = this
    this.absorbed = nothing
    return absorbed
  }

  /** The array that centres lie in, for loops over features; cluster i's begins at `centerOffset(i)`. Not to be kept. */
  cells(): Float64Array {
    return this.rows
  }

  centerOffset(i: number): number {
    return i * this.stride + header
  }

  /** |x - centre of i|^2 */
  distanceTo(i: number, x: Float64Array): number {
    const rows = this.rows
    const offset = i * this.stride + header
    let sum = 0
    for (let f = 0; f < this.dimension; f++) {
      const difference = x[f]! - rows[offset + f]!
      sum += difference * difference
    }
    return sum
  }

  /** |centre of i - centre of j|^2 */
  distanceBetween(i: number, j: number): number {
    const rows = this.rows
    const a = i * this.stride + header
    const b = j * this.stride + header
    let sum = 0
    for (let f = 0; f < this.dimension; f++) {
      const difference = rows[a + f]! - rows[b + f]!
      sum += difference * difference
    }
    return sum
  }

  /** A new cluster of one vector, inactive, with life 1. The store must not be full. */
  add(x: Float64Array, weight: number): number {
    const i = this.count++
    const end = this.count * this.stride
    if (end > this.rows.length) {
      const grown = cutRow(Math.min(Math.max(1, 2 * i), this.capacity) * this.stride)
      grown.set(this.rows)
      this.rows = grown
    }
    this.rows.fill(0, i * this.stride, end)
    this.setWeight(i, weight)
    this.setLife(i, 1)
    this.rows.set(x, this.centerOffset(i))
    if (this.labels !== undefined) this.labels[i] = 0
    return i
  }

  /** Later clusters move up by one: the order of birth is kept. */
  remove(i: number): void {
    this.rows.copyWithin(i * this.stride, (i + 1) * this.stride, this.count * this.stride)
    this.labels?.copyWithin(i, i + 1, this.count)
    this.count--
  }

  /** Puts j into i < j: mean and variance are exactly those of both clusters' vectors together. */
  merge(i: number, j: number): void {
    this.mergeLabels(i, j)
    const a = this.weight(i)
    const b = this.weight(j)
    this.setVariance(i, varianceOfUnion(a, this.variance(i), b, this.variance(j), this.distanceBetween(i, j)))
    const from = this.centerOffset(j)
    const to = this.centerOffset(i)
    const share = b / (a + b)
    for (let f = 0; f < this.dimension; f++) this.rows[to + f]! += share * (this.rows[from + f]! - this.rows[to + f]!)
    this.setWeight(i, a + b)
    this.setDensity(i, this.density(i) + this.density(j))
    this.setLife(i, Math.max(this.life(i), this.life(j)))
    this.setActive(i, this.isActive(i) || this.isActive(j))
    this.remove(j)
  }

  /** The heavier one's label stays. */
  private mergeLabels(i: number, j: number): void {
    const [a, b] = [this.label(i), this.label(j)]
    if (b === 0 || a === b) return
    const staysFirst = a !== 0 && this.weight(i) >= this.weight(j)
    if (a !== 0) this.absorbed = [...this.absorbed, staysFirst ? { label: b, into: a } : { label: a, into: b }]
    if (!staysFirst) this.setLabel(i, b)
  }

  /** A view of all rows. */
  toState(): Float64Array {
    return this.rows.subarray(0, this.count * this.stride)
  }

  /** Replaces all clusters by those of `toState`. */
  load(state: Float64Array): void {
    this.count = state.length / this.stride
    if (this.count === 0) return
    let room = 1
    while (room < this.count) room = Math.min(room * 2, this.capacity)
    this.rows = cutRow(room * this.stride)
    this.rows.set(state)
  }
}
