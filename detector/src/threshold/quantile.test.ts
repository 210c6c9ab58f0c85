import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { quantile } from './quantile.ts'
import { binBounds, binFactor, binOf } from './score-bins.ts'

const exponential = (uniform: () => number) => -Math.log(1 - uniform())

function fed(q: number, scores: Iterable<number>) {
  const threshold = quantile(q).create()
  for (const score of scores) threshold.observe(score)
  return threshold
}

function* drawn(count: number, seed: number, draw: (uniform: () => number) => number = exponential) {
  const uniform = mulberry32(seed)
  for (let i = 0; i < count; i++) yield draw(uniform)
}

/** The smallest of the scores that no more than the part 1 - q exceed. */
const exactly = (q: number, scores: readonly number[]) => [...scores].sort((a, b) => b - a)[Math.floor((1 - q) * scores.length + 1e-9)]!

describe('the limit', () => {
  test('is the model\'s own boundary until ten scores may have been above it, and a thousand were seen', () => {
    expect(fed(0.9, drawn(999, 1)).limit()).toBe(1)
    expect(fed(0.9, drawn(1_000, 1)).limit()).toBeGreaterThan(2)
    expect(fed(0.999, drawn(9_999, 1)).limit()).toBe(1)
    expect(fed(0.999, drawn(10_000, 1)).limit()).toBeGreaterThan(5)
  })

  test.each([
    ['exponential', exponential],
    ['half-normal', (uniform: () => number) => Math.abs(gaussian(uniform))],
    ['heavy-tailed', (uniform: () => number) => (1 - uniform()) ** -2],
    ['of a few values', (uniform: () => number) => Math.floor(uniform() * 5)],
  ])('is never below the exact quantile, and less than a hundredth above it: %s', (_, draw) => {
    for (const q of [0.51, 0.9, 0.99, 0.999]) {
      const scores = [...drawn(10_000, 7, draw)]
      const ratio = fed(q, scores).limit()! / Math.max(1e-4, exactly(q, scores))
      expect(ratio).toBeGreaterThanOrEqual(1)
      expect(ratio).toBeLessThan(binFactor)
    }
  })

  test.each([0.9, 0.99, 0.999])('is exceeded by the share of a stationary stream that was asked for: %d', (q) => {
    for (const seed of [1, 2, 3]) {
      const threshold = quantile(q).create()
      let flagged = 0
      let judged = 0
      for (const score of drawn(200_000, seed)) {
        if (judged++ >= 10_000 && score > threshold.limit()!) flagged++
        threshold.observe(score)
      }
      expect(flagged / 190_000 / (1 - q)).toBeGreaterThan(1 / 1.3)
      expect(flagged / 190_000 / (1 - q)).toBeLessThan(1.3)
    }
  })

  test('follows scores that change for good, after two generations wholly', () => {
    const threshold = fed(0.99, drawn(50_000, 1))
    for (const score of drawn(20_000, 2)) threshold.observe(score * 10)
    expect(threshold.limit()! / (10 * Math.log(100))).toBeGreaterThan(0.95)
    expect(threshold.limit()! / (10 * Math.log(100))).toBeLessThan(1.05)
  })

  test.each([[0, binBounds[0]!], [0.5, 0.5], [Infinity, binBounds.at(-1)!]])('where all scores are %d is finite, and not below them but for the last', (score, limit) => {
    const ratio = fed(0.95, Array.from({ length: 3_000 }, () => score)).limit()! / limit
    expect(ratio).toBeGreaterThanOrEqual(1)
    expect(ratio).toBeLessThan(binFactor)
  })
})

test('a score is never above the bound of its bin, and above that of the one below', () => {
  for (const bound of binBounds.slice(1)) {
    for (const score of [bound, bound * (1 + 2 * Number.EPSILON), bound * (1 - 2 * Number.EPSILON), bound * 1.005]) {
      const bin = binOf(score)
      if (bin < binBounds.length - 1) expect(score).toBeLessThanOrEqual(binBounds[bin]!)
      expect(score).toBeGreaterThan(binBounds[bin - 1]!)
    }
  }
})

test('it goes on to the bit from its snapshot, through JSON, before it knows enough, after, and over a generation\'s end', () => {
  for (const count of [0, 1, 999, 1_000, 9_999, 10_000, 25_000]) {
    const original = fed(0.99, drawn(count, 5))
    const copy = quantile(0.99).restore(JSON.parse(JSON.stringify(original.snapshot())) as never)
    for (const score of drawn(3_000, 6)) {
      expect(copy.limit()).toBe(original.limit())
      original.observe(score)
      copy.observe(score)
    }
    expect(copy.snapshot()).toEqual(original.snapshot())
  }
})

test('its snapshot grows with what scores are, not with how many there were', () => {
  const sizeAfter = (count: number) => JSON.stringify(fed(0.99, drawn(count, 5)).snapshot()).split(',').length
  expect(sizeAfter(100_000)).toBeLessThan(1.2 * sizeAfter(20_000))
})

test('NaN and negative scores, unknown snapshots and impossible quantiles are refused', () => {
  const factory = quantile(0.99)
  for (const bad of [NaN, -1]) expect(() => factory.create().observe(bad)).toThrow(RangeError)
  const snapshot = factory.create().snapshot()
  expect(() => factory.restore({ ...snapshot, version: 9 })).toThrow('cannot read a threshold snapshot of kind quantile version 9: this is quantile version 1')
  expect(() => factory.restore({ ...snapshot, kind: 'score' })).toThrow(/score/)
  for (const q of [0.5, 1, NaN]) expect(() => quantile(q)).toThrow(`a quantile of scores is in (0.5, 1), not ${q}`)
})
