import { gaussian, mulberry32 } from '@tidewatch/kit'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fitComponents, project } from './components.ts'
import type { Components } from './components.ts'
import { qLimit, t2Limit } from './limits.ts'
import { SlidingCovariance } from './sliding-covariance.ts'

interface Case {
  components: number
  tail: number
  rows: number[][]
  new: number[][]
  eigenvalues: number[]
  t2: number[]
  q: number[]
  t2Limit: number
  qLimit: number
}

const { cases } = JSON.parse(readFileSync(new URL('../testing/vectors/subspace.json', import.meta.url), 'utf8')) as { cases: Case[] }

function fit(rows: readonly Float64Array[], kept: number): { components: Components; mean: Float64Array } {
  const d = rows[0]!.length
  const covariance = new SlidingCovariance(d)
  for (const row of rows) covariance.add(row)
  return { components: fitComponents(covariance.covariance(), d, kept, rows.length, 1e-3), mean: covariance.mean }
}

const relative = (ours: number, theirs: number): number => Math.abs(ours / theirs - 1)

describe('components', () => {
  test.each(cases)('of $components kept are those of numpy, with the limits of scipy', (given) => {
    const rows = given.rows.map((row) => Float64Array.from(row))
    const { components, mean } = fit(rows, given.components)
    given.eigenvalues.forEach((value, i) => expect(relative(components.values[i]!, value)).toBeLessThan(1e-9))
    given.new.forEach((row, i) => {
      const { t2, q } = project(components, Float64Array.from(row, (x, f) => x - mean[f]!))
      expect(relative(t2, given.t2[i]!)).toBeLessThan(1e-9)
      expect(relative(q, given.q[i]!)).toBeLessThan(1e-9)
    })
    expect(relative(t2Limit(given.components, rows.length, given.tail), given.t2Limit)).toBeLessThan(1e-9)
    expect(relative(qLimit(components.values.subarray(given.components), given.tail), given.qLimit)).toBeLessThan(1e-8)
  })

  const samples = fc.record({ d: fc.integer({ min: 2, max: 6 }), kept: fc.integer({ min: 1, max: 5 }), seed: fc.integer() })
  const draw = ({ d, seed }: { d: number; seed: number }): { rows: Float64Array[]; z: Float64Array } => {
    const uniform = mulberry32(seed)
    const mixing = Array.from({ length: d }, () => Float64Array.from({ length: d }, () => gaussian(uniform)))
    const rows = Array.from({ length: 60 }, () => {
      const own = Float64Array.from({ length: d }, () => gaussian(uniform))
      return Float64Array.from(mixing, (row) => row.reduce((sum, m, i) => sum + m * own[i]!, 0))
    })
    return { rows, z: Float64Array.from({ length: d }, () => 3 * gaussian(uniform)) }
  }

  test('reconstruction and residual make the vector, at right angles; Q is the residual\'s square; parts add up to T2', () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const { rows, z } = draw(sample)
        const { components } = fit(rows, sample.kept)
        const { t2, q, t2Parts, residual } = project(components, z)
        const reconstruction = z.map((x, f) => x - residual[f]!)
        expect(q).toBeCloseTo(residual.reduce((sum, r) => sum + r * r, 0), 9)
        expect(reconstruction.reduce((sum, x, f) => sum + x * residual[f]!, 0)).toBeCloseTo(0, 8)
        for (const part of t2Parts) expect(part).toBeGreaterThanOrEqual(0)
        expect(relative(t2Parts.reduce((a, b) => a + b), t2)).toBeLessThan(1e-9)
        // What is within the directions stays when it is projected again.
        const again = project(components, reconstruction)
        expect(again.q).toBeLessThan(1e-18 * (1 + q + t2))
        expect(again.t2).toBeCloseTo(t2, 7)
      }),
    )
  })

  test('turning the features\' axes changes neither T2 nor Q', () => {
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 6.28, noNaN: true }), (sample, angle) => {
        const { rows, z } = draw(sample)
        const turn = (x: Float64Array): Float64Array => {
          const turned = Float64Array.from(x)
          for (let f = 0; f + 1 < x.length; f++) {
            const [a, b] = [turned[f]!, turned[f + 1]!]
            turned[f] = Math.cos(angle) * a - Math.sin(angle) * b
            turned[f + 1] = Math.sin(angle) * a + Math.cos(angle) * b
          }
          return turned
        }
        const plain = project(fit(rows, sample.kept).components, z)
        const turned = project(fit(rows.map(turn), sample.kept).components, turn(z))
        expect(Math.abs(turned.t2 - plain.t2)).toBeLessThan(1e-6 * (1 + plain.t2))
        expect(Math.abs(turned.q - plain.q)).toBeLessThan(1e-6 * (1 + plain.q))
      }),
    )
  })

  test('with as many components as explain 95 %, one fewer than the features at most, and at least one', () => {
    const keptOf = (diagonal: number[], wanted = 0, count = 100): number => {
      const d = diagonal.length
      return fitComponents(Float64Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? diagonal[i / (d + 1)]! : 0)), d, wanted, count, 1e-3).kept
    }
    expect(keptOf([90, 6, 3, 1])).toBe(2)
    expect(keptOf([97, 1, 1, 1])).toBe(1)
    expect(keptOf([1, 1, 1, 1])).toBe(3)
    expect(keptOf([1, 1, 1, 1], 2)).toBe(2)
    expect(keptOf([1, 1], 64)).toBe(1)
    expect(keptOf([5])).toBe(1)
    expect(keptOf([1, 1, 1, 1, 1, 1], 0, 6)).toBe(2)
  })

  test('of one feature: T2 is its squared deviation, and nothing is left over', () => {
    const components = fitComponents(Float64Array.of(4), 1, 0, 50, 1e-3)
    expect(project(components, Float64Array.of(6))).toEqual({ t2: 9, q: 0, t2Parts: Float64Array.of(9), residual: Float64Array.of(0) })
    expect(components.qLimit).toBe(0)
  })
})
