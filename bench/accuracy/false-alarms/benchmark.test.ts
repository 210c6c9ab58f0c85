import { expect, test } from 'vitest'
import { findMissedRates, sumOf } from './benchmark.ts'
import { normalKinds, normalReadings, type NormalKind } from './normal-readings.ts'
import { first, runNormal } from './run-normal.ts'

const readings = (kind: NormalKind, count: number, seed = 1): number[] => {
  const next = normalReadings(kind, { seed, everyMs: 60_000 })
  return Array.from({ length: count }, next)
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)))

test('stationary readings scatter by 1 around a level of their own', () => {
  const values = readings('stationary', 10_000)
  expect(Math.abs(deviation(values) - 1)).toBeLessThan(0.03)
  expect(Math.abs(mean(values.slice(0, 5_000)) - mean(values.slice(5_000)))).toBeLessThan(0.1)
  expect(Math.abs(mean(readings('stationary', 5_000, 2)) - mean(values))).toBeGreaterThan(1)
})

test('a season is a day long and eight times the noise', () => {
  const values = readings('seasonal', 2_880)
  const differences = values.slice(1_440).map((value, i) => value - values[i]!)
  expect(Math.abs(deviation(differences) - Math.SQRT2)).toBeLessThan(0.1)
  expect(Math.abs(deviation(values) - Math.sqrt(1 + 32))).toBeLessThan(0.2)
})

test('a drifting level strays by half a deviation in an hour', () => {
  const hourly = Array.from({ length: 200 }, (_, seed) => {
    const values = readings('drifting', 300, seed)
    return mean(values.slice(240)) - mean(values.slice(0, 60))
  })
  // Means of an hour, four hours apart: a walk of 3 2/3 hours between the steps' middles, and noise of 2/60.
  expect(Math.abs(deviation(hourly) - Math.sqrt(0.25 * (3 + 2 / 3) + 2 / 60))).toBeLessThan(0.15)
})

test('the same seed says the same', () => {
  for (const kind of normalKinds) expect(readings(kind, 50, 3)).toEqual(readings(kind, 50, 3))
})

test.each(['tumbling', 'sliding'] as const)('a run counts each judged window once: %s', (form) => {
  const counts = runNormal({ model: 'microClusters', kind: 'stationary', form, seed: 1, rate: 0.05, devices: 4, windows: 1_000 })
  // Without the warm-up of 30, and the last windows that nobody closes.
  expect(counts.judged + first).toBeGreaterThan(4 * 960)
  expect(counts.judged + first).toBeLessThanOrEqual(4 * 970)
  expect(counts.flagged / counts.judged).toBeGreaterThan(0.025)
  expect(counts.flagged / counts.judged).toBeLessThan(0.1)
  expect(counts.flaggedAtFirst).toBeLessThan(20)
})

test('runs are added up, and a rate more than a factor 2 off is told', () => {
  expect(sumOf([{ judged: 1, flagged: 2, flaggedAtFirst: 3 }, { judged: 10, flagged: 20, flaggedAtFirst: 30 }])).toEqual({ judged: 11, flagged: 22, flaggedAtFirst: 33 })
  expect([2.1, 2, 1, 0.5, 0.4].map((ratio) => findMissedRates('drifting', ratio))).toEqual([['drifting 2.10 times the rate asked for'], [], [], [], ['drifting 0.40 times the rate asked for']])
})
