import { describe, expect, test } from 'vitest'
import { BentVector } from '../bent-vector.ts'
import type { FeatureDescriptor } from '../model.ts'
import { floorCovariance, measureScaling } from './scaling.ts'

const features: readonly FeatureDescriptor[] = [{ name: 'a', scale: 'linear' }, { name: 'b', scale: 'linear' }, { name: 'c', scale: 'log' }]
const rows = Float64Array.from([-2, -1, 0, 1, 2].flatMap((step) => [100 + step, 40, 5]))
const curves = BentVector.choose(features, rows, 5)

describe('measureScaling', () => {
  test('is the median and the spread of what moves, a hundredth of the size of what does not, and the least of a bent one', () => {
    const { centres, scales } = measureScaling(features, curves, rows)
    expect([centres[0], centres[1]]).toEqual([100, 40])
    expect(curves.unbend(2, centres[2]!)).toBeCloseTo(5, 9)
    expect(scales[0]).toBeGreaterThan(1.4)
    expect(scales[0]).toBeLessThan(2)
    expect(scales[1]).toBeCloseTo(0.4, 12)
    expect(scales[2]).toBe(0.15)
  })
})

describe('floorCovariance', () => {
  test('a feature that does not vary counts as noise of one scale, one that does by its own', () => {
    const floored = floorCovariance(Float64Array.of(1, 0.3, 0, 0.3, 0.25, 0, 0, 0, 0), 3)
    const expected = [1.0001, 0.3, 0, 0.3, 0.7501, 0, 0, 0, 1.0001]
    floored.forEach((entry, i) => expect(entry).toBeCloseTo(expected[i]!, 12))
  })
})
