import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { BentVector } from './bent-vector.ts'
import type { FeatureDescriptor } from './model.ts'
import { fitWarmUp } from './warm-fit.ts'

const value: readonly FeatureDescriptor[] = [{ name: 'value', scale: 'linear' }]
const fit = (values: readonly number[], features = value) => {
  const rows = Float64Array.from(values)
  const count = values.length / features.length
  return fitWarmUp(features, BentVector.choose(features, rows, count), rows, count)
}
const noise = (count: number, seed = 1): number[] => {
  const uniform = mulberry32(seed)
  return Array.from({ length: count }, () => gaussian(uniform))
}

describe('fitWarmUp', () => {
  test('finds level, trend and scale of a line in noise, the level at its end', () => {
    const { lines, independence } = fit(noise(200).map((e, t) => 100 + 2 * t + e))
    expect(Math.abs(lines[0]!.level - 498)).toBeLessThan(1.5)
    expect(Math.abs(lines[0]!.trend - 2)).toBeLessThan(0.03)
    expect(Math.abs(lines[0]!.scale - 1)).toBeLessThan(0.3)
    expect(independence).toBeGreaterThan(0.4)
  })

  test('a tenth of outliers does not move them', () => {
    const { lines } = fit(noise(200).map((e, t) => (t % 10 === 3 ? 1e6 : 100 + e)))
    expect(Math.abs(lines[0]!.level - 100)).toBeLessThan(0.5)
    expect(lines[0]!.scale).toBeLessThan(2)
  })

  test('takes no trend from noise, nor any from fewer than eight vectors', () => {
    for (const seed of [1, 2, 3, 4]) expect(Math.abs(fit(noise(30, seed)).lines[0]!.trend)).toBeLessThan(0.06)
    expect(fit([1, 2, 3, 4]).lines[0]!.trend).toBe(0)
    expect(fit([7])).toEqual({ lines: [{ level: 7, trend: 0, scale: 0.07 }], independence: 1 })
  })

  test('windows that overlap are fewer than they look', () => {
    const readings = noise(600)
    const sliding = Array.from({ length: 200 }, (_, t) => readings.slice(t, t + 6).reduce((a, b) => a + b) / 6)
    expect(fit(sliding).independence).toBeLessThan(0.25)
  })

  test('the scale is at least what the readings of the windows lead to expect', () => {
    const features: FeatureDescriptor[] = [{ name: 'mean', scale: 'linear' }, { name: 'stddev', scale: 'log' }, { name: 'count', scale: 'log' }]
    const { lines } = fit(Array.from({ length: 10 }, () => [20, 6, 9]).flat(), features)
    expect(lines[0]!.scale).toBeCloseTo(2, 9)
  })
})
