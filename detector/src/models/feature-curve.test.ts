import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bend, logPower, spreadPower, unbend } from './feature-curve.ts'

describe.each([['spread', spreadPower], ['logarithm', logPower]] as const)('the curve of a %s', (_, power) => {
  test('is 0 at the usual value', () => {
    expect(bend(3, 3, power)).toBe(0)
  })

  test('rises everywhere', () => {
    const value = fc.double({ min: 0, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect((bend(a, 3, power) - bend(b, 3, power)) * (a - b)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  test('is undone by its inverse', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e4, noNaN: true }), (x) => {
        expect(Math.abs(unbend(bend(x, 3, power), 3, power) - x)).toBeLessThan(1e-6 * Math.max(1, x))
      }),
    )
  })
})

test('a stuck sensor is farther below than five times the scatter is above', () => {
  expect(bend(0, 1, spreadPower)).toBeLessThan(-5)
  expect(bend(5, 1, spreadPower)).toBeLessThan(3)
})
