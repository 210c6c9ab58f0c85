import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BentVector } from '../bent-vector.ts'
import type { FeatureDescriptor } from '../model.ts'
import { startSeason } from './season-start.ts'

const features: readonly FeatureDescriptor[] = [{ name: 'value', scale: 'linear' }]
const curves = BentVector.choose(features, Float64Array.of(0), 1)

describe('startSeason', () => {
  test('forecasts an exact season with a trend exactly, wherever in it the past begins', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 20 }), fc.double({ min: -0.15, max: 0.15, noNaN: true }), fc.nat({ max: 30 }), (season, slope, extra) => {
        const p = season.length
        const at = (t: number): number => 100 + slope * t + season[t % p]!
        const n = 3 * p + extra
        const { model } = startSeason(features, curves, [Float64Array.from({ length: n }, (_, t) => at(t))], p)
        for (let t = n; t < n + 2 * p; t++) {
          expect(model.forecast(0)).toBeCloseTo(at(t), 6)
          model.correct(0, 0, 0, 0)
          model.advance()
        }
      }),
    )
  })

  test('a fault in one of three seasons does not enter', () => {
    const values = Float64Array.from({ length: 30 }, (_, t) => (t === 13 ? 1e6 : t % 10))
    const { model } = startSeason(features, curves, [values], 10)
    for (let t = 0; t < 10; t++) {
      expect(model.forecast(0)).toBeCloseTo(t, 1)
      model.correct(0, 0, 0, 0)
      model.advance()
    }
  })
})
