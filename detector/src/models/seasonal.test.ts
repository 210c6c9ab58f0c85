import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { checkModel } from '../testing/check-model.ts'
import type { FeatureDescriptor, Model } from './model.ts'
import { seasonal } from './seasonal.ts'
import { featuresOf, judge, makeSeries, systemC, systemD } from './testing/synthetic-faults.ts'

checkModel('seasonal', seasonal())
checkModel('seasonal with a period', seasonal({ period: 24 }), 20_000)

const value: readonly FeatureDescriptor[] = [{ name: 'value', scale: 'linear' }]
type Shape = (place: number) => number
const shapes: Record<string, Shape> = {
  'a wave': (place) => 10 * Math.sin(2 * Math.PI * place),
  'a machine that runs by day': (place) => (place > 0.35 && place < 0.75 ? 20 : 0),
  'two peaks a day': (place) => 8 * Math.exp(-(((place - 0.35) / 0.05) ** 2)) + 12 * Math.exp(-(((place - 0.8) / 0.08) ** 2)),
  'a burst once a day': (place) => (place < 0.02 ? 20 : 0),
}

/** Normal readings around 100 with sd 1. */
function readings(shape: Shape, period: number, count: number, seed = 1): number[] {
  const uniform = mulberry32(seed)
  return Array.from({ length: count }, (_, t) => 100 + shape((t % period) / period) + gaussian(uniform))
}

/** Learns as a pipeline does. @returns which were anomalous. */
function live(model: Model, values: readonly number[]): boolean[] {
  return values.map((v) => {
    const x = Float64Array.of(v)
    const isAnomalous = (model.score(x)?.value ?? 0) > 1
    model.learn(x, isAnomalous ? 0.1 : 1)
    return isAnomalous
  })
}

const share = (flags: readonly boolean[]): number => flags.filter(Boolean).length / flags.length

describe.each([48, 288])('a season of %d vectors', (period) => {
  describe.each(['a wave', 'a machine that runs by day', 'two peaks a day'])('with %s', (name) => {
    const shape = shapes[name]!
    test.each([undefined, period])('given period %s: no false alarms from the ninth on, and what would be normal at another time of the day is found', (given) => {
      const model = seasonal({ period: given }).create(value, 1)
      live(model, readings(shape, period, 8 * period))
      const after = readings(shape, period, 9 * period, 2).slice(8 * period)
      let [strange, found] = [0, 0]
      const flags = after.map((v, place) => {
        const usual = 100 + shape(place / period)
        const other = 100 + shape(((place + period / 2) % period) / period)
        if (Math.abs(usual - other) > 8) {
          strange++
          if (model.score(Float64Array.of(other))!.value > 1) found++
        }
        return live(model, [v])[0]!
      })
      expect(share(flags)).toBeLessThan(0.01)
      expect(found / strange).toBeGreaterThan(0.9)
    })
  })
})

