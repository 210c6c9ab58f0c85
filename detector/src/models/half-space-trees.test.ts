import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { checkModel } from '../testing/check-model.ts'
import { halfSpaceTrees } from './half-space-trees.ts'
import type { FeatureDescriptor } from './model.ts'

checkModel('halfSpaceTrees', halfSpaceTrees(), 20_000)
checkModel('halfSpaceTrees of another shape', halfSpaceTrees({ warmUp: 20, trees: 10, height: 8, windowSize: 40 }), 20_000)
checkModel('halfSpaceTrees with a warm-up longer than its window', halfSpaceTrees({ warmUp: 60, windowSize: 32 }), 20_000)

const features: FeatureDescriptor[] = ['a', 'b', 'c'].map((name) => ({ name, scale: 'linear' }))

describe('half-space trees', () => {
  const step = (uniform: () => number, level: number) => Float64Array.from(features, (_, f) => (f === 0 ? level : 0) + gaussian(uniform))

  test('raw is the paper\'s score, in [0, 1], and 1 for a vector that lies outside of every tree\'s work range', () => {
    const uniform = mulberry32(3)
    const model = halfSpaceTrees().create(features, 1)
    for (let i = 0; i < 700; i++) {
      const score = model.score(step(uniform, 0))
      if (score !== undefined) expect(score.raw >= 0 && score.raw <= 1).toBe(true)
      model.learn(step(uniform, 0), 1)
    }
    expect(model.score(Float64Array.of(1e3, 0, 0))!.raw).toBe(1)
    expect(model.score(Float64Array.of(0, 0, 0))!.raw).toBeLessThan(0.6)
  })

  test('the feature that is off has most of the value', () => {
    const uniform = mulberry32(5)
    const model = halfSpaceTrees().create(features, 1)
    for (let i = 0; i < 400; i++) model.learn(step(uniform, 0), 1)
    for (let f = 0; f < 3; f++) {
      const { value, contributions } = model.score(new Float64Array(3).with(f, 12))!
      expect(value).toBeGreaterThan(1)
      expect(contributions[f]! / value).toBeGreaterThan(0.5)
    }
  })

  test('follows a level that moves slowly', () => {
    const uniform = mulberry32(7)
    const model = halfSpaceTrees().create(features, 1)
    let flagged = 0
    for (let i = 0; i < 3000; i++) {
      const x = step(uniform, 40 * Math.sin(i / 300))
      const isAnomaly = (model.score(x)?.value ?? 0) > 1
      if (isAnomaly) flagged++
      model.learn(x, isAnomaly ? 0.1 : 1)
    }
    expect(flagged).toBeLessThan(9)
  })

  test('a lasting change is flagged for as long as a fault may last, and then becomes normal', () => {
    const uniform = mulberry32(9)
    const model = halfSpaceTrees().create(features, 1)
    const flags: boolean[] = []
    for (let i = 0; i < 1200; i++) {
      const x = step(uniform, i < 400 ? 0 : 100)
      const isAnomaly = (model.score(x)?.value ?? 0) > 1
      flags.push(isAnomaly)
      model.learn(x, isAnomaly ? 0.1 : 1)
    }
    expect(flags.slice(400, 500).every(Boolean)).toBe(true)
    expect(flags.slice(900).filter(Boolean).length).toBeLessThan(4)
  })

  test('goes on to the bit from a snapshot that was taken while it starts anew', () => {
    const uniform = mulberry32(15)
    const factory = halfSpaceTrees()
    const model = factory.create(features, 1)
    let copy = factory.create(features, 1)
    for (let i = 0; i < 500; i++) {
      const x = step(uniform, i < 200 ? 0 : 100)
      if (i % 5 === 0) copy = factory.restore(features, structuredClone(copy.snapshot()))
      const [value, same] = [model.score(x)?.value, copy.score(x)?.value]
      expect(same).toBe(value)
      for (const each of [model, copy]) each.learn(x, (value ?? 0) > 1 ? 0.1 : 1)
    }
    expect(model.score(Float64Array.of(100, 0, 0))!.value).toBeLessThan(1)
    expect(copy.snapshot()).toEqual(model.snapshot())
  })

  test('a fault of sixty vectors does not become normal', () => {
    const uniform = mulberry32(11)
    const model = halfSpaceTrees().create(features, 1)
    for (let i = 0; i < 600; i++) {
      const isFault = i >= 300 && i < 360
      const x = step(uniform, isFault ? 30 : 0)
      const value = model.score(x)?.value ?? 0
      if (isFault) expect(value).toBeGreaterThan(1)
      model.learn(x, value > 1 ? 0.1 : 1)
    }
  })

  test('seeds give different trees', () => {
    const scores = [1, 2, 3].map((seed) => {
      const uniform = mulberry32(13)
      const model = halfSpaceTrees().create(features, seed)
      for (let i = 0; i < 60; i++) model.learn(step(uniform, 0), 1)
      return model.score(Float64Array.of(1, 1, 1))!.raw
    })
    expect(new Set(scores).size).toBe(3)
  })

  test('a parameter outside its range is refused by name', () => {
    expect(() => halfSpaceTrees({ height: 16 })).toThrow('halfSpaceTrees: height is 16, not in 1 to 15')
    expect(() => halfSpaceTrees({ warmUp: 1 })).toThrow('halfSpaceTrees: warmUp is 1, not in 2 to 100000')
  })
})
