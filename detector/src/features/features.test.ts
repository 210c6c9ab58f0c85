import { featureNames, type FeatureName } from '@tidewatch/api'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Aggregate } from '../window/aggregate.ts'
import { PaneStore } from '../window/pane-store.ts'
import { maxSamplesPerPane } from '../window/samples.ts'
import { features, needsOf } from './registry.ts'
import { computeFeatures, describeFeatures, describeValues } from './vector.ts'

const startMs = Date.UTC(2026, 0, 1)

/** The value of each feature for readings [seconds, value], spread over panes of 10 s. */
function featuresOf(readings: [number, number][], names: readonly FeatureName[] = featureNames): Record<string, number> {
  const store = new PaneStore(needsOf(names), 1)
  const panes = new Map<number, number>()
  readings.forEach(([second, value], offset) => {
    const at = Math.floor(second / 10) * 10
    if (!panes.has(at)) panes.set(at, store.make(startMs + at * 1_000, offset, -Infinity))
    store.add(panes.get(at)!, { value, eventTimeMs: startMs + second * 1_000, offset, fault: 0 })
  })
  const aggregate = new Aggregate()
  for (const at of [...panes.keys()].sort((a, b) => a - b)) store.mergeInto(panes.get(at)!, aggregate)
  const vector = new Float64Array(names.length)
  computeFeatures(names, aggregate, vector, 0)
  return Object.fromEntries(names.map((name, i) => [name, vector[i]!]))
}

describe('features', () => {
  test('of a few readings are what one computes by hand', () => {
    const computed = featuresOf([[0, 10], [5, 14], [12, 11], [18, 17], [25, 13]])
    // Mean 13; deviations -3 1 -2 4 0; times 0 5 12 18 25, mean 12.
    expect(computed).toEqual({
      mean: 13, stddev: Math.sqrt(30 / 4), min: 10, max: 17, count: 5, range: 7,
      median: 13, p95: expect.closeTo(16.4, 12), slope: expect.closeTo((-12 * -3 + -7 * 1 + 0 + 6 * 4 + 0) / (144 + 49 + 36 + 169), 12),
      last: 13, delta: 3, rate: expect.closeTo(3 / 25, 12), zeroCrossings: 3, distinct: 5,
    })
  })

  test('of a single reading are all defined', () => {
    expect(featuresOf([[3, -7]])).toEqual({
      mean: -7, stddev: 0, min: -7, max: -7, count: 1, range: 0, median: -7, p95: -7, slope: 0, last: -7, delta: 0, rate: 0, zeroCrossings: 0, distinct: 1,
    })
  })

  test('of readings of one moment have no slope and no rate, and the later one is the last', () => {
    expect(featuresOf([[3, 1], [3, 5], [3, 2]])).toMatchObject({ slope: 0, rate: 0, last: 2, delta: 1, count: 3 })
  })

  test('do not depend on the order of arrival, but for rounding', () => {
    const reading = fc.tuple(fc.integer({ min: 0, max: 59 }), fc.double({ min: -1e3, max: 1e3, noNaN: true }))
    fc.assert(
      fc.property(fc.uniqueArray(reading, { minLength: 1, maxLength: 40, selector: ([second]) => second }), fc.infiniteStream(fc.nat()), (readings, shuffle) => {
        const order = readings.map((one) => ({ one, key: shuffle.next().value as number })).sort((a, b) => a.key - b.key)
        const inOrder = featuresOf([...readings].sort((a, b) => a[0] - b[0]))
        const shuffled = featuresOf(order.map(({ one }) => one))
        // A reading on the mean itself may fall on either side of it by rounding.
        for (const name of featureNames) if (name !== 'zeroCrossings') expect(shuffled[name]).toBeCloseTo(inOrder[name]!, 6)
      }),
    )
  })

  test('crossings of the mean are counted in event time, and a reading on it stays on its side', () => {
    expect(featuresOf([[0, 1], [1, -1], [2, 1], [3, -1]]).zeroCrossings).toBe(3)
    expect(featuresOf([[0, 1], [1, 0], [2, 1], [3, 0], [4, -2]]).zeroCrossings).toBe(1)
    expect(featuresOf([[3, -1], [0, 1], [2, 1], [1, -1]]).zeroCrossings).toBe(3)
    expect(featuresOf([[0, 5], [1, 5]]).zeroCrossings).toBe(0)
  })

  test('of more readings than a pane keeps are near the truth', () => {
    const readings = Array.from({ length: 20_000 }, (_, i): [number, number] => [(i / 20_000) * 20, (i * 7_919) % 20_000])
    const { median, p95, count, max } = featuresOf(readings, ['median', 'p95', 'count', 'max'])
    expect(count).toBe(20_000)
    expect(max).toBe(19_999)
    // Two panes of 1,024 kept: standard error of a quantile q is sqrt(q (1 - q) / 2,048) of the range.
    expect(Math.abs(median! - 10_000)).toBeLessThan(4 * 20_000 * Math.sqrt(0.25 / (2 * maxSamplesPerPane)))
    expect(Math.abs(p95! - 19_000)).toBeLessThan(4 * 20_000 * Math.sqrt(0.0475 / (2 * maxSamplesPerPane)))
  })

  test('a pane with few readings does not weigh as much as a crowded one', () => {
    const crowded = Array.from({ length: 10_000 }, (_, i): [number, number] => [i / 1_000, 1])
    const few = Array.from({ length: 1_000 }, (_, i): [number, number] => [10 + i / 1_000, 100])
    expect(featuresOf([...crowded, ...few], ['median', 'p95'])).toEqual({ median: 1, p95: 100 })
  })

  test('are finite for every allowed value', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 59 }), fc.double({ min: -1e100, max: 1e100, noNaN: true })), { minLength: 1, maxLength: 30 }), (readings) => {
        for (const value of Object.values(featuresOf(readings))) expect(Number.isFinite(value)).toBe(true)
      }),
    )
  })

  test('ask for no more than they use', () => {
    expect(needsOf(['mean', 'stddev', 'count'])).toEqual({ extremes: false, ends: false, trend: false, samples: false })
    expect(needsOf(['range', 'rate'])).toEqual({ extremes: true, ends: true, trend: false, samples: false })
    expect(needsOf(['slope', 'median'])).toEqual({ extremes: false, ends: false, trend: true, samples: true })
  })

  test('have one entry for each name of a manifest', () => {
    expect(Object.keys(features)).toEqual([...featureNames])
  })
})

describe('the layout of a vector', () => {
  test('of one metric names the features alone', () => {
    expect(describeFeatures(['mean', 'stddev'], ['t'])).toEqual([{ name: 'mean', scale: 'linear' }, { name: 'stddev', scale: 'log' }])
  })

  test('of several metrics names the metric first', () => {
    expect(describeFeatures(['mean', 'count'], ['t', 'p']).map(({ name }) => name)).toEqual(['t.mean', 't.count', 'p.mean', 'p.count'])
  })

  test('without a window is the values themselves', () => {
    expect(describeValues(['t', 'p'])).toEqual([{ name: 't', scale: 'linear' }, { name: 'p', scale: 'linear' }])
  })
})
