import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import type { FeatureDescriptor } from '../../models/model.ts'
import { Cohort, leastDonors, mostDonors } from './cohort.ts'

const features: readonly FeatureDescriptor[] = [
  { name: 'mean', scale: 'linear' },
  { name: 'stddev', scale: 'log' },
  { name: 'count', scale: 'log' },
]
const lengths = { own: 10, rows: 32 }

/** Vectors of a device: mean around its level, a standard deviation around 1, always 12 readings. */
function vectorsOf(seed: number, count: number, { level = 20, scatter = 0.3, trend = 0 } = {}): Float64Array[] {
  const uniform = mulberry32(seed)
  return Array.from({ length: count }, (_, t) => Float64Array.of(level + trend * t + scatter * gaussian(uniform), Math.max(0, 1 + 0.2 * gaussian(uniform)), 12))
}

const joined = (rows: readonly Float64Array[]): Float64Array => Float64Array.from(rows.flatMap((row) => [...row]))

/** A cohort in which so many devices have been recorded, each with a level of its own between 15 and 25. */
function aCohort(devices: number): Cohort {
  const cohort = new Cohort(features, lengths)
  for (let device = 0; device < devices; device++) {
    for (const x of vectorsOf(device + 1, lengths.rows, { level: 15 + ((device * 7) % 11) })) cohort.record(`d${device}`, x, 1)
  }
  return cohort
}

const own = (given?: Parameters<typeof vectorsOf>[2]): Float64Array => joined(vectorsOf(99, lengths.own, { level: 22, ...given }))

describe('a cohort', () => {
  test('has a prior from four recorded devices on, and none before', () => {
    expect(aCohort(leastDonors - 1).isReady).toBe(false)
    expect(aCohort(leastDonors - 1).complete(own(), 20)).toBeUndefined()
    expect(aCohort(leastDonors).isReady).toBe(true)
  })

  test('completes a warm-up with vectors around the level of the device, that scatter as those of the others do', () => {
    const rows = aCohort(mostDonors).complete(own(), 200)!
    expect(rows).toHaveLength(200)
    const means = rows.map(([mean]) => mean!)
    const middle = means.reduce((a, b) => a + b) / means.length
    expect(middle).toBeGreaterThan(21.6)
    expect(middle).toBeLessThan(22.4)
    const spread = Math.sqrt(means.reduce((sum, mean) => sum + (mean - middle) ** 2, 0) / means.length)
    expect(spread).toBeGreaterThan(0.2)
    expect(spread).toBeLessThan(0.4)
    expect(rows.every(([, stddev]) => stddev! >= 0)).toBe(true)
    expect(new Set(rows.map(([, , count]) => count))).toEqual(new Set([12]))
  })

  test('takes a trend of its devices out: it belongs to their time of day', () => {
    const cohort = new Cohort(features, lengths)
    for (let device = 0; device < mostDonors; device++) for (const x of vectorsOf(device + 1, lengths.rows, { trend: 0.5 })) cohort.record(`d${device}`, x, 1)
    const means = cohort.complete(own({ level: 28, trend: 0.5 }), lengths.rows)!.map(([mean]) => mean!)
    const half = means.length / 2
    const average = (values: number[]) => values.reduce((a, b) => a + b) / values.length
    expect(Math.abs(average(means.slice(half)) - average(means.slice(0, half)))).toBeLessThan(1)
  })

  test.each([
    ['with another level', { level: 60 }],
    ['that is much noisier', { scatter: 3 }],
    ['that is stuck', { scatter: 0 }],
  ])('gives a device %s nothing', (_, given) => {
    expect(aCohort(mostDonors).complete(own(), 20)).toBeDefined()
    expect(aCohort(mostDonors).complete(own(given), 20)).toBeUndefined()
  })

  test('gives a device nothing whose log features lie elsewhere', () => {
    const silent = joined(vectorsOf(99, lengths.own, { level: 22 }).map(([mean]) => Float64Array.of(mean!, 0, 12)))
    expect(aCohort(mostDonors).complete(silent, 20)).toBeUndefined()
  })

  test('keeps eight devices: a later one takes the place of the oldest, one at a time', () => {
    const cohort = aCohort(mostDonors)
    const before = cohort.toState().donors
    for (const x of vectorsOf(50, lengths.rows)) {
      cohort.record('later', x, 2)
      cohort.record('another', x, 2)
    }
    const { donors, recordings } = cohort.toState()
    expect(donors!.slice(0, 7)).toEqual(before!.slice(1))
    expect(donors![7]).toEqual(joined(vectorsOf(50, lengths.rows)))
    expect(recordings.map(({ key, rows }) => [key, rows.length])).toEqual([['another', features.length]])
  })

  test('gives up a recording of a device that is not heard any more', () => {
    const cohort = aCohort(mostDonors)
    cohort.record('gone', vectorsOf(50, 1)[0]!, 10)
    cohort.forgetUnusedSince(10)
    expect(cohort.toState().recordings.map(({ key }) => key)).toEqual(['gone'])
    cohort.forgetUnusedSince(11)
    expect(cohort.toState().recordings).toEqual([])
  })

  test('goes on from its state as it was, at any vector', () => {
    const whole = new Cohort(features, lengths)
    let copy = new Cohort(features, lengths)
    for (let t = 0; t < 400; t++) {
      for (let device = 0; device < 12; device++) {
        const x = vectorsOf(1000 * device + t, 1)[0]!
        whole.record(`d${device}`, x, t)
        copy.record(`d${device}`, x, t)
      }
      const state = copy.toState()
      copy = new Cohort(features, lengths)
      copy.load(state)
    }
    expect(copy.toState()).toEqual(whole.toState())
    expect(copy.complete(own({ level: 20 }), 50)).toEqual(whole.complete(own({ level: 20 }), 50))
    expect(whole.complete(own({ level: 20 }), 50)).toHaveLength(50)
  })

  test('a state stays as it is while the cohort goes on', () => {
    const cohort = aCohort(mostDonors)
    cohort.record('x', vectorsOf(7, 1)[0]!, 3)
    const state = cohort.toState()
    const copy = structuredClone(state)
    for (let i = 0; i < 100; i++) for (const x of vectorsOf(i, 1)) cohort.record('x', x, 4)
    expect(state).toEqual(copy)
  })
})
