import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import type { FeatureDescriptor, Model, ModelFactory, ModelSnapshot, Score } from '../models/model.ts'
import { SnapshotReader } from '../snapshot/reader.ts'
import { joinPieces, SnapshotWriter } from '../snapshot/writer.ts'

const features: readonly FeatureDescriptor[] = [
  { name: 'mean', scale: 'linear' },
  { name: 'stddev', scale: 'log' },
  { name: 'min', scale: 'linear' },
  { name: 'max', scale: 'linear' },
  { name: 'count', scale: 'log' },
  { name: 'range', scale: 'log' },
]

/** Window features of normal readings: mean about 20, sd about 1. */
function normalVectors(count: number, seed: number): Float64Array[] {
  const uniform = mulberry32(seed)
  return Array.from({ length: count }, () => {
    const readings = Array.from({ length: 12 }, () => 20 + gaussian(uniform))
    const mean = readings.reduce((a, b) => a + b) / readings.length
    const stddev = Math.sqrt(readings.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (readings.length - 1))
    const [min, max] = [Math.min(...readings), Math.max(...readings)]
    return Float64Array.of(mean, stddev, min, max, 12, max - min)
  })
}

/** Nothing like the normal ones: level, scatter and number of the readings are off. */
const planted = Float64Array.of(60, 9, 45, 80, 3, 35)

function taught(factory: ModelFactory, vectors: readonly Float64Array[], seed = 1, described = features): Model {
  const model = factory.create(described, seed)
  for (const x of vectors) model.learn(x, 1)
  return model
}

/** Enough for any model here to be ready. */
function untilReady(factory: ModelFactory): Float64Array[] {
  const { needed } = factory.create(features, 1).progress()
  return normalVectors(needed + 200, 7)
}

/** A snapshot as it comes back from a checkpoint. */
function throughBytes({ kind, version, state }: ModelSnapshot): ModelSnapshot {
  const writer = new SnapshotWriter()
  writer.value(state)
  writer.finish()
  return { kind, version, state: new SnapshotReader(joinPieces(writer.takePieces())).value() }
}

/** A score as comparable values. */
function plain(score: Score | undefined): unknown {
  if (score === undefined) return undefined
  return { ...score, contributions: [...score.contributions], expected: score.expected && [...score.expected] }
}

/** A vector as in a run: mostly normal, at times far off, learned as a pipeline would. */
function liveStep(model: Model, x: Float64Array): Score | undefined {
  const score = model.score(x)
  model.learn(x, score !== undefined && score.value > 1 ? 0.1 : 1)
  return score
}

/**
 * What every model must do, whatever it computes (house style, section 8). To be called at the top of a test file.
 *
 * @param points how many vectors the test of bounded memory feeds.
 */
