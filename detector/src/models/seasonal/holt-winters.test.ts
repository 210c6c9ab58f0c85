import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { HoltWinters } from './holt-winters.ts'

interface Case {
  name: string
  period: number
  alpha: number
  beta: number
  gamma: number
  level: number
  trend: number
  season: number[]
  values: number[]
  forecasts: number[]
}

const { cases } = JSON.parse(readFileSync(new URL('../testing/vectors/holt-winters.json', import.meta.url), 'utf8')) as { cases: Case[] }

/** One-step forecasts of a series, each before its value is learned. */
function forecastAll(model: HoltWinters, values: readonly number[], alpha: number, beta: number, gamma: number): number[] {
  return values.map((x) => {
    const forecast = model.forecast(0)
    const e = x - forecast
    model.correct(0, alpha * e, alpha * beta * e, gamma * e)
    model.advance()
    return forecast
  })
}

function started(period: number, level: number, trend: number, season: readonly number[]): HoltWinters {
  const model = new HoltWinters(1, period)
  model.level[0] = level
  model.trend[0] = trend
  model.season.set(season)
  return model
}

const gains = fc.record({ alpha: fc.double({ min: 0.05, max: 0.6, noNaN: true }), beta: fc.double({ min: 0.02, max: 0.5, noNaN: true }), gamma: fc.double({ min: 0.05, max: 0.4, noNaN: true }) })
const pattern = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 12 })

describe('HoltWinters', () => {
  test.each(cases)('forecasts as statsmodels does: $name', ({ period, alpha, beta, gamma, level, trend, season, values, forecasts }) => {
    const ours = forecastAll(started(period, level, trend, season), values, alpha, beta, gamma)
    ours.forEach((forecast, i) => expect(Math.abs(forecast - forecasts[i]!)).toBeLessThanOrEqual(1e-10 * Math.max(1, Math.abs(forecasts[i]!))))
  })

  test('on an exact level, trend and season the error goes to 0, wherever it began', () => {
    fc.assert(
      fc.property(pattern, fc.double({ min: -1, max: 1, noNaN: true }), (season, slope) => {
        const p = season.length
        const values = Array.from({ length: 400 * p }, (_, t) => 50 + slope * t + season[t % p]!)
        const forecasts = forecastAll(started(p, 50, 0, season.map(() => 0)), values, 0.3, 0.1, 0.2)
        const errors = values.map((x, t) => Math.abs(x - forecasts[t]!))
        expect(Math.max(...errors.slice(-p))).toBeLessThan(1e-3 * Math.max(1, ...errors))
      }),
    )
  })

  test('knowing level, trend and season it has no error at all', () => {
    fc.assert(
      fc.property(pattern, fc.double({ min: -1, max: 1, noNaN: true }), gains, (season, slope, { alpha, beta, gamma }) => {
        const values = Array.from({ length: 100 }, (_, t) => 5 + slope * (t + 1) + season[t % season.length]!)
        const forecasts = forecastAll(started(season.length, 5, slope, season), values, alpha, beta, gamma)
        values.forEach((x, t) => expect(forecasts[t]).toBeCloseTo(x, 9))
      }),
    )
  })

  test('a series shifted and scaled has its forecasts shifted and scaled', () => {
    const numbers = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 20, maxLength: 60 })
    fc.assert(
      fc.property(numbers, fc.double({ min: -1000, max: 1000, noNaN: true }), fc.double({ min: 0.1, max: 10, noNaN: true }), gains, (values, shift, factor, { alpha, beta, gamma }) => {
        const plain = forecastAll(started(4, 0, 0, [1, 2, -1, -2]), values, alpha, beta, gamma)
        const moved = forecastAll(started(4, shift, 0, [1, 2, -1, -2].map((s) => s * factor)), values.map((x) => shift + factor * x), alpha, beta, gamma)
        plain.forEach((forecast, t) => expect(Math.abs(moved[t]! - (shift + factor * forecast))).toBeLessThan(1e-7))
      }),
    )
  })

  test('centring changes no forecast, and leaves a season about 0', () => {
    fc.assert(
      fc.property(pattern, (season) => {
        const [plain, centred] = [started(season.length, 3, 0.5, season), started(season.length, 3, 0.5, season)]
        centred.centre()
        expect(centred.season.reduce((a, b) => a + b)).toBeCloseTo(0, 9)
        for (let t = 0; t < season.length; t++) {
          expect(centred.forecast(0)).toBeCloseTo(plain.forecast(0), 9)
          for (const model of [plain, centred]) {
            model.correct(0, 0, 0, 0)
            model.advance()
          }
        }
      }),
    )
  })

  test('without a period it is a line', () => {
    const line = started(0, 10, 2, [])
    expect(forecastAll(line, [12, 14, 16], 0.5, 0.5, 0.5)).toEqual([12, 14, 16])
    expect(line.phase).toBe(0)
  })
})
