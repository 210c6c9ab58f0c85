import { expect, test } from 'vitest'
import { gaussian, hashString, mulberry32 } from './random.ts'

test('the first number for seed 12345 is the published one', () => {
  expect(mulberry32(12345)()).toBe(0.9797282677609473)
})

test('the same seed gives the same numbers, another gives others', () => {
  const draw = (seed: number) => Array.from({ length: 5 }, mulberry32(seed))
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
})

test('gaussian numbers have mean 0 and variance 1', () => {
  const uniform = mulberry32(3)
  const n = 100_000
  let sum = 0
  let squares = 0
  for (let i = 0; i < n; i++) {
    const x = gaussian(uniform)
    sum += x
    squares += x * x
  }
  // Six standard errors on either side: the seed is fixed, so this says that the formula is right.
  expect(Math.abs(sum / n)).toBeLessThan(6 / Math.sqrt(n))
  expect(Math.abs(squares / n - 1)).toBeLessThan(6 * Math.sqrt(2 / n))
})

test('FNV-1a of known texts', () => {
  expect(hashString('')).toBe(0x811c9dc5)
  expect(hashString('a')).toBe(0xe40c292c)
  expect(hashString('foobar')).toBe(0xbf9cf968)
})
