import { gaussian, mulberry32 } from '@tidewatch/kit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { autocorrelate } from './autocorrelation.ts'
import { transformInPlace } from './fourier.ts'

const numbers = (min: number, max: number) => fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: min, maxLength: max })

/** By the definition. */
function plainly(series: readonly number[][], lags: number): number[] {
  const n = series[0]!.length
  const at = (lag: number): number => series.reduce((sum, x) => sum + x.slice(lag).reduce((s, v, t) => s + v * x[t]!, 0), 0) / (n - lag)
  return Array.from({ length: lags + 1 }, (_, lag) => (at(0) > 0 ? at(lag) / at(0) : 0))
}

describe('autocorrelate', () => {
  test('is what the definition says, for any number of series', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 5 }), fc.integer(), (n, count, seed) => {
        const uniform = mulberry32(seed)
        const series = Array.from({ length: count }, () => Array.from({ length: n }, () => gaussian(uniform)))
        const expected = plainly(series, n - 1)
        const computed = autocorrelate(series.map((x) => Float64Array.from(x)), n - 1)
        expected.forEach((r, lag) => expect(computed[lag]).toBeCloseTo(r, 9))
      }),
      { numRuns: 60 },
    )
  })

  test('of nothing that moves is 0', () => {
    expect([...autocorrelate([new Float64Array(5)], 2)]).toEqual([0, 0, 0])
    expect([...autocorrelate([], 2)]).toEqual([0, 0, 0])
  })
})

describe('transformInPlace', () => {
  test('is what the definition says', () => {
    const x = Array.from({ length: 16 }, (_, t) => Math.sin(t * t))
    const [re, im] = [Float64Array.from(x), new Float64Array(16)]
    transformInPlace(re, im)
    for (let k = 0; k < 16; k++) {
      expect(re[k]).toBeCloseTo(x.reduce((sum, v, t) => sum + v * Math.cos((2 * Math.PI * k * t) / 16), 0), 10)
      expect(im[k]).toBeCloseTo(-x.reduce((sum, v, t) => sum + v * Math.sin((2 * Math.PI * k * t) / 16), 0), 10)
    }
  })

  test('keeps the power: Parseval', () => {
    fc.assert(
      fc.property(numbers(64, 64), (x) => {
        const [re, im] = [Float64Array.from(x), new Float64Array(64)]
        transformInPlace(re, im)
        const power = re.reduce((sum, v, k) => sum + v * v + im[k]! * im[k]!, 0) / 64
        const squares = x.reduce((sum, v) => sum + v * v, 0)
        expect(Math.abs(power - squares)).toBeLessThanOrEqual(1e-9 * Math.max(1, squares))
      }),
    )
  })

  test('refuses what is no power of two', () => {
    expect(() => transformInPlace(new Float64Array(12), new Float64Array(12))).toThrow('a transform takes a power of two of numbers, not 12 and 12')
    expect(() => transformInPlace(new Float64Array(8), new Float64Array(4))).toThrow('a transform takes a power of two of numbers, not 8 and 4')
  })
})
