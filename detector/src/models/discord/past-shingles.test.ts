import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { PastShingles } from './past-shingles.ts'

const lengths = [1, 3, 16]
const history = 100

function series(count: number, dimension: number, seed = 1): Float64Array[] {
  const uniform = mulberry32(seed)
  return Array.from({ length: count }, () => Float64Array.from({ length: dimension }, () => gaussian(uniform)))
}

function pushed(rows: readonly Float64Array[], dimension: number): PastShingles {
  const past = new PastShingles(dimension, history, lengths)
  for (const row of rows) past.push(row)
  return past
}

/** By its definition, one stretch after the other. */
function slowly(rows: readonly Float64Array[], length: number, dimension: number): { distance: number; at: number } {
  const last = rows.length - 1
  const oldest = Math.max(0, last - history - lengths.at(-1)!)
  const found: { distance: number; at: number }[] = []
  for (let end = oldest + length - 1; end <= last - 1 - length; end++) {
    let sum = 0
    for (let f = 0; f < dimension; f++) {
      const differences = Array.from({ length }, (_, back) => rows[last - back]![f]! - rows[end - back]![f]!)
      const mean = length === 1 ? 0 : differences.reduce((a, b) => a + b) / length
      sum += differences.reduce((total, difference) => total + (difference - mean) ** 2, 0)
    }
    found.push({ distance: Math.sqrt(sum), at: end })
  }
  found.sort((a, b) => a.distance - b.distance)
  return { distance: (found[0]!.distance + found[1]!.distance) / 2, at: found[0]!.at }
}

describe('the nearest stretches', () => {
  test.each([[70, 1], [300, 1], [300, 3]])('of %d vectors of %d features are those of the definition', (count, dimension) => {
    const rows = series(count, dimension)
    const nearest = pushed(rows.slice(0, -1), dimension).search(rows.at(-1)!)
    lengths.forEach((length, i) => {
      const expected = slowly(rows, length, dimension)
      expect(nearest[i]!.distance).toBeCloseTo(expected.distance, 10)
      expect(nearest[i]!.at).toBe(expected.at)
    })
  })

  test('a longer stretch is compared by its shape: the same course at another level is near, but for its place', () => {
    const rows = [...series(120, 1), ...series(120, 1).slice(-100).map((x) => x.map((value) => value + 50))]
    const [place, step, course] = pushed(rows.slice(0, -1), 1).search(rows.at(-1)!)
    expect(place!.distance).toBeGreaterThan(0)
    expect(step!.distance).toBeLessThan(0.5)
    expect(course!.distance).toBeGreaterThan(0)
  })

  test('of a past that is too short there are none', () => {
    const rows = series(40, 1)
    expect(pushed(rows.slice(0, 20), 1).search(rows[20]!)).toEqual([{ distance: NaN, at: -1 }, { distance: NaN, at: -1 }, { distance: NaN, at: -1 }])
    expect(pushed(rows, 1).search(rows[0]!).map(({ at }) => at >= 0)).toEqual([true, true, false])
  })
})

test('what differs from the nearest stretch has the features\' shares of it', () => {
  const rows = series(200, 2)
  const past = pushed(rows, 2)
  const point = rows[50]!.slice()
  point[1]! += 40
  const shares = new Float64Array(2)
  past.addShares(point, 1, past.search(point)[0]!.at, 3, shares)
  expect(shares[0]! + shares[1]!).toBeCloseTo(3, 12)
  expect(shares[1]).toBeGreaterThan(2.9)
})

test('goes on from its state', () => {
  const rows = series(500, 2)
  const original = pushed(rows.slice(0, 300), 2)
  const copy = new PastShingles(2, history, lengths)
  copy.load(original.toState())
  for (const row of rows.slice(300)) {
    expect(copy.search(row)).toEqual(original.search(row))
    original.push(row)
    copy.push(row)
  }
})
