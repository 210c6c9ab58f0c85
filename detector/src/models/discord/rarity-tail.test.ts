import { mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { RarityTail } from './rarity-tail.ts'

function taught(distances: readonly number[]): RarityTail {
  const tail = new RarityTail()
  for (const distance of distances) tail.push(distance)
  return tail
}

/** 1/u has P(D >= d) = 1/d: a Pareto tail of shape 1. */
const pareto = (count: number, seed = 1): number[] => {
  const uniform = mulberry32(seed)
  return Array.from({ length: count }, () => 1 / (1 - uniform()))
}

describe('how rare a distance is', () => {
  test.each([2, 10, 100, 1e4, 1e6])('one that has P = 1/%d is that rare, seen or not', (distance) => {
    const rarity = taught(pareto(10_000)).rarity(distance)
    expect(rarity / Math.log10(distance)).toBeGreaterThan(0.9)
    expect(rarity / Math.log10(distance)).toBeLessThan(1.1)
  })

  test('rises with the distance', () => {
    const tail = taught(pareto(3000))
    let last = -1
    for (let distance = 1; distance < 1e5; distance *= 1.05) {
      expect(tail.rarity(distance)).toBeGreaterThanOrEqual(last - 1e-9)
      last = tail.rarity(distance)
    }
  })

  test('is 0 while fewer than 50 are known, and for none', () => {
    expect(taught(pareto(49)).rarity(1e9)).toBe(0)
    expect(taught(pareto(50)).rarity(NaN)).toBe(0)
    expect(taught(pareto(50)).rarity(1e9)).toBeGreaterThan(2)
  })

  test('of distances that were all 0 another 0 is usual, anything else is not', () => {
    const tail = taught(new Array<number>(500).fill(0))
    expect(tail.rarity(0)).toBeCloseTo(0, 12)
    expect(tail.rarity(0.1)).toBeGreaterThan(10)
  })

  test('a thin tail is taken for one of shape 0.3: ten times as far is 3.3 powers of ten rarer', () => {
    const tail = taught(Array.from({ length: 1000 }, (_, i) => 1 + (i % 10) / 1e4))
    expect(tail.rarity(100) - tail.rarity(10)).toBeCloseTo(1 / 0.3, 9)
  })
})

test('after 16,000 distances all count half, so that new ones count', () => {
  const tail = taught(new Array<number>(16_000).fill(1))
  const before = tail.rarity(2)
  for (let i = 0; i < 8000; i++) tail.push(2)
  expect(before).toBeGreaterThan(1.5)
  expect(tail.rarity(1.9)).toBeLessThan(0.5)
})

test('goes on from its state', () => {
  for (const count of [0, 1, 60, 20_000]) {
    const original = taught(pareto(count, 3))
    const copy = new RarityTail()
    copy.load(original.toState())
    expect(copy.toState()).toEqual(original.toState())
    for (const distance of [0, 1, 3, 1e3]) expect(copy.rarity(distance)).toBe(original.rarity(distance))
  }
})
