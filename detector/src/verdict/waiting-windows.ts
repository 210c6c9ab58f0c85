import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'
import { maxSeries } from '../window/group.ts'

/** Windows that there is room for at first: mostly a cohort's prior needs no more. */
const fewWindows = 10

/** Before the features in a row: which window, and which metric. */
const [windowAt, metricAt, header] = [0, 1, 2]

/**
 * The windows of one key that wait until it is known which metrics its vectors have.
 *
 * Of each metric in each window a row of one Float64Array: a map for each window and an array for each of its metrics would take 13 KiB of a
 * key with one metric, and a fleet that is new waits as a whole; this takes 2.
 */
export class WaitingWindows {
  readonly #most: number
  /** Metrics by their numbers, which follow their first appearance. */
  #metrics: readonly string[] = nothing
  #rows = noRows
  #used = 0
  /** Of a row; known from the first one on. */
  #stride = 0
  #count = 0

  /** @param most windows that will wait, about. */
  constructor(most: number) {
    this.#most = most
  }

  /** Windows that wait. */
  get count(): number {
    return this.#count
  }

  /** All metrics that any of the windows has, in alphabetical order; of more than a group's series are the first of them. */
  get metrics(): string[] {
    return [...this.#metrics].sort().slice(0, maxSeries)
  }

  /** Begins the next window. */
  begin(): void {
    this.#count++
  }

  /** Adds a metric's features to the last window; always as many. */
  add(metric: string, features: Float64Array): void {
    let number = this.#metrics.indexOf(metric)
    if (number < 0) {
      number = this.#metrics.length
      this.#metrics = this.#metrics.concat([metric])
    }
    this.#stride = header + features.length
    if ((this.#used + 1) * this.#stride > this.#rows.length) this.#grow()
    const at = this.#used++ * this.#stride
    this.#rows[at + windowAt] = this.#count - 1
    this.#rows[at + metricAt] = number
    this.#rows.set(features, at + header)
  }

  /** Fills a vector with the features of these metrics, once for each window that has them all; oldest first. */
  *fillEach(metrics: readonly string[], vector: Float64Array): Generator<void, void> {
    const width = this.#stride - header
    const places = this.#metrics.map((name) => metrics.indexOf(name))
    for (let window = 0, row = 0; window < this.#count; window++) {
      let found = 0
      for (; row < this.#used && this.#rows[row * this.#stride + windowAt] === window; row++) {
        const at = row * this.#stride
        const place = places[this.#rows[at + metricAt]!]!
        if (place < 0) continue
        for (let i = 0; i < width; i++) vector[place * width + i] = this.#rows[at + header + i]!
        found++
      }
      if (found === metrics.length) yield
    }
  }

  writeTo(writer: SnapshotWriter): void {
    writer.u32(this.#count)
    for (let window = 0, row = 0; window < this.#count; window++) {
      let end = row
      while (end < this.#used && this.#rows[end * this.#stride + windowAt] === window) end++
      writer.u32(end - row)
      for (; row < end; row++) {
        const at = row * this.#stride
        writer.name(this.#metrics[this.#rows[at + metricAt]!]!)
        writer.u32(this.#stride - header)
        writer.doubles(this.#rows, at + header, at + this.#stride)
      }
    }
  }

  static readFrom(reader: SnapshotReader, most: number): WaitingWindows {
    const waiting = new WaitingWindows(most)
    for (let windows = reader.count(4); windows > 0; windows--) {
      waiting.begin()
      for (let metrics = reader.count(8); metrics > 0; metrics--) waiting.add(reader.name(), reader.floats())
    }
    return waiting
  }

  /** First for a few windows of as many metrics as the first one has so far, then for all of them at once, then by doubling. */
  #grow(): void {
    const [few, all] = [Math.min(fewWindows, this.#most), this.#most].map((windows) => windows * this.#metrics.length)
    const next = this.#used < few! ? few! : this.#used < all! ? all! : Math.max(1, this.#used * 2)
    const rows = new Float64Array(next * this.#stride)
    rows.set(this.#rows)
    this.#rows = rows
  }
}

const nothing: readonly never[] = []
const noRows = new Float64Array(0)
