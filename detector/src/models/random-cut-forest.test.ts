import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { checkModel } from '../testing/check-model.ts'
import type { FeatureDescriptor, Model } from './model.ts'
import { randomCutForest } from './random-cut-forest.ts'

// With 50 trees of 256 it takes 20,000 vectors until the state is as large as it gets: a smaller forest is there after 3,000.
checkModel('randomCutForest of 16 trees of 64', randomCutForest({ trees: 16, sampleSize: 64 }), 12_000)
checkModel('randomCutForest of three small trees over shingles', randomCutForest({ warmUp: 9, trees: 3, sampleSize: 16, shingleSize: 8, timeDecay: 0 }), 20_000)

const features: FeatureDescriptor[] = [{ name: 'pressure', scale: 'linear' }, { name: 'flow', scale: 'linear' }]

/** Pascal and litres: scales that differ by 100,000; a level that rises. */
function* readings(count: number, seed = 1): Generator<Float64Array> {
  const uniform = mulberry32(seed)
  for (let i = 0; i < count; i++) yield Float64Array.of(101_325 + 200 * gaussian(uniform) + i, 0.02 + 0.001 * gaussian(uniform))
}

function taught(model: Model, vectors: Iterable<Float64Array>): Model {
  for (const x of vectors) model.learn(x, 1)
  return model
}

describe('the forest with its defaults', () => {
  const model = taught(randomCutForest().create(features, 1), readings(400))

  test.each([
    ['pressure', 0, Float64Array.of(103_725, 0.02)],
    ['flow', 1, Float64Array.of(101_725, 0.04)],
  ])('finds what is off in %s, and says so', (_, place, x) => {
    const { value, raw, contributions } = model.score(x)!
    expect(value).toBeGreaterThan(1)
    expect(raw).toBeGreaterThan(1.5)
    expect(contributions[place]! / value).toBeGreaterThan(0.6)
  })

  test('expects the level, which follows a trend some way behind', () => {
    const [pressure, flow] = model.score(Float64Array.of(101_725, 0.02))!.expected!
    expect(Math.abs(pressure! - 101_725)).toBeLessThan(300)
    expect(flow).toBeCloseTo(0.02, 3)
  })

  test('goes on from its snapshot to the bit', () => {
    const factory = randomCutForest()
    const original = taught(factory.create(features, 3), readings(300, 3))
    const copy = factory.restore(features, original.snapshot())
    for (const x of readings(60, 4)) {
      expect(copy.score(x)).toEqual(original.score(x))
      original.learn(x, 1)
      copy.learn(x, 1)
    }
    expect(copy.snapshot()).toEqual(original.snapshot())
  })
})

test('goes on from a state of version 2, which has a calibrator beside', () => {
  const factory = randomCutForest({ trees: 5, sampleSize: 32 })
  const original = taught(factory.create(features, 3), readings(100, 3))
  const { kind, state } = original.snapshot()
  const copy = factory.restore(features, { kind, version: 2, state: { ...(state as object), calibrator: { body: new Float64Array(3) } } })
  for (const x of readings(20, 4)) expect(copy.score(x)).toEqual(original.score(x))
  expect(() => factory.restore(features, { kind, version: 1, state })).toThrow('cannot read a model snapshot of kind randomCutForest version 1: this is randomCutForest version 3')
})

describe('after an anomaly', () => {
  /** Values of normal vectors behind `length` anomalous ones. */
  const valuesBehind = (length: number): number[] => {
    const model = taught(randomCutForest({ trees: 20, shingleSize: 4 }).create(features, 1), readings(300))
    for (let i = 0; i < length; i++) model.learn(Float64Array.of(110_000, 0.05), 0.1)
    return [...readings(312)].slice(300).map((x) => {
      const { value } = model.score(x)!
      model.learn(x, value > 1 ? 0.1 : 1)
      return value
    })
  }

  test('the next normal vectors are normal: it is not part of their shingles', () => {
    expect(Math.max(...valuesBehind(3))).toBeLessThan(1)
  })

  test('one that lasts longer than a shingle is: then the first normal vectors stand out', () => {
    expect(valuesBehind(20)[0]).toBeGreaterThan(Math.max(...valuesBehind(3)))
  })
})

test.each<[string, (uniform: () => number) => number]>([
  ['normal', gaussian],
  ['with a long tail', (uniform) => -Math.log(1 - uniform())],
])('of vectors that are %s no more than a thousandth is beyond the boundary', (_, draw) => {
  let judged = 0
  let flagged = 0
  for (let key = 0; key < 4; key++) {
    const uniform = mulberry32(key)
    const model = randomCutForest({ trees: 20, sampleSize: 128, shingleSize: 4 }).create(features, key)
    for (let i = 0; i < 1_500; i++) {
      const x = Float64Array.from(features, () => draw(uniform))
      const score = model.score(x)
      const isAnomaly = score !== undefined && score.value > 1
      if (score !== undefined) judged++
      if (isAnomaly) flagged++
      model.learn(x, isAnomaly ? 0.1 : 1)
    }
  }
  expect(flagged / judged).toBeLessThan(0.001)
})

test('the warm-up is at least two shingles long', () => {
  expect(randomCutForest({ warmUp: 30, shingleSize: 20, trees: 1 }).create(features, 1).progress()).toEqual({ learned: 0, needed: 40 })
})

test.each([
  [{ trees: 0 }, 'randomCutForest: trees is 0, not in 1 to 1000'],
  [{ sampleSize: 1 }, 'randomCutForest: sampleSize is 1, not in 2 to 4096'],
  [{ shingleSize: 129 }, 'randomCutForest: shingleSize is 129, not in 1 to 128'],
  [{ timeDecay: -1 }, 'randomCutForest: timeDecay is -1, not in 0 to 1'],
])('%j is refused', (parameters, message) => {
  expect(() => randomCutForest(parameters)).toThrow(message)
})
