import { expect, test } from 'vitest'
import { computeExponent } from './exponent.ts'

test.each([
  ['a line', 1, (x: number) => 3 * x],
  ['a square', 2, (x: number) => x * x / 7],
  ['a constant', 0, () => 42],
  ['what falls', -0.5, (x: number) => 1e6 / Math.sqrt(x)],
])('%s has the exponent %d', (_, exponent, of) => {
  expect(computeExponent([1_000, 10_000, 100_000, 1e6].map((x) => [x, of(x)]))).toBeCloseTo(exponent, 10)
})

test('a point above the line bends it by least squares', () => {
  // ln y: 0, 0, ln 10, over ln x: 0, ln 10, 2 ln 10.
  expect(computeExponent([[1, 1], [10, 1], [100, 10]])).toBeCloseTo(0.5, 10)
})

test('one point, or one that has no logarithm, has none', () => {
  expect(computeExponent([[10, 5]])).toBeUndefined()
  expect(computeExponent([[10, 5], [10, 6]])).toBeUndefined()
  expect(computeExponent([[10, 5], [100, 0]])).toBeUndefined()
})
