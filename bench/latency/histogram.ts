import { build, type Histogram } from 'hdr-histogram-js'
import type { Percentiles } from './messages.ts'

/** Longer waits than that count as so long. */
const longestMs = 600_000

/** Durations in ms, kept to three digits, however many they are (http://hdrhistogram.org). */
export class Durations {
  readonly #histogram: Histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: longestMs, numberOfSignificantValueDigits: 3, bitBucketSize: 64, useWebAssembly: false })

  get count(): number {
    return this.#histogram.totalCount
  }

  add(ms: number, times = 1): void {
    this.#histogram.recordValueWithCount(Math.min(longestMs, Math.max(0, Math.round(ms))), times)
  }

  /** All 0 where nothing was added. */
  percentiles(): Percentiles {
    const at = (share: number) => this.#histogram.getValueAtPercentile(share)
    return { p50: at(50), p95: at(95), p99: at(99), max: this.#histogram.maxValue }
  }
}
