import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { DiscountedMoments, ScoreThresholder } from './thresholder.ts'

const discounts = { score: 0.001, difference: 0.01 }

function after(scores: readonly number[], { shingleSize = 8, factor = 3 } = {}): ScoreThresholder {
  const thresholder = new ScoreThresholder(discounts, factor, shingleSize)
  for (const score of scores) thresholder.update(score)
  return thresholder
}

describe('discounted moments', () => {
  test('without a discount are mean and population deviation', () => {
    const moments = new DiscountedMoments(0)
    for (const value of [2, 4, 4, 4, 5, 5, 7, 9]) moments.add(value)
    expect([moments.mean(), moments.deviation()]).toEqual([5, 2])
  })

  test('with a discount weigh the older ones less: 1 and then 4 at a half are 3', () => {
    const moments = new DiscountedMoments(0.5)
    moments.add(1)
    moments.add(4)
    expect(moments.mean()).toBeCloseTo(3, 12)
  })

  test('of nothing are 0', () => {
    expect([new DiscountedMoments(0.1).mean(), new DiscountedMoments(0.1).deviation()]).toEqual([0, 0])
  })
})

describe('the threshold of scores', () => {
  test('is 1.5 before ten scores', () => {
    expect(after([1, 1.1, 0.9]).threshold()).toBe(1.5)
  })

  test('goes over to the scores\' own between ten and twenty', () => {
    // Ones: no deviation but of the first difference, from 0.
    const at = (count: number): number => after(new Array<number>(count).fill(1), { shingleSize: 1 }).threshold()
    expect([at(10), at(15), at(20)]).toEqual([1.5, 1.25, 1])
  })

  test.each([
    [1, 'min(sqrt2 dev_T, dev_P)'],
    [8, 'half of the deviation and half of the differences\''],
  ])('at shingle size %d is mean + 2 long + dev_P, where long is %s', (shingleSize) => {
    const scores = Array.from({ length: 400 }, (_, i) => 1 + 0.2 * Math.sin(i) + 0.1 * Math.cos(3 * i))
    const plain = { score: new DiscountedMoments(discounts.score), difference: new DiscountedMoments(discounts.difference), down: new DiscountedMoments(discounts.score / 2) }
    scores.forEach((score, i) => {
      if (plain.score.mean() > score) plain.down.add(plain.score.mean() - score)
      plain.score.add(score)
      plain.difference.add(score - (scores[i - 1] ?? 0))
    })
    const [p, d, t] = [plain.score.deviation(), plain.difference.deviation(), Math.SQRT2 * plain.down.deviation()]
    const long = shingleSize === 1 ? Math.min(t, p) : 0.5 * Math.min(p, Math.max(d, t)) + 0.5 * d
    expect(after(scores, { shingleSize }).threshold()).toBeCloseTo(plain.score.mean() + 2 * long + p, 12)
  })

  test('of small scores sinks with their mean', () => {
    const { threshold, mean } = { threshold: after(new Array<number>(500).fill(0.5)).threshold(), mean: 0.5 }
    expect(threshold).toBeGreaterThan(mean * (0.8 / 0.9))
    expect(threshold).toBeLessThan(0.6)
  })

  test('is not lifted over a large score by that score', () => {
    const uniform = mulberry32(1)
    const scores = Array.from({ length: 300 }, () => 1 + 0.1 * gaussian(uniform))
    expect(after([...scores, 8]).threshold() / after(scores).threshold()).toBeLessThan(1.35)
  })

  test('goes on from its state to the bit', () => {
    const uniform = mulberry32(1)
    const scores = Array.from({ length: 300 }, () => 1 + 0.1 * gaussian(uniform))
    const whole = after(scores)
    const resumed = after([])
    resumed.load(after(scores.slice(0, 123)).toState())
    for (const score of scores.slice(123)) resumed.update(score)
    expect(resumed.toState()).toEqual(whole.toState())
    expect(resumed.threshold()).toBe(whole.threshold())
  })
})
