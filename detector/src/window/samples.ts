import { mulberry32 } from '@tidewatch/kit'
import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'

/**
 * Readings kept of one pane. Up to this many all are there and what is computed from them is exact; beyond
 * it they are a uniform sample (reservoir, Vitter's algorithm R) drawn by a seed, so that the same readings
 * in the same order keep the same sample.
 */
export const maxSamplesPerPane = 1_024

const initialCapacity = 8

/** What mulberry32's state grows by with each number drawn. */
const mulberryStep = 0x6d2b79f5

/** The readings of one pane with their event times. */
export class Samples {
  values = new Float64Array(initialCapacity)
  timesMs = new Float64Array(initialCapacity)
  /** Readings kept. */
  length = 0
  /** Readings seen; each one kept stands for seen / length of them. */
  seen = 0
  #draw: () => number

  constructor(seed: number) {
    this.#draw = mulberry32(seed)
  }

  writeTo(writer: SnapshotWriter): void {
    writer.f64(this.seen)
    writer.floats(this.values, this.length)
    writer.floats(this.timesMs, this.length)
  }

  /** @param seed as at first: how often was drawn follows from how many were seen. */
  static readFrom(reader: SnapshotReader, seed: number): Samples {
    const samples = new Samples(seed)
    samples.seen = reader.f64()
    samples.#fill(reader.floats(), reader.floats())
    const draws = Math.max(0, samples.seen - maxSamplesPerPane)
    samples.#draw = mulberry32((seed | 0) + Math.imul(draws, mulberryStep))
    return samples
  }

  add(value: number, timeMs: number): void {
    const at = this.seen++ < maxSamplesPerPane ? this.length : Math.floor(this.#draw() * this.seen)
    if (at >= maxSamplesPerPane) return
    if (at === this.length) {
      if (at === this.values.length) this.#grow()
      this.length++
    }
    this.values[at] = value
    this.timesMs[at] = timeMs
  }

  /** Memory held, in bytes. */
  get bytes(): number {
    return this.values.byteLength * 2
  }

  #fill(values: Float64Array, timesMs: Float64Array): void {
    while (this.values.length < values.length) this.#grow()
    this.values.set(values)
    this.timesMs.set(timesMs)
    this.length = values.length
  }

  #grow(): void {
    const values = new Float64Array(this.values.length * 2)
    values.set(this.values)
    this.values = values
    const timesMs = new Float64Array(this.timesMs.length * 2)
    timesMs.set(this.timesMs)
    this.timesMs = timesMs
  }
}
