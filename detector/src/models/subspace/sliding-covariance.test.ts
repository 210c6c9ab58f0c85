import { gaussian, mulberry32 } from '@tidewatch/kit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SlidingCovariance } from './sliding-covariance.ts'

describe('SlidingCovariance', () => {
  test('after any slide it is the covariance of what is in the window', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 2, max: 15 }), fc.integer({ min: 2, max: 80 }), fc.integer(), (d, width, steps, seed) => {
        const uniform = mulberry32(seed)
        const rows = Array.from({ length: steps }, () => Float64Array.from({ length: d }, () => 100 + gaussian(uniform)))
        const sliding = new SlidingCovariance(d)
        rows.forEach((row, t) => {
          if (t >= width) sliding.remove(rows[t - width]!)
          sliding.add(row)
        })
        const anew = new SlidingCovariance(d)
        for (const row of rows.slice(-width)) anew.add(row)
        expect(sliding.count).toBe(anew.count)
        sliding.mean.forEach((mean, f) => expect(mean).toBeCloseTo(anew.mean[f]!, 9))
        sliding.covariance().forEach((entry, i) => expect(entry).toBeCloseTo(anew.covariance()[i]!, 8))
      }),
    )
  })

  test('is the sample covariance', () => {
    const sliding = new SlidingCovariance(2)
    for (const row of [[1, 10], [2, 14], [6, 12]]) sliding.add(Float64Array.from(row))
    expect([...sliding.mean]).toEqual([3, 12])
    const expected = [7, 1, 1, 4]
    sliding.covariance().forEach((entry, i) => expect(entry).toBeCloseTo(expected[i]!, 12))
  })

  test('of one vector or none it is 0, and the last one is not given away', () => {
    const sliding = new SlidingCovariance(1)
    expect([...sliding.covariance()]).toEqual([0])
    sliding.add(Float64Array.of(5))
    expect([...sliding.covariance()]).toEqual([0])
    expect(() => sliding.remove(Float64Array.of(5))).toThrow('a window of 1 vectors has none to spare')
  })
})
