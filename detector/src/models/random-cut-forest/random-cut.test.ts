import { mulberry32 } from '@tidewatch/kit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drawCut, floatBelow } from './random-cut.ts'
import type { Cut } from './random-cut.ts'

const coordinate = fc.float({ min: -1e6, max: 1e6, noNaN: true })

function draw(box: readonly number[], point: readonly number[], u: number): Cut {
  const cut = { dimension: -1, value: NaN }
  const d = point.length
  const range = point.reduce((sum, x, i) => sum + Math.max(x, box[d + i]!) - Math.min(x, box[i]!), 0)
  drawCut(Float32Array.from(box), 0, Float32Array.from(point), range, u, cut)
  return cut
}

describe('a random cut', () => {
  test('goes through a dimension with a probability in proportion to its span: chi-square over 20,000 draws', () => {
    // Spans of the box and the point together: 1, 2, 0, 5, 2.
    const box = [0, -1, 3, 0, 10, 1, 1, 3, 4, 12]
    const point = [0.5, 0, 3, 5, 11]
    const spans = [1, 2, 0, 5, 2]
    const uniform = mulberry32(11)
    const counts = spans.map(() => 0)
    const draws = 20_000
    for (let k = 0; k < draws; k++) counts[draw(box, point, uniform()).dimension]!++
    expect(counts[2]).toBe(0)
    const chiSquare = spans.reduce((sum, span, i) => (span === 0 ? sum : sum + (counts[i]! - (draws * span) / 10) ** 2 / ((draws * span) / 10)), 0)
    // The 99.9 % point with 3 degrees of freedom; the seed is fixed.
    expect(chiSquare).toBeLessThan(16.27)
  })

  test('goes uniformly through the span: chi-square over ten parts of it', () => {
    const uniform = mulberry32(13)
    const counts = new Array<number>(10).fill(0)
    for (let k = 0; k < 10_000; k++) counts[Math.floor(draw([0, 4], [-6], uniform()).value + 6)]!++
    // 9 degrees of freedom.
    expect(counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(27.88)
  })

  test('always leaves something on both sides', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 1, maxLength: 6 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (sides, u) => {
        const lows = sides.map(([a, b]) => Math.min(a, b))
        const highs = sides.map(([a, b]) => Math.max(a, b))
        const point = sides.map(([, , x]) => x)
        fc.pre(point.some((x, i) => Math.max(x, highs[i]!) > Math.min(x, lows[i]!)))
        const { dimension: i, value } = draw([...lows, ...highs], point, u)
        expect(value).toBeGreaterThanOrEqual(Math.min(point[i]!, lows[i]!))
        expect(value).toBeLessThan(Math.max(point[i]!, highs[i]!))
      }),
      { numRuns: 500 },
    )
  })

  test('of two neighbouring floats goes through the lower one', () => {
    const high = 1 + 2 ** -23
    expect(draw([1, 1], [high], 1 - 2 ** -53)).toEqual({ dimension: 0, value: 1 })
  })
})

test.each([[1, 1 - 2 ** -24], [-1, -1 - 2 ** -23], [0, -(2 ** -149)], [2 ** -149, 0], [-0, -(2 ** -149)]])('the float32 below %d is %d', (x, below) => {
  expect(floatBelow(x)).toBe(below)
})
