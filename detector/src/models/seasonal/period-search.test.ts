import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { findPeriod } from './period-search.ts'

const series = (length: number, at: (t: number, noise: number) => number, seed = 1): Float64Array => {
  const uniform = mulberry32(seed)
  return Float64Array.from({ length }, (_, t) => at(t, gaussian(uniform)))
}
const wave = (period: number) => (t: number, noise: number) => 2 * Math.sin((2 * Math.PI * t) / period) + noise

describe('findPeriod', () => {
  test.each([7, 12, 24, 48, 60, 96, 144, 288, 300])('finds a wave of %d vectors in noise half as strong, to a vector or two in a hundred', (period) => {
    for (const seed of [1, 2, 3]) {
      const found = findPeriod([series(Math.max(200, 4 * period), wave(period), seed)])
      expect(Math.abs(found - period)).toBeLessThanOrEqual(Math.max(1, 0.02 * period))
    }
  })

  test.each([7, 24, 96, 288])('finds a pattern of %d without any shape to the vector', (period) => {
    const pattern = series(period, (_, noise) => noise, 99)
    expect(findPeriod([series(Math.max(200, 4 * period), (t, noise) => pattern[t % period]! + 0.3 * noise)])).toBe(period)
  })

  test('finds a burst once a day over noise', () => {
    expect(findPeriod([series(1000, (t, noise) => (t % 96 < 4 ? 20 : 0) + noise)])).toBe(96)
  })

  test('takes the day and not the two days that are as alike', () => {
    expect(findPeriod([series(3000, wave(144))])).toBe(144)
  })

  test('finds what only one of several features shows, and what they show at different times of the day', () => {
    const noise = [5, 6].map((seed) => series(1200, (_, e) => e, seed))
    expect(Math.abs(findPeriod([...noise, series(1200, wave(100), 7)]) - 100)).toBeLessThanOrEqual(2)
    const late = series(1200, (t, e) => 2 * Math.cos((2 * Math.PI * t) / 100) + e, 8)
    expect(Math.abs(findPeriod([late, series(1200, wave(100), 7)]) - 100)).toBeLessThanOrEqual(2)
  })

  test('a trend under the season does not hide it, nor do outliers', () => {
    const trended = series(1200, (t, e) => 0.01 * t + wave(100)(t, e))
    expect(Math.abs(findPeriod([trended]) - 100)).toBeLessThanOrEqual(2)
    const broken = series(1200, (t, e) => (Math.abs(e) > 2.3 ? 1e6 : wave(100)(t, e)))
    expect(Math.abs(findPeriod([broken]) - 100)).toBeLessThanOrEqual(2)
  })

  test('finds none in noise, at 200 seeds of any length', () => {
    const found = Array.from({ length: 200 }, (_, seed) => findPeriod([series(50 + 20 * seed, (_t, e) => e, seed)]))
    expect(found.filter((period) => period > 0)).toEqual([])
  })

  test('finds none in a ramp, a step, a constant, nothing, and no feature', () => {
    expect(findPeriod([series(900, (t) => 3 * t)])).toBe(0)
    expect(findPeriod([series(900, (t) => (t < 450 ? 0 : 7))])).toBe(0)
    expect(findPeriod([series(900, () => 1e9)])).toBe(0)
    expect(findPeriod([series(0, () => 1)])).toBe(0)
    expect(findPeriod([])).toBe(0)
  })

  test('finds none in most random walks', () => {
    const walks = Array.from({ length: 50 }, (_, seed) => {
      let at = 0
      return findPeriod([series(1000, (_t, e) => (at += e), seed)])
    })
    expect(walks.filter((period) => period > 0).length).toBeLessThanOrEqual(5)
  })

  test('comes to an end, at a third of the past at most, for whatever alternates, drifts and jumps', () => {
    for (let seed = 0; seed < 150; seed++) {
      let at = 0
      const n = 100 + 7 * seed
      const found = findPeriod([series(n, (t, e) => (at = 0.9 * at + e + (t % 2) * (seed % 5) + (t % 3 === 0 && e > 1 ? 8 : 0)), seed)])
      expect(found).toBeLessThanOrEqual(n / 3)
      expect(found).toBeGreaterThanOrEqual(0)
    }
  })

  test('a season seen fewer than three times is none', () => {
    expect(findPeriod([series(280, wave(100))])).toBe(0)
  })
})
