import { gaussian, mulberry32 } from '@tidewatch/kit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decompose } from './jacobi.ts'

/** A covariance of d features from `rows` vectors: of lower rank where these are fewer. */
function covariance(d: number, rows: number, seed: number): Float64Array {
  const uniform = mulberry32(seed)
  const a = new Float64Array(d * d)
  for (let t = 0; t < rows; t++) {
    const z = Array.from({ length: d }, () => gaussian(uniform))
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) a[i * d + j]! += z[i]! * z[j]!
  }
  return a
}

const anyMatrix = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 20 }), fc.integer())

describe('decompose', () => {
  test('values and directions make the matrix again', () => {
    fc.assert(
      fc.property(anyMatrix, ([d, rows, seed]) => {
        const a = covariance(d, rows, seed)
        const { values, directions } = decompose(a, d)
        const size = Math.max(...a.map(Math.abs))
        for (let i = 0; i < d; i++) {
          for (let j = 0; j < d; j++) {
            let entry = 0
            for (let k = 0; k < d; k++) entry += values[k]! * directions[k * d + i]! * directions[k * d + j]!
            expect(Math.abs(entry - a[i * d + j]!)).toBeLessThan(1e-12 * size)
          }
        }
      }),
    )
  })

  test('directions are of length 1 and at right angles, values fall', () => {
    fc.assert(
      fc.property(anyMatrix, ([d, rows, seed]) => {
        const { values, directions } = decompose(covariance(d, rows, seed), d)
        for (let a = 0; a < d; a++) {
          if (a > 0) expect(values[a]).toBeLessThanOrEqual(values[a - 1]!)
          for (let b = 0; b < d; b++) {
            let product = 0
            for (let f = 0; f < d; f++) product += directions[a * d + f]! * directions[b * d + f]!
            expect(product).toBeCloseTo(a === b ? 1 : 0, 12)
          }
        }
      }),
    )
  })

  test('of 40 features too', () => {
    const { values } = decompose(covariance(40, 25, 1), 40)
    expect(values[24]).toBeGreaterThan(1e-3)
    for (const value of values.subarray(25)) expect(Math.abs(value)).toBeLessThan(1e-10)
  })

  test('of a diagonal the entries, of nothing 0', () => {
    expect(decompose(Float64Array.of(2, 0, 0, 5), 2)).toEqual({ values: Float64Array.of(5, 2), directions: Float64Array.of(0, 1, 1, 0) })
    expect(decompose(Float64Array.of(0, 0, 0, 0), 2).values).toEqual(Float64Array.of(0, 0))
    expect(decompose(Float64Array.of(7), 1)).toEqual({ values: Float64Array.of(7), directions: Float64Array.of(1) })
  })
})
