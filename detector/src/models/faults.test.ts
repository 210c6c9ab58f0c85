import { describe, expect, test } from 'vitest'
import { modelFactories } from './registry.ts'
import { faultKinds, featuresOf, judge, makeSeries, systemC, systemD, systemDByDevice } from './testing/synthetic-faults.ts'
import type { FaultKind, System } from './testing/synthetic-faults.ts'

const keys = 8

function* seriesOf(system: System, kind: FaultKind, first = 5000) {
  for (let key = 0; key < keys; key++) yield makeSeries(system, kind, first + key)
}

/** What each kind must reach: share of incidents found, and of flagged windows that hold a fault. */
const required: Record<Exclude<FaultKind, 'none'>, number> = { spike: 0.9, single: 0.85, drift: 0.7, stuck: 0.9, noise: 0.9 }

// The whole measurement is testing/measure-faults.ts; this is a small part of it that guards the defaults.
describe.each([systemC, systemD, systemDByDevice])('the default detector on system $name', (system) => {
  test.each(faultKinds.filter((kind) => kind !== 'none'))('finds %s', (kind) => {
    const tally = judge(modelFactories.microClusters(), featuresOf(system), seriesOf(system, kind))
    expect(tally.detected / tally.incidents).toBeGreaterThanOrEqual(required[kind])
    expect(tally.flaggedFaulty / (tally.flaggedFaulty + tally.flaggedNormal)).toBeGreaterThanOrEqual(required[kind])
    expect(tally.flaggedBehind / tally.incidents).toBeLessThan(0.1)
  })

  test('flags at most a thousandth of normal windows', () => {
    const tally = judge(modelFactories.microClusters(), featuresOf(system), seriesOf(system, 'none'))
    expect(tally.flaggedNormal / tally.normalWindows).toBeLessThan(0.001)
  })
})

describe.each([systemC, systemD])('the robust z-score on system $name', (system) => {
  test.each(['spike', 'stuck', 'noise'] as const)('finds %s', (kind) => {
    const tally = judge(modelFactories.robustZScore(), featuresOf(system), seriesOf(system, kind))
    expect(tally.detected / tally.incidents).toBeGreaterThanOrEqual(0.9)
    expect(tally.flaggedFaulty / (tally.flaggedFaulty + tally.flaggedNormal)).toBeGreaterThanOrEqual(0.9)
  })
})

describe('a lasting change', () => {
  /** Vectors after the change until 20 in a row are normal. */
  const adoption = (system: System, change: (x: Float64Array) => Float64Array): number => {
    const { vectors } = makeSeries(system, 'none', 77)
    const model = modelFactories.microClusters().create(featuresOf(system), 1)
    let calm = 0
    for (let i = 0; i < vectors.length; i++) {
      const x = i < 300 ? vectors[i]! : change(vectors[i]!)
      const score = model.score(x)
      const flagged = score !== undefined && score.value > 1
      model.learn(x, flagged ? 0.1 : 1)
      if (i < 300) continue
      calm = flagged ? 0 : calm + 1
      if (calm === 20) return i - 300 - 20
    }
    return Infinity
  }

  test.each([systemC, systemD])('of level is flagged for as long as a fault may last, and then becomes normal: system $name', (system) => {
    const vectors = adoption(system, ([mean, stddev, min, max, count, range]) => Float64Array.of(mean! + 100, stddev!, min! + 100, max! + 100, count!, range!))
    expect(vectors).toBeGreaterThan(66)
    expect(vectors).toBeLessThan(400)
  })
})
