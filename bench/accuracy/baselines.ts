import { hashString, mulberry32 } from '@tidewatch/kit'
import type { Contender } from './contender.ts'
import { judgeSeries, type SeriesModel } from './judge-series.ts'

/**
 * The trivial detectors that every table shows beside the others: a figure that they reach says nothing.
 *
 * - `random`: a number by chance; above 1 once in a hundred rows.
 * - `always`: everything is an anomaly.
 * - `lastValue`: the next row is expected to be the last one; above 1 beyond five times the usual step of a column.
 */
export const baselines = {
  random: (seed: number): SeriesModel => {
    const uniform = mulberry32(seed)
    return { score: () => ({ value: 0.01 / (1 - uniform()) }), learn: () => {} }
  },
  always: (): SeriesModel => ({ score: () => ({ value: 2 }), learn: () => {} }),
  lastValue: (): SeriesModel => new LastValue(),
} satisfies Record<string, (seed: number) => SeriesModel>

export type BaselineName = keyof typeof baselines

export const baselineNames = Object.keys(baselines) as BaselineName[]

const warmUp = 30

export function baselineContender(name: BaselineName): Contender {
  return {
    name,
    version: '1',
    kind: 'baseline',
    score: async (series) => judgeSeries(series, baselines[name](hashString(series.name)), { limit: () => 1, observe: () => {} }, warmUp),
  }
}

/** Steps that count as 1. */
const usualSteps = 5

class LastValue implements SeriesModel {
  #last: Float64Array | undefined
  #sums = new Float64Array(0)
  #steps = 0

  score(x: Float64Array): { value: number } {
    const last = this.#last ?? x
    let value = 0
    for (let f = 0; f < x.length; f++) {
      const step = Math.abs(x[f]! - last[f]!)
      // A column that never moved has no usual step: any step of it is beyond all measure.
      if (step > 0) value = Math.max(value, (step * this.#steps) / (usualSteps * this.#sums[f]!))
    }
    return { value: Math.min(value, 1e9) }
  }

  learn(x: Float64Array): void {
    if (this.#last === undefined) this.#sums = new Float64Array(x.length)
    else {
      this.#steps++
      for (let f = 0; f < x.length; f++) this.#sums[f]! += Math.abs(x[f]! - this.#last[f]!)
    }
    this.#last = x.slice()
  }
}
