import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import type { FeatureDescriptor } from '../model.ts'
import { ForestInput } from './forest-input.ts'

const features: FeatureDescriptor[] = [
  { name: 'pressure', scale: 'linear' },
  { name: 'flow', scale: 'linear' },
  { name: 'noise', scale: 'log' },
]

/** Vectors around a level that rises by `slope` pascal a step. */
function rows(count: number, slope = 0, seed = 1): Float64Array {
  const uniform = mulberry32(seed)
  const all = Array.from({ length: count }, (_, i) => [1e5 + slope * i + 300 * gaussian(uniform), 0.01 * gaussian(uniform), 5 + 0.5 * gaussian(uniform)])
  return Float64Array.from(all.flat())
}

function locate(input: ForestInput, x: readonly number[]): number[] {
  const out = new Float32Array(x.length)
  input.locate(Float64Array.from(x), out)
  return [...out]
}

/** Feeds vectors as a model does; their coordinates in the units of then. */
function follow(input: ForestInput, from: Float64Array): number[][] {
  const seen: number[][] = []
  const ratios = new Float64Array(3)
  for (let at = 0; at < from.length; at += 3) {
    const out = new Float32Array(3)
    input.locate(from.subarray(at, at + 3), out)
    seen.push([...out])
    input.follow(out, ratios)
  }
  return seen
}

describe('the forest\'s input', () => {
  test('is in the order of the names, and of about one unit\'s scatter whatever the features\' own', () => {
    const input = ForestInput.learn(features, rows(60))
    const [flow, noise, pressure] = locate(input, [1e5, 0.03, 5])
    expect(Math.abs(pressure!)).toBeLessThan(0.6)
    expect(flow).toBeGreaterThan(2)
    expect(flow).toBeLessThan(4.5)
    expect(Math.abs(noise!)).toBeLessThan(0.6)
  })

  test('does not depend on the order of the features', () => {
    const place = [2, 0, 1]
    const permuted = (from: Float64Array): Float64Array => Float64Array.from(from, (_, i) => from[i - (i % 3) + place[i % 3]!]!)
    const a = ForestInput.learn(features, rows(60))
    const b = ForestInput.learn(place.map((f) => features[f]!), permuted(rows(60)))
    expect(follow(b, permuted(rows(40, 0, 2)))).toEqual(follow(a, rows(40, 0, 2)))
    expect([...b.expected()]).toEqual(place.map((f) => a.expected()[f]!))
  })

  test('expects the level, which a slow rise leaves behind by its memory of 250 vectors and more', () => {
    const input = ForestInput.learn(features, rows(60, 1))
    follow(input, rows(2060, 1).subarray(60 * 3))
    const behind = 102_060 - input.expected()[0]!
    expect(behind).toBeGreaterThan(250)
    expect(behind).toBeLessThan(600)
  })

  test('a jump stays far for long', () => {
    const input = ForestInput.learn(features, rows(60))
    const jumped = Float64Array.from(rows(100, 0, 2), (v, i) => (i % 3 === 0 ? v + 10_000 : v))
    expect(follow(input, jumped).at(-1)![2]).toBeGreaterThan(5)
  })

  test('units change by powers of two only, and the level with them', () => {
    const input = ForestInput.learn(features, rows(60))
    const ratios = new Float64Array(3)
    const out = new Float32Array(3)
    const changes: number[][] = []
    const uniform = mulberry32(3)
    for (let i = 0; i < 2000; i++) {
      input.locate(Float64Array.of(1e5 + 1500 * gaussian(uniform), 0.01 * gaussian(uniform), 5 + 0.5 * gaussian(uniform)), out)
      const before = input.expected()
      if (!input.follow(out, ratios)) continue
      changes.push([...ratios])
      expect(Math.abs(input.expected()[0]! - before[0]!)).toBeLessThan(10)
    }
    // A scatter five times as wide is two doublings; the others stay.
    expect(changes).toEqual([[1, 1, 2], [1, 1, 2]])
  })

  test('goes on from its state to the bit', () => {
    const original = ForestInput.learn(features, rows(60))
    follow(original, rows(75, 0, 2))
    const copy = ForestInput.fromState(features, structuredClone(original.toState()))
    expect(follow(copy, rows(75, 0, 3))).toEqual(follow(original, rows(75, 0, 3)))
    expect(copy.toState()).toEqual(original.toState())
  })
})