describe('seasonal', () => {
  test('expects what the same place in the season had', () => {
    const model = seasonal({ period: 24 }).create(value, 1)
    const noise = mulberry32(3)
    for (let t = 0; t < 24 * 40; t++) model.learn(Float64Array.of(50 + 5 * (t % 24) + 0.1 * gaussian(noise)), 1)
    // The warm-up's 30 vectors are before the season's first place, and so are not counted in its phase.
    const { expected } = model.score(Float64Array.of(50))!
    expect(expected![0]).toBeGreaterThan(49)
    expect(expected![0]).toBeLessThan(51)
  })

  test('a burst once a day is an anomaly every day, for faults may come at even intervals; and none where the period is given', () => {
    const values = readings(shapes['a burst once a day']!, 96, 96 * 12)
    expect(share(live(seasonal().create(value, 1), values).slice(96 * 6))).toBeGreaterThan(0.015)
    expect(share(live(seasonal({ period: 96 }).create(value, 1), values).slice(96 * 6))).toBeLessThan(0.005)
  })

  test('one day full of faults is forgotten by the day after the next', () => {
    const model = seasonal({ period: 96 }).create(value, 1)
    const values = readings(shapes['a wave']!, 96, 96 * 12).map((v, t) => (t >= 96 * 6 && t < 96 * 6 + 40 ? v + 30 : v))
    const flags = live(model, values)
    expect(share(flags.slice(96 * 6, 96 * 6 + 40))).toBe(1)
    expect(share(flags.slice(96 * 7))).toBeLessThan(0.005)
  })

  test('a fault while the first season is written down heals in five', () => {
    const model = seasonal({ period: 96 }).create(value, 1)
    const values = readings(shapes['a wave']!, 96, 96 * 8).map((v, t) => (t >= 60 && t < 70 ? v + 50 : v))
    expect(share(live(model, values).slice(96 * 6))).toBeLessThan(0.005)
  })

  test('a lasting change of level is flagged for 200 vectors, and then becomes normal', () => {
    const model = seasonal().create(value, 1)
    const values = readings(() => 0, 1, 1000).map((v, t) => (t < 400 ? v : v + 100))
    const flags = live(model, values)
    expect(share(flags.slice(400, 599))).toBe(1)
    expect(share(flags.slice(600))).toBeLessThan(0.005)
  })

  test('a season that ends is dropped, and another one found', () => {
    const model = seasonal().create(value, 1)
    const shape = shapes['a wave']!
    live(model, [...readings(shape, 48, 48 * 12), ...readings(shape, 77, 77 * 20)])
    const flags = live(model, readings(shape, 77, 77 * 23).slice(77 * 20))
    expect(share(flags)).toBeLessThan(0.01)
  })

  test.each([undefined, 40])('a series without a season has few false alarms, given period %s', (period) => {
    const flags = live(seasonal({ period }).create(value, 1), readings(() => 0, 1, 5000))
    expect(share(flags)).toBeLessThan(0.001)
  })

  test('a feature without a season is judged without one', () => {
    const features: FeatureDescriptor[] = [...value, { name: 'other', scale: 'linear' }]
    const model = seasonal({ period: 48 }).create(features, 1)
    const [wave, flat] = [readings(shapes['a wave']!, 48, 48 * 20), readings(() => 0, 1, 48 * 20, 9)]
    wave.forEach((v, t) => model.learn(Float64Array.of(v, flat[t]!), 1))
    const { contributions } = model.score(Float64Array.of(wave[0]!, 108))!
    expect(contributions[1]).toBeGreaterThan(1)
  })

  test.each([undefined, 48])('restored while it searches, tries and knows a season it goes on to the bit, given period %s', (period) => {
    const factory = seasonal({ period })
    const reference = factory.create(value, 3)
    let copy = factory.create(value, 3)
    readings(shapes['a machine that runs by day']!, 48, 48 * 12).forEach((v, t) => {
      if (t % 5 === 0) copy = factory.restore(value, structuredClone(copy.snapshot()))
      const [x, own] = [Float64Array.of(v), reference.score(Float64Array.of(v))]
      expect(copy.score(x)).toEqual(own)
      for (const model of [reference, copy]) model.learn(x, own !== undefined && own.value > 1 ? 0.1 : 1)
    })
    expect(copy.snapshot()).toEqual(reference.snapshot())
  })

  test('keeps eight bytes for each place of the season in use, and no past once it is proved', () => {
    const numbersOf = (given: number | undefined): number => {
      const model = seasonal({ period: given }).create(value, 1)
      live(model, readings(shapes['a wave']!, 48, 48 * 30))
      return JSON.stringify(model.snapshot()).split(',').length
    }
    expect(numbersOf(48)).toBeLessThan(48 + 40)
    expect(numbersOf(undefined)).toBeLessThan(49 + 40)
  })

  test('a period of 1, or one out of range, is refused', () => {
    expect(() => seasonal({ period: 1 })).toThrow('seasonal: period is 1, which is no season: 2 to 100000, or 0 to have it found')
    expect(() => seasonal({ period: 100_001 })).toThrow('seasonal: period is 100001, not in 0 to 100000')
    expect(() => seasonal({ limit: 0 })).toThrow('seasonal: limit is 0, not in')
  })
})

describe.each([systemC, systemD])('seasonal on system $name', (system) => {
  const series = (kind: 'spike' | 'stuck' | 'noise' | 'none') => Array.from({ length: 3 }, (_, key) => makeSeries(system, kind, 6000 + key))

  test.each(['spike', 'stuck', 'noise'] as const)('finds %s', (kind) => {
    const tally = judge(seasonal(), featuresOf(system), series(kind))
    expect(tally.detected / tally.incidents).toBeGreaterThanOrEqual(0.9)
    expect(tally.flaggedFaulty / (tally.flaggedFaulty + tally.flaggedNormal)).toBeGreaterThanOrEqual(0.9)
  })

  test('flags hardly a normal window', () => {
    const tally = judge(seasonal(), featuresOf(system), series('none'))
    expect(tally.flaggedNormal / tally.normalWindows).toBeLessThan(0.005)
  })
})
