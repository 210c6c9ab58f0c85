import { describe, expect, test } from 'vitest'
import { bitsAt, gaussianAt, uniformAt, uuidAt } from './random.ts'
import { correlation, deviation, mean } from './testing/config.ts'

const count = 100_000
const series = (draw: (i: number) => number) => Array.from({ length: count }, (_, i) => draw(i))

describe('numbers by position', () => {
  test('are uniform', () => {
    const numbers = series((i) => uniformAt(1, 2, i, 3))
    expect(mean(numbers)).toBeCloseTo(0.5, 2)
    expect(deviation(numbers)).toBeCloseTo(Math.sqrt(1 / 12), 2)
    const tenths = new Array<number>(10).fill(0)
    for (const number of numbers) tenths[Math.floor(number * 10)]!++
    for (const tenth of tenths) expect(Math.abs(tenth - count / 10)).toBeLessThan(400)
  })

  test('are standard normal', () => {
    const numbers = series((i) => gaussianAt(1, 2, i, 4))
    expect(Math.abs(mean(numbers))).toBeLessThan(0.01)
    expect(Math.abs(deviation(numbers) - 1)).toBeLessThan(0.01)
    const beyondTwo = numbers.filter((number) => Math.abs(number) > 2).length / count
    expect(Math.abs(beyondTwo - 0.0455)).toBeLessThan(0.003)
  })

  test.each<[string, (i: number) => number]>([
    ['the next reading', (i) => uniformAt(1, 2, i + 1, 3)],
    ['another stream', (i) => uniformAt(1, 2, i, 4)],
    ['a device with a near key', (i) => uniformAt(2, 2, i, 3)],
    ['a device with another near key', (i) => uniformAt(1, 3, i, 3)],
  ])('have nothing in common with %s', (_, other) => {
    expect(Math.abs(correlation(series((i) => uniformAt(1, 2, i, 3)), series(other)))).toBeLessThan(0.015)
  })

  test('never repeat within a stream', () => {
    expect(new Set(series((i) => bitsAt(1, 2, i, 3))).size).toBe(count)
  })
})

test('a UUID has the form of version 8 and depends on all its arguments', () => {
  const ids = [uuidAt(1, 2, 3, 4), uuidAt(2, 2, 3, 4), uuidAt(1, 3, 3, 4), uuidAt(1, 2, 4, 4), uuidAt(1, 2, 3, 5)]
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(ids).size).toBe(ids.length)
  expect(uuidAt(1, 2, 3, 4)).toBe(ids[0])
})
