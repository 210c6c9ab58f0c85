import { expect, test } from 'vitest'
import { computeRise, computeSlopePerMinute } from './series.ts'

const every10s = (values: number[]) => values.map((value, i) => ({ atMs: i * 10_000, value }))

test.each([
  ['steady growth', [10, 10.5, 11, 11.5], 3],
  ['no growth', [7, 7, 7], 0],
  ['ups and downs around the same', [5, 9, 9, 5], 0],
  ['one value', [3], 0],
  ['none', [], 0],
])('%s', (_, values, perMinute) => {
  expect(computeSlopePerMinute(every10s(values))).toBeCloseTo(perMinute, 10)
})

test('the slope is that of least squares', () => {
  // x in minutes: 0, 1, 2, 3; by hand: sum(dx dy) / sum(dx^2) = 8.5 / 5.
  expect(computeSlopePerMinute([1, 3, 2, 7].map((value, i) => ({ atMs: i * 60_000, value })))).toBeCloseTo(1.7, 10)
})

test.each([
  ['a moment with many open', [8, 8, 40, 8, 8, 8], 0],
  ['one that leaks again and again', [8, 9, 10, 11, 12, 13], 4],
  ['fewer than before', [9, 9, 9, 7, 7, 7], -2],
  ['none', [], 0],
])('rise of %s', (_, values, rise) => {
  expect(computeRise(every10s(values))).toBe(rise)
})
