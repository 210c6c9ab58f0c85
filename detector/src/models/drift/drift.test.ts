import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { sharedVector } from '../testing/shared-vectors.ts'
import { adwin } from './adwin.ts'
import { pageHinkley } from './page-hinkley.ts'

const vector = sharedVector('drift_river_0.26.1.json')

interface RiverTrace {
  X: number[]
  adwin: { delta: number; detections: number[]; widths: [number, number, number, number][] }
  pageHinkley: { min_instances: number; delta: number; threshold: number; alpha: number; detections: number[] }
}

const detectionsIn = (numbers: readonly number[], detector: { observe(x: number): boolean }): number[] => numbers.flatMap((x, i) => (detector.observe(x) ? [i] : []))

describe.skipIf(!vector.exists)(`beside river 0.26.1${vector.note}`, () => {
  test('ADWIN finds what river finds, and its window has the same width, mean and variance all along', () => {
    const { X, adwin: river } = vector.read<RiverTrace>()
    const detector = adwin({ delta: river.delta }).create()
    const widths = new Map(river.widths.map(([i, ...figures]) => [i, figures]))
    const detections = X.flatMap((x, i) => {
      const isDrift = detector.observe(x)
      const [width, mean, variance] = widths.get(i) ?? []
      if (width !== undefined) {
        expect(detector.width).toBe(width)
        expect(Math.abs(detector.mean / mean! - 1)).toBeLessThan(1e-15)
        expect(Math.abs(detector.variance / variance! - 1)).toBeLessThan(1e-12)
      }
      return isDrift ? [i] : []
    })
    expect(widths.size).toBe(15)
    expect(detections).toEqual(river.detections)
  })

  test('Page-Hinkley finds what river finds', () => {
    const { X, pageHinkley: river } = vector.read<RiverTrace>()
    const { min_instances: minInstances, delta, threshold, alpha } = river
    expect(detectionsIn(X, pageHinkley({ minInstances, delta, threshold, alpha }).create())).toEqual(river.detections)
  })
})

/** Numbers around one level for 1,000 numbers each. */
function levels(seed: number, ...means: number[]): number[] {
  const uniform = mulberry32(seed)
  return means.flatMap((mean) => Array.from({ length: 1_000 }, () => mean + 0.1 * gaussian(uniform)))
}

const cases = [
  ['ADWIN', adwin()],
  ['Page-Hinkley', pageHinkley({ threshold: 5, delta: 0.05 })],
] as const

describe.each(cases)('%s', (_, factory) => {
  test.each([[0.5, 0.8], [0.5, 0.2], [0, 3]])('finds a step from %d to %d once, soon after it', (before, after) => {
    const found = detectionsIn(levels(7, before, after), factory.create())
    expect(found).toHaveLength(1)
    expect(found[0]).toBeGreaterThan(999)
    expect(found[0]).toBeLessThan(1_100)
  })

  test('finds nothing in numbers that stay as they are', () => {
    for (const seed of [1, 2, 3, 4, 5]) expect(detectionsIn(levels(seed, 0.5, 0.5, 0.5, 0.5, 0.5), factory.create())).toEqual([])
  })

  test('finds nothing where all numbers are alike', () => {
    expect(detectionsIn(Array.from({ length: 5_000 }, () => 0.25), factory.create())).toEqual([])
  })

  test('goes on to the bit from its snapshot, wherever that is taken', () => {
    const numbers = levels(3, 0.5, 0.9)
    for (const cut of [0, 1, 6, 33, 500, 999, 1_031, 1_032, 1_064, 1_500]) {
      const original = factory.create()
      for (const x of numbers.slice(0, cut)) original.observe(x)
      const copy = factory.restore(original.snapshot())
      for (const x of numbers.slice(cut)) expect(copy.observe(x)).toBe(original.observe(x))
      expect(copy.snapshot()).toEqual(original.snapshot())
    }
  })

  test('refuses what is no number, and snapshots of others', () => {
    for (const bad of [NaN, Infinity]) expect(() => factory.create().observe(bad)).toThrow(`a drift detector takes finite numbers, not ${bad}`)
    const snapshot = factory.create().snapshot()
    expect(() => factory.restore({ ...snapshot, version: 9 })).toThrow(/version 9/)
    expect(() => factory.restore({ ...snapshot, kind: 'another' })).toThrow(/another/)
  })
})

test('the window of ADWIN is that of its numbers, after cuts and merges, and its memory grows with the logarithm', () => {
  const numbers = levels(11, ...Array.from({ length: 20 }, () => 0.5))
  const detector = adwin().create()
  for (const x of numbers) detector.observe(x)
  expect(detector.width).toBe(numbers.length)
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length
  expect(detector.mean).toBeCloseTo(mean, 12)
  expect(detector.variance).toBeCloseTo(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0), 8)
  const { buckets } = detector.snapshot().state as { buckets: { counts: number[] } }
  expect(buckets.counts.length).toBeLessThan(2 + Math.log2(numbers.length))
})

test('parameters out of their ranges are refused by name', () => {
  expect(() => adwin({ delta: 0 })).toThrow('adwin: delta is 0, not in')
  expect(() => pageHinkley({ threshold: 0 })).toThrow('pageHinkley: threshold is 0, not in')
})
