import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { numberText } from './number-text.ts'
import { createTimeText } from './time-text.ts'

describe('numberText', () => {
  test.each([
    [25.5, 3, '25.5'],
    [25.5004, 3, '25.5'],
    [-0.0004, 3, '0'],
    [-0.125, 3, '-0.125'],
    [72, 3, '72'],
    [0.05, 2, '0.05'],
    [-62.4, 0, '-62'],
    [180_000.4, 0, '180000'],
    [1.23456789, 6, '1.234568'],
    [12_345_678.125, 3, '12345678.125'],
    [1e12, 12, '1000000000000'],
    [NaN, 3, 'null'],
    [Infinity, 3, 'null'],
    [-Infinity, 5, 'null'],
  ])('%d with %i decimals is %s', (value, decimals, text) => {
    expect(numberText(value, decimals)).toBe(text)
  })

  test('is JSON that says the rounded number, shortest first', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: 0, max: 6 }), (value, decimals) => {
        const rounded = Math.round(value * 10 ** decimals) / 10 ** decimals
        expect(numberText(value, decimals)).toBe(JSON.stringify(rounded === 0 ? 0 : rounded))
      }),
    )
  })
})

describe('createTimeText', () => {
  test('writes what toISOString writes, whatever the order', () => {
    const write = createTimeText()
    const time = fc.integer({ min: 0, max: Date.UTC(2100, 0) })
    fc.assert(
      fc.property(time, fc.array(fc.integer({ min: -2_000, max: 2_000 }), { maxLength: 20 }), (startMs, steps) => {
        let timeMs = startMs + 100_000
        for (const step of steps) {
          timeMs += step
          expect(write(timeMs)).toBe(new Date(timeMs).toISOString())
        }
      }),
    )
  })
})
