import fc from 'fast-check'
import { expect, test } from 'vitest'
import { median, quantile, robustSpread, selectRank } from './order-statistics.ts'

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 })
const sorted = (list: readonly number[]): number[] => [...Float64Array.from(list).sort()]

test('the value of a rank is that of the sorted list, and nothing is lost', () => {
  fc.assert(
    fc.property(values, fc.nat(), (list, at) => {
      const buffer = Float64Array.from(list)
      const k = at % list.length
      expect(selectRank(buffer, list.length, k)).toBe(sorted(list)[k])
      expect(sorted([...buffer])).toEqual(sorted(list))
    }),
  )
})

test('the median is the middle, or the mean of the middle two', () => {
  fc.assert(
    fc.property(values, (list) => {
      const inOrder = sorted(list)
      const half = list.length / 2
      const want = list.length % 2 === 1 ? inOrder[Math.floor(half)]! : (inOrder[half - 1]! + inOrder[half]!) / 2
      expect(median(Float64Array.from(list), list.length)).toBeCloseTo(want, 6)
    }),
  )
})

test('only the first count values take part', () => {
  expect(median(Float64Array.of(3, 1, 2, 99, 99), 3)).toBe(2)
  expect(quantile(Float64Array.of(5, 4, 3, 2, 1, -9), 5, 0.9)).toBe(5)
})

test('the spread of a normal ramp is its standard deviation, with some outliers too', () => {
  const normal = Float64Array.from({ length: 101 }, (_, i) => probit((i + 0.5) / 101))
  expect(robustSpread(Float64Array.from(normal), 101)).toBeCloseTo(1, 1)
  const soiled = Float64Array.from(normal, (v, i) => (i % 13 === 0 ? 1e6 : v))
  expect(robustSpread(soiled, 101)).toBeLessThan(1.4)
})

test('the spread is 0 for equal values alone: rare others give the mean deviation', () => {
  expect(robustSpread(new Float64Array(30), 30)).toBe(0)
  expect(robustSpread(Float64Array.from({ length: 30 }, (_, i) => (i === 3 ? 6 : 0)), 30)).toBeCloseTo((1.2533 * 6) / 30, 9)
})

/** A normal quantile by halving on an integral: slow and plain. */
function probit(p: number): number {
  let [low, high] = [-6, 6]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    let sum = 0
    for (let x = -8; x < middle; x += 0.01) sum += 0.01 * Math.exp((-x * x) / 2)
    if (sum / Math.sqrt(2 * Math.PI) < p) low = middle
    else high = middle
  }
  return (low + high) / 2
}
