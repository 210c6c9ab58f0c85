import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { checkModel } from '../testing/check-model.ts'
import type { FeatureDescriptor, Model } from './model.ts'
import { subspace } from './subspace.ts'
import { featuresOf, judge, makeSeries, systemC, systemD } from './testing/synthetic-faults.ts'

checkModel('subspace', subspace())
checkModel('subspace of two components over a short window', subspace({ components: 2, window: 64 }), 20_000)

const linear = (d: number): FeatureDescriptor[] => Array.from({ length: d }, (_, f) => ({ name: `f${f}`, scale: 'linear' }))

/** A model that learned so many vectors. */
function taught(d: number, count: number, at: (noise: () => number) => number[]): { model: Model; next: () => Float64Array } {
  const model = subspace().create(linear(d), 1)
  const uniform = mulberry32(5)
  const next = (): Float64Array => Float64Array.from(at(() => gaussian(uniform)))
  for (let t = 0; t < count; t++) model.learn(next(), 1)
  return { model, next }
}

/** Share of normal vectors beyond 1. */
const falseAlarms = ({ model, next }: ReturnType<typeof taught>): number => Array.from({ length: 500 }, () => model.score(next())!.value).filter((value) => value > 1).length / 500

describe('subspace', () => {
  test('finds two features that no longer go together, each of them well within its own range, and names them', () => {
    const one = taught(3, 500, (noise) => {
      const common = 10 * noise()
      return [common + 0.3 * noise(), 2 * common + 0.3 * noise(), noise()]
    })
    expect(falseAlarms(one)).toBeLessThan(0.01)
    const { value, contributions, expected } = one.model.score(Float64Array.of(8, -16, 0))!
    expect(value).toBeGreaterThan(3)
    expect(contributions[0]! + contributions[1]!).toBeGreaterThan(0.9 * value)
    expect(Math.abs(expected![1]! - 2 * expected![0]!)).toBeLessThan(4)
  })

  test('expects of a normal vector nearly what it is', () => {
    const { model } = taught(2, 500, (noise) => {
      const common = noise()
      return [100 + 5 * common + 0.1 * noise(), -7 + 3 * common + 0.1 * noise()]
    })
    const { expected } = model.score(Float64Array.of(105, -4))!
    expect(Math.abs(expected![0]! - 105)).toBeLessThan(0.5)
    expect(Math.abs(expected![1]! + 4)).toBeLessThan(0.5)
  })

  test('a single feature is judged by T2 alone', () => {
    const one = taught(1, 300, (noise) => [50 + noise()])
    expect(falseAlarms(one)).toBeLessThan(0.01)
    expect(one.model.score(Float64Array.of(58))!.value).toBeGreaterThan(1)
  })

  test('equal features have no relation but that they are equal, and a difference is found', () => {
    const one = taught(3, 300, (noise) => {
      const common = noise()
      return [common, common, common]
    })
    expect(falseAlarms(one)).toBeLessThan(0.01)
    expect(one.model.score(Float64Array.of(1, 1, -1))!.value).toBeGreaterThan(3)
  })

  test('a constant feature counts once it changes, by a hundredth of its size as one scale', () => {
    const one = taught(2, 300, (noise) => [noise(), 12])
    expect(falseAlarms(one)).toBeLessThan(0.01)
    expect(one.model.score(Float64Array.of(0, 12.1))!.value).toBeLessThan(1)
    expect(one.model.score(Float64Array.of(0, 14))!.value).toBeGreaterThan(1)
  })

  test('forty features of three sources are three directions', () => {
    const one = taught(40, 600, (noise) => {
      const sources = [noise(), noise(), noise()]
      return Array.from({ length: 40 }, (_, f) => (1 + (f % 7)) * sources[f % 3]! + 0.2 * noise())
    })
    expect(falseAlarms(one)).toBeLessThan(0.01)
    const x = one.next()
    x[17]! += 8
    const { value, contributions } = one.model.score(x)!
    expect(value).toBeGreaterThan(1)
    expect(contributions.indexOf(Math.max(...contributions))).toBe(17)
  })

  test('twenty thousand vectors on, covariance is what it would be computed anew', () => {
    const { model, next } = taught(4, 20_000, (noise) => [noise(), 5 + noise(), 1e6 + noise(), noise()])
    const fresh = subspace().create(linear(4), 1)
    const window = Array.from({ length: 500 }, next)
    for (const x of window) {
      model.learn(x, 1)
      fresh.learn(x, 1)
    }
    const probe = Float64Array.of(2, 8, 1e6 - 2, 0)
    expect(Math.abs(model.score(probe)!.value / fresh.score(probe)!.value - 1)).toBeLessThan(0.05)
  })

  test('a lasting change becomes normal', () => {
    const { model, next } = taught(2, 500, (noise) => [noise(), noise()])
    let calm = -1
    for (let t = 0; t < 1500 && calm < 0; t++) {
      const x = next().map((value) => value + 100)
      const isAnomalous = model.score(x)!.value > 1
      if (!isAnomalous) calm = t
      model.learn(x, isAnomalous ? 0.1 : 1)
    }
    expect(calm).toBeGreaterThan(200)
    expect(calm).toBeLessThan(600)
  })

  test('parameters out of range are refused', () => {
    expect(() => subspace({ window: 9 })).toThrow('subspace: window is 9, not in 10 to 10000')
    expect(() => subspace({ components: 65 })).toThrow('subspace: components is 65, not in 0 to 64')
  })
})

describe.each([systemC, systemD])('subspace on system $name', (system) => {
  const series = (kind: 'spike' | 'stuck' | 'noise' | 'none') => Array.from({ length: 3 }, (_, key) => makeSeries(system, kind, 6000 + key))

  test.each(['spike', 'stuck', 'noise'] as const)('finds %s', (kind) => {
    const tally = judge(subspace(), featuresOf(system), series(kind))
    expect(tally.detected / tally.incidents).toBeGreaterThanOrEqual(0.9)
    expect(tally.flaggedFaulty / (tally.flaggedFaulty + tally.flaggedNormal)).toBeGreaterThanOrEqual(0.9)
  })

  test('flags hardly a normal window', () => {
    const tally = judge(subspace(), featuresOf(system), series('none'))
    expect(tally.flaggedNormal / tally.normalWindows).toBeLessThan(0.005)
  })
})
