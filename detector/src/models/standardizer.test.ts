import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import type { FeatureDescriptor } from './model.ts'
import { Standardizer } from './standardizer.ts'

const features: readonly FeatureDescriptor[] = [
  { name: 'mean', scale: 'linear' },
  { name: 'stddev', scale: 'log' },
]

/** `count` rows of two, one after the other. */
function warmUp(count: number, row: (t: number, noise: () => number) => [number, number]): Float64Array {
  const uniform = mulberry32(17)
  return Float64Array.from(Array.from({ length: count }, (_, t) => row(t, () => gaussian(uniform))).flat())
}

function coordinates(standardizer: Standardizer, ...x: number[]): number[] {
  const out = new Float64Array(x.length)
  standardizer.apply(Float64Array.from(x), out)
  return [...out]
}

describe('what the warm-up leaves', () => {
  test('is a scatter of about 1 in any unit', () => {
    for (const unit of [1e-6, 1, 1e9]) {
      const rows = warmUp(200, (_, noise) => [unit * (50 + noise()), unit])
      const standardizer = Standardizer.learn(features, rows, 200)
      expect(coordinates(standardizer, unit * 51, unit)[0]).toBeGreaterThan(0.7)
      expect(coordinates(standardizer, unit * 51, unit)[0]).toBeLessThan(1.4)
    }
  })

  test('does not depend on two wild vectors of thirty', () => {
    const calm = Standardizer.learn(features, warmUp(30, (_, noise) => [noise(), 1]), 30)
    const wild = Standardizer.learn(features, warmUp(30, (t, noise) => [t === 7 || t === 20 ? 1e6 : noise(), 1]), 30)
    const [a, b] = [coordinates(calm, 20, 1)[0]!, coordinates(wild, 20, 1)[0]!]
    expect(b / a).toBeGreaterThan(0.5)
    expect(b / a).toBeLessThan(2)
  })

  test('follows a trend: the next vector on the line is near 0, and so is the hundredth', () => {
    const standardizer = Standardizer.learn(features, warmUp(30, (t, noise) => [10 + 0.15 * t + 0.5 * noise(), 1]), 30)
    expect(Math.abs(coordinates(standardizer, 10 + 0.15 * 30, 1)[0]!)).toBeLessThan(1)
    for (let t = 0; t < 20; t++) standardizer.advance()
    expect(Math.abs(coordinates(standardizer, 10 + 0.15 * 50, 1)[0]!)).toBeLessThan(3)
  })

  test('a constant feature has a scale: a change is far away and finite, none is 0', () => {
    const standardizer = Standardizer.learn(features, warmUp(30, () => [42, 0]), 30)
    expect(coordinates(standardizer, 42, 0)).toEqual([0, 0])
    expect(coordinates(standardizer, 42.01, 0)[0]).toBeLessThan(0.1)
    expect(coordinates(standardizer, 60, 0)[0]).toBeGreaterThan(10)
    expect(coordinates(standardizer, 1e300, 1e300).every((p) => Math.abs(p) <= 1e6)).toBe(true)
  })

  test('a standard deviation that falls to 0 is far away, half and double of it are not', () => {
    const rows = warmUp(60, (_, noise) => [noise(), Math.hypot(noise(), noise(), noise(), noise(), noise()) / Math.sqrt(5)])
    const standardizer = Standardizer.learn(features, rows, 60)
    expect(coordinates(standardizer, 0, 0)[1]).toBeLessThan(-10)
    expect(Math.abs(coordinates(standardizer, 0, 0.5)[1]!)).toBeLessThan(3)
    expect(Math.abs(coordinates(standardizer, 0, 2)[1]!)).toBeLessThan(5)
  })

  test('a mean that overlapping windows show too calm scatters at least as its readings say', () => {
    const described: FeatureDescriptor[] = [...features, { name: 'count', scale: 'log' }]
    const rows = Float64Array.from(Array.from({ length: 30 }, () => [5, 3, 9]).flat())
    // Nine readings that scatter by 3: a mean scatters by 1.
    expect(coordinates(Standardizer.learn(described, rows, 30), 8, 3, 9)[0]).toBeCloseTo(3, 9)
  })
})

test('coordinates come back in the feature\'s own unit', () => {
  const standardizer = Standardizer.learn(features, warmUp(40, (_, noise) => [7 + noise(), Math.exp(0.2 * noise())]), 40)
  for (const x of [[3, 0.2], [7, 1], [12, 5]] as const) {
    coordinates(standardizer, ...x).forEach((p, f) => expect(standardizer.restore(f, p)).toBeCloseTo(x[f]!, 6))
  }
})

describe('afterwards', () => {
  const learned = (): Standardizer => Standardizer.learn(features, warmUp(100, (_, noise) => [noise(), 1]), 100)
  const run = (standardizer: Standardizer, steps: number, residual: (t: number) => number, weight: number): number => {
    const ratios = new Float64Array(2)
    let growth = 1
    for (let t = 0; t < steps; t++) {
      standardizer.observe(Float64Array.of(residual(t) / growth, 0), weight, 0)
      if (standardizer.rescale(ratios)) growth *= ratios[0]!
    }
    return growth
  }

  test('the scale goes to where a third of the residuals lies beyond it', () => {
    const uniform = mulberry32(23)
    const growth = run(learned(), 4000, () => 3 * gaussian(uniform), 1)
    expect(growth).toBeGreaterThan(2.2)
    expect(growth).toBeLessThan(4)
  })

  test('a fault of any length hardly widens it', () => {
    expect(run(learned(), 1000, () => 1e3, 0)).toBeLessThan(1.3)
  })

  test('a feature that stands still does not shrink its scale', () => {
    expect(run(learned(), 1000, () => 0, 1)).toBe(1)
  })

  test('by doubling, a scale moves once it is off by a factor of 2, and then by a power of two', () => {
    const standardizer = learned()
    const uniform = mulberry32(23)
    const ratios = new Float64Array(2)
    const moves: number[][] = []
    let growth = 1
    for (let t = 0; t < 4000; t++) {
      standardizer.observe(Float64Array.of((5 * gaussian(uniform)) / growth, 0), 1, 0)
      if (!standardizer.rescaleByDoubling(ratios)) continue
      moves.push([...ratios])
      growth *= ratios[0]!
    }
    expect(moves).toEqual([[2, 1], [2, 1]])
    expect(run(learned(), 4000, () => 5 * gaussian(uniform), 1)).toBeGreaterThan(growth / 2)
  })

  test('the doubt falls towards 1 with what was learned', () => {
    const standardizer = learned()
    const before = standardizer.doubt()
    run(standardizer, 2000, () => 1, 1)
    expect(standardizer.doubt()).toBeLessThan(before)
    expect(standardizer.doubt()).toBeGreaterThan(1)
  })
})