export function checkModel(name: string, factory: ModelFactory, points = 100_000): void {
  describe(`${name} as a model`, () => {
    test('is not ready before its warm-up, and says undefined and not 0 until then', () => {
      const model = factory.create(features, 1)
      const { needed } = model.progress()
      expect(model.progress()).toEqual({ learned: 0, needed })
      normalVectors(needed, 3).forEach((x, i) => {
        expect(model.isReady()).toBe(false)
        expect(model.score(x)).toBeUndefined()
        expect(model.progress().learned).toBe(i)
        model.learn(x, 1)
      })
      expect(model.isReady()).toBe(true)
      expect(model.progress()).toEqual({ learned: needed, needed })
      expect(model.score(planted)).toBeDefined()
    })

    test('the same seed and vectors give the same scores to the bit', () => {
      const vectors = untilReady(factory)
      const [a, b] = [factory.create(features, 5), factory.create(features, 5)]
      for (const x of vectors) expect(plain(liveStep(a, x))).toEqual(plain(liveStep(b, x)))
    })

    test('keys fed in turns do not disturb each other', () => {
      const alone = taught(factory, untilReady(factory))
      const [first, second] = [factory.create(features, 1), factory.create(features, 1)]
      for (const x of untilReady(factory)) {
        first.learn(x, 1)
        second.score(planted)
        second.learn(x.map((v) => v * 3 + 1), 1)
      }
      expect(plain(first.score(planted))).toEqual(plain(alone.score(planted)))
    })

    test('the vector given is neither changed nor kept', () => {
      const model = taught(factory, untilReady(factory))
      const x = normalVectors(1, 11)[0]!
      const copy = [...x]
      const before = plain(model.score(x))
      model.learn(x, 1)
      expect([...x]).toEqual(copy)
      const after = plain(model.score(Float64Array.from(copy)))
      x.fill(1e6)
      expect(plain(model.score(Float64Array.from(copy)))).toEqual(after)
      expect(before).toBeDefined()
    })

    test('scoring changes nothing', () => {
      const model = taught(factory, untilReady(factory))
      const before = JSON.stringify(model.snapshot())
      const score = plain(model.score(planted))
      expect(plain(model.score(planted))).toEqual(score)
      expect(JSON.stringify(model.snapshot())).toBe(before)
    })

    test('a score is kept as it was when the next one is made', () => {
      const model = taught(factory, untilReady(factory))
      const [x, y] = normalVectors(2, 13)
      const first = model.score(x!)
      const copy = plain(first)
      model.score(y!)
      model.learn(y!, 1)
      expect(plain(first)).toEqual(copy)
    })

    test('restored from its snapshot at any vector, through its binary form, it goes on to the bit', () => {
      const vectors = untilReady(factory).map((x, i) => (i % 17 === 16 ? planted : x))
      const reference = factory.create(features, 9)
      let copy = factory.create(features, 9)
      vectors.forEach((x, i) => {
        if (i < 50 || i % 13 === 0) copy = factory.restore(features, throughBytes(copy.snapshot()))
        expect(plain(liveStep(copy, x))).toEqual(plain(liveStep(reference, x)))
      })
      expect(copy.snapshot()).toEqual(reference.snapshot())
    })

    test('a snapshot is plain data of the factory\'s kind, and a snapshot that is not known is refused', () => {
      const snapshot = taught(factory, untilReady(factory)).snapshot()
      expect(snapshot.kind).toBe(factory.kind)
      expect(throughBytes(snapshot)).toEqual(snapshot)
      expect(() => factory.restore(features, { ...snapshot, version: 999 })).toThrow(/version 999/)
      expect(() => factory.restore(features, { ...snapshot, kind: 'other' })).toThrow(/other/)
    })

    test('the order of the features does not matter', () => {
      const order = [3, 0, 5, 1, 4, 2]
      const permuted = (x: Float64Array): Float64Array => Float64Array.from(order, (f) => x[f]!)
      const vectors = untilReady(factory)
      const a = taught(factory, vectors)
      const b = taught(factory, vectors.map(permuted), 1, order.map((f) => features[f]!))
      for (const x of [...normalVectors(20, 21), planted]) {
        const [first, second] = [a.score(x)!, b.score(permuted(x))!]
        expect(second.value).toBeCloseTo(first.value, 9)
        order.forEach((f, place) => expect(second.contributions[place]).toBeCloseTo(first.contributions[f]!, 9))
      }
    })

    test('contributions are not negative and add up to the value; value and raw are numbers from 0 on', () => {
      const model = taught(factory, untilReady(factory))
      for (const x of [...normalVectors(100, 23), planted, planted.map((v) => v * 1e12), planted.map((v) => -v)]) {
        const { value, raw, contributions, expected } = model.score(x)!
        expect(value).toBeGreaterThanOrEqual(0)
        expect(raw).toBeGreaterThanOrEqual(0)
        expect(contributions).toHaveLength(features.length)
        for (const part of contributions) expect(part).toBeGreaterThanOrEqual(0)
        expect(contributions.reduce((a, b) => a + b) / Math.max(1, value)).toBeCloseTo(value / Math.max(1, value), 9)
        if (expected !== undefined) for (const v of expected) expect(Number.isFinite(v)).toBe(true)
      }
    })

    test('what it expects of normal vectors is near them, in their own unit', () => {
      const { expected } = taught(factory, untilReady(factory)).score(normalVectors(1, 29)[0]!)!
      if (expected === undefined) return
      expect(expected[0]).toBeGreaterThan(19)
      expect(expected[0]).toBeLessThan(21)
      expect(expected[1]).toBeGreaterThan(0.7)
      expect(expected[1]).toBeLessThan(1.3)
      expect(expected[4]).toBeCloseTo(12, 1)
    })

    test('a planted anomaly scores above the 99th percentile, and above 1', () => {
      const model = taught(factory, untilReady(factory))
      const scores = normalVectors(1000, 31).map((x) => model.score(x)!.value).sort((a, b) => a - b)
      const value = model.score(planted)!.value
      expect(value).toBeGreaterThan(scores[990]!)
      expect(value).toBeGreaterThan(1)
      expect(scores[990]).toBeLessThan(1)
    })

    test.each([0, 5, -3.25, 1e9])('a constant input of %d is normal, and a large change of it is not', (level) => {
      const constant = Float64Array.of(level, 0, level, level, 12, 0)
      const { needed } = factory.create(features, 1).progress()
      const model = taught(factory, Array.from({ length: needed + 300 }, () => constant))
      expect(model.score(constant)!.value).toBeLessThan(0.01)
      const jump = 10 * Math.max(1, Math.abs(level))
      const moved = model.score(Float64Array.of(level + jump, 0, level + jump, level + jump, 12, 0))!
      expect(moved.value).toBeGreaterThan(1)
      expect(Number.isFinite(moved.value)).toBe(true)
    })

    test('NaN, infinities, a wrong length and a wrong weight are refused, ready or not', () => {
      for (const model of [factory.create(features, 1), taught(factory, untilReady(factory))]) {
        const before = JSON.stringify(model.snapshot())
        for (const bad of [NaN, Infinity, -Infinity]) {
          const x = Float64Array.from(planted)
          x[2] = bad
          expect(() => model.score(x)).toThrow(RangeError)
          expect(() => model.learn(x, 1)).toThrow(RangeError)
        }
        for (const length of [0, 5, 7]) {
          expect(() => model.score(new Float64Array(length))).toThrow(RangeError)
          expect(() => model.learn(new Float64Array(length), 1)).toThrow(RangeError)
        }
        for (const weight of [0, -1, 1.01, NaN]) expect(() => model.learn(planted, weight)).toThrow(RangeError)
        expect(JSON.stringify(model.snapshot())).toBe(before)
      }
    })

    test('the largest numbers there are, learned and scored, never give a NaN', () => {
      const model = factory.create(features, 1)
      const { needed } = model.progress()
      const uniform = mulberry32(41)
      for (let i = 0; i < needed + 200; i++) {
        const x = Float64Array.from(features, () => (uniform() < 0.5 ? -1 : 1) * Number.MAX_VALUE * uniform())
        const score = liveStep(model, x)
        if (score !== undefined) expect([score.value, score.raw, ...score.contributions].some(Number.isNaN)).toBe(false)
      }
    })

    test(`its state stays bounded over ${points} vectors of changing regimes`, { timeout: 60_000 }, () => {
      const model = factory.create(features, 1)
      const normal = normalVectors(997, 43)
      const uniform = mulberry32(47)
      let level = 0
      let largest = 0
      let early = 0
      for (let i = 0; i < points; i++) {
        if (uniform() < 0.005) level = (uniform() - 0.5) * 1000
        const x = normal[i % normal.length]!
        liveStep(model, Float64Array.of(x[0]! + level, x[1]!, x[2]! + level, x[3]! + level, x[4]!, x[5]!))
        if (i % 1000 !== 999) continue
        const numbers = JSON.stringify(model.snapshot()).split(',').length
        if (i < points / 2) early = Math.max(early, numbers)
        largest = Math.max(largest, numbers)
      }
      expect(largest).toBeLessThanOrEqual(Math.max(early, 400) * 1.25)
    })
  })
}
