import { mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { SortedRing } from './sorted-ring.ts'

describe('a sorted ring', () => {
  test.each([1, 2, 7, 64])('of %d holds the last numbers in rising order, ties and all', (capacity) => {
    const uniform = mulberry32(capacity)
    const ring = new SortedRing(capacity)
    const all: number[] = []
    for (let i = 0; i < 500; i++) {
      const x = Math.floor(uniform() * 20) - 10
      ring.push(x)
      all.push(x)
      const last = all.slice(-capacity)
      expect([...ring.sorted.subarray(0, ring.count)]).toEqual(last.toSorted((a, b) => a - b))
      expect([...ring.toState()]).toEqual(last)
    }
  })

  test('says exactly which share reaches a number that it holds, and goes straight between two of them', () => {
    const ring = new SortedRing(10)
    for (const x of [4, 1, 1, 2]) ring.push(x)
    expect([0, 1, 2, 4].map((x) => Math.exp(ring.logSurvival(x)))).toEqual([1, 1, 0.5, 0.25].map((p) => expect.closeTo(p, 12) as number))
    expect(ring.logSurvival(3)).toBeCloseTo((Math.log(0.5) + Math.log(0.25)) / 2, 12)
    expect(ring.logSurvival(1.5)).toBeCloseTo(Math.log(0.5) / 2, 12)
    expect(ring.logSurvival(99)).toBe(ring.logSurvival(4))
    expect(new SortedRing(3).logSurvival(5)).toBe(0)
  })

  test('goes on from its state as if nothing had happened', () => {
    const uniform = mulberry32(5)
    const ring = new SortedRing(9)
    for (let i = 0; i < 40; i++) {
      ring.push(uniform())
      const copy = new SortedRing(9)
      copy.load(ring.toState())
      expect(copy.toState()).toEqual(ring.toState())
      expect(copy.sorted).toEqual(ring.sorted)
    }
  })
})
