import { describe, expect, test } from 'vitest'
import { BentVector } from './bent-vector.ts'
import type { FeatureDescriptor } from './model.ts'

const features: readonly FeatureDescriptor[] = [{ name: 'mean', scale: 'linear' }, { name: 'stddev', scale: 'log' }]
const rows = (column: readonly number[]): Float64Array => Float64Array.from(column.flatMap((x) => [-7, x]))

describe('BentVector', () => {
  test('leaves linear features as they are, within 1e200', () => {
    const curves = BentVector.choose(features, rows([1, 2, 3]), 3)
    expect([-3, 0, 1e9, 1e300, -1e308].map((x) => curves.bend(0, x))).toEqual([-3, 0, 1e9, 1e200, -1e200])
    expect(curves.unbend(0, -5)).toBe(-5)
    expect([curves.isBent(0), curves.isBent(1)]).toEqual([false, true])
  })

  test.each([
    ['even', [1, 1.1, 0.9, 1, 1.2]],
    ['over factors', [1, 10, 100, 1000, 10_000]],
    ['mostly 0', [0, 0, 0, 0, 5]],
    ['always 0', [0, 0, 0]],
    ['the smallest there are', [5e-324, 5e-324, 5e-324]],
    ['the largest there are', [1.7e308, 1.7e308, 1e308]],
  ])('a log feature that is %s: what is bent can be brought back, and larger is higher', (_, column) => {
    const curves = BentVector.choose(features, rows(column), column.length)
    let before = -Infinity
    for (const x of [0, 1e-9, 0.5, 1, 7, 1e6, 1e100]) {
      const y = curves.bend(1, x)
      expect(Number.isFinite(y)).toBe(true)
      expect(y).toBeGreaterThanOrEqual(before)
      before = y
      const back = curves.unbend(1, y)
      expect(Number.isFinite(back)).toBe(true)
      expect(back).toBeGreaterThanOrEqual(0)
    }
    const usual = Math.min(1e200, column.at(-1)!)
    expect(Math.abs(curves.unbend(1, curves.bend(1, usual)) - usual)).toBeLessThanOrEqual(1e-9 * usual + 1e-24)
  })

  test('no curve is left behind by its state', () => {
    const curves = BentVector.choose(features, rows([1, 2, 40]), 3)
    const copy = BentVector.fromState(structuredClone(curves.toState()))
    for (const x of [0, 0.1, 3, 1e4]) expect(copy.bend(1, x)).toBe(curves.bend(1, x))
  })

  test('whatever y is asked for, the x is a number', () => {
    const curves = BentVector.choose(features, rows([1, 2, 3]), 3)
    for (const y of [-1e300, -10, 0, 10, 1e300]) expect(Number.isFinite(curves.unbend(1, y))).toBe(true)
  })
})
