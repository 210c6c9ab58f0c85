import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Buckets } from './buckets.ts'

test('bounds grow by the factor and end at or above the last', () => {
  const { bounds } = new Buckets(0.001, 1.25, 25)
  expect(bounds[0]).toBe(0.001)
  expect(bounds.at(-1)).toBeGreaterThanOrEqual(25)
  expect(bounds.length).toBeGreaterThan(44)
  expect(bounds.length).toBeLessThan(50)
})

test('every value is counted in the first bucket whose bound it does not pass', () => {
  fc.assert(
    fc.property(fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom(0.001, 0.00125, 0.001563, 25, 0)), (value) => {
      const buckets = new Buckets(0.001, 1.25, 25)
      buckets.observe(value, 3)
      const expected = buckets.bounds.findIndex((bound) => value <= bound)
      expect(buckets.counts[expected < 0 ? buckets.bounds.length : expected]).toBe(3)
      expect(buckets).toMatchObject({ count: 3, sum: value * 3, max: value })
    }),
  )
  for (const bound of new Buckets(5, 1.25, 7_200).bounds) {
    const buckets = new Buckets(5, 1.25, 7_200)
    buckets.observe(bound)
    expect(buckets.counts[buckets.bounds.indexOf(bound)]).toBe(1)
  }
})
