import { describe, expect, test } from 'vitest'
import { RecentScores } from './recent-scores.ts'
import { binBounds, binOf } from './score-bins.ts'

/** Scores 0.01, 0.02, ... 1.00. */
const hundred = Array.from({ length: 100 }, (_, i) => (i + 1) / 100)

const fed = (scores: readonly number[], first = 1_000, longest = 4_000): RecentScores => {
  const recent = new RecentScores(first, longest)
  for (const score of scores) recent.add(score)
  return recent
}

describe('scores of late', () => {
  test('a tail is the longest with no more than its share', () => {
    const recent = fed(hundred)
    expect(recent.tailOf(0.05)).toEqual({ bin: binOf(0.95), start: binBounds[binOf(0.95)]!, above: 5 })
    expect(recent.tailOf(0.055)).toEqual(recent.tailOf(0.05))
    expect(recent.tailFrom(binOf(0.95))).toEqual(recent.tailOf(0.05))
  })

  test('where more than the share are equal the tail begins above them', () => {
    expect(fed([...hundred, 3, 3, 3, 3, 4]).tailOf(0.02)).toEqual({ bin: binOf(3), start: binBounds[binOf(3)]!, above: 1 })
    expect(fed(Array.from({ length: 50 }, () => 0.5)).tailOf(0.02).above).toBe(0)
  })

  test('excesses are those of the peaks, largest first, to half a bin', () => {
    const recent = fed(hundred)
    const tail = recent.tailOf(0.05)
    const excesses = [...recent.excessesOf(tail)]
    expect(excesses).toHaveLength(5)
    for (const [i, score] of [1, 0.99, 0.98, 0.97, 0.96].entries()) expect(Math.abs(excesses[i]! + tail.start - score)).toBeLessThan(0.0051 * score)
  })

  test('of many peaks 200 stand for all, evenly by rank', () => {
    const recent = fed(Array.from({ length: 1_000 }, (_, i) => 1 + i))
    const excesses = recent.excessesOf(recent.tailOf(0.8))
    expect(excesses).toHaveLength(200)
    const mean = excesses.reduce((sum, excess) => sum + excess, 0) / 200
    // Of 201 to 1000 the mean is 600.5.
    expect(Math.abs(mean + recent.tailOf(0.8).start - 600.5)).toBeLessThan(6)
    expect([...excesses]).toEqual([...excesses].sort((a, b) => b - a))
  })

  test('each generation is twice as long as the one before, up to the longest, and two are counted', () => {
    const recent = new RecentScores(10, 40)
    const counts: number[] = []
    for (let i = 0; i < 160; i++) {
      recent.add(1)
      counts.push(recent.count)
    }
    // After 10 + 20 the first is given up, after 40 more the second, and so on.
    expect([counts[9], counts[29], counts[30], counts[69], counts[70], counts[109], counts[110]]).toEqual([10, 30, 21, 60, 41, 80, 41])
    expect(Math.max(...counts)).toBe(80)
  })

  test('what was forgotten is in no tail', () => {
    const recent = new RecentScores(10, 10)
    for (let i = 0; i < 10; i++) recent.add(100)
    for (let i = 0; i < 21; i++) recent.add(1)
    expect(recent.tailOf(0.5).above).toBe(0)
    expect(recent.tailOf(0.5).bin).toBe(binOf(1))
  })

  test('goes on from its state', () => {
    const original = fed([...hundred, ...hundred, ...hundred], 100, 150)
    const copy = new RecentScores(100, 150)
    copy.load(original.toState())
    for (const score of [...hundred, ...hundred]) expect(copy.add(score)).toBe(original.add(score))
    expect(copy.toState()).toEqual(original.toState())
    expect(copy.count).toBe(original.count)
  })
})
