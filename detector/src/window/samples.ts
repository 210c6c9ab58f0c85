import { mulberry32 } from '@tidewatch/kit'

/**
 * Readings kept of one pane. Up to this many all are there and what is computed from them is exact; beyond
 * it they are a uniform sample (reservoir, Vitter's algorithm R) drawn by a seed, so that the same readings
 * in the same order keep the same sample.
 */
export const maxSamplesPerPane = 1_024

const initialCapacity = 8

/** The readings of one pane with their event times. */
export class Samples {
  values = new Float64Array(initialCapacity)
  timesMs = new Float64Array(initialCapacity)
  /** Readings kept. */
  length = 0
  /** Readings seen; each one kept stands for seen / length of them. */
  seen = 0
  readonly #draw: () => number

  constructor(seed: number) {
    this.#draw = mulberry32(seed)
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

  #grow(): void {
    const values = new Float64Array(this.values.length * 2)
    values.set(this.values)
    this.values = values
    const timesMs = new Float64Array(this.timesMs.length * 2)
    timesMs.set(this.timesMs)
    this.timesMs = timesMs
  }
}
