import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { sharedVector } from '../models/testing/shared-vectors.ts'
import { falseAlarmRate } from './false-alarm-rate.ts'

const vector = sharedVector('spot_libspot.json')

interface LibspotTrace {
  init: number[]
  stream: number[]
  trace: { i: number; z: number }[]
  anomalies: number[]
}

describe.skipIf(!vector.exists)(`SPOT beside libspot${vector.note}`, () => {
  test('the limit is libspot\'s to 0.5 % all along, and the alarms are its alarms', () => {
    const { init, stream, trace, anomalies } = vector.read<LibspotTrace>()
    // The fit alone: libspot leads no rate to another, and lets tails end.
    const threshold = falseAlarmRate(1e-3, { level: 0.98, calibration: init.length, gain: 0, leastShape: -1 }).create()
    for (const score of init) threshold.observe(score)
    const limits = new Map([[-1, threshold.limit()!]])
    const alarms: number[] = []
    stream.forEach((score, i) => {
      if (score > threshold.limit()!) alarms.push(i)
      threshold.observe(score)
      limits.set(i, threshold.limit()!)
    })
    expect(trace).toHaveLength(21)
    for (const { i, z } of trace) expect(Math.abs(limits.get(i)! / z - 1)).toBeLessThan(0.005)
    expect(alarms).toEqual(anomalies)
  })
})

const sources: Record<string, (uniform: () => number) => number> = {
  exponential: (uniform) => -Math.log(1 - uniform()),
  'half-normal': (uniform) => Math.abs(gaussian(uniform)),
  'log-normal': (uniform) => Math.exp(gaussian(uniform)),
  'heavy-tailed': (uniform) => Math.pow(1 - uniform(), -0.3),
  'largest of three normals, as a model scores': (uniform) => Math.max(...[1, 2, 3].map(() => Math.abs(gaussian(uniform)))) / 6,
}

describe('the share of a stationary stream that is flagged', () => {
  test.each(Object.entries(sources))('is within a factor 2 of 1e-3: %s', (_, draw) => {
    for (const seed of [1, 2, 3]) {
      const uniform = mulberry32(seed)
      const threshold = falseAlarmRate(1e-3).create()
      let flagged = 0
      const count = 150_000
      for (let i = 0; i < count; i++) {
        const score = draw(uniform)
        if (i >= 1000 && score > threshold.limit()!) flagged++
        threshold.observe(score)
      }
      const rate = flagged / (count - 1000)
      expect(rate).toBeGreaterThan(0.5e-3)
      expect(rate).toBeLessThan(2e-3)
    }
  })

  test.each([0.1, 0.02])('a rate of %d is met too, with a tail that begins below the 98 % quantile', (rate) => {
    const uniform = mulberry32(5)
    const threshold = falseAlarmRate(rate).create()
    let flagged = 0
    for (let i = 0; i < 50_000; i++) {
      const score = -Math.log(1 - uniform())
      if (i >= 1000 && score > threshold.limit()!) flagged++
      threshold.observe(score)
    }
    expect(flagged / 49_000 / rate).toBeGreaterThan(0.8)
    expect(flagged / 49_000 / rate).toBeLessThan(1.25)
  })
})

describe('the share of scores like those of models that is flagged is within a factor 1.3 of 1e-3', () => {
  const flaggedOf = (draw: (uniform: () => number, i: number) => number, seed: number): number => {
    const uniform = mulberry32(seed)
    const threshold = falseAlarmRate(1e-3).create()
    let flagged = 0
    for (let i = 0; i < 200_000; i++) {
      const score = draw(uniform, i)
      if (score > threshold.limit()!) flagged++
      threshold.observe(score)
    }
    return flagged / 200
  }
  const exponential = (uniform: () => number) => -Math.log(1 - uniform()) / 8

  // Ten devices in turn, each of whose scores is the largest of six, as those of overlapping windows are.
  const overlapping = () => {
    const recent = Array.from({ length: 10 }, () => [0, 0, 0, 0, 0, 0])
    return (uniform: () => number, i: number) => {
      const own = recent[i % 10]!
      own[Math.floor(i / 10) % 6] = exponential(uniform)
      return Math.max(...own)
    }
  }

  test.each<[string, () => (uniform: () => number, i: number) => number]>([
    ['scores of overlapping windows, which repeat each other', overlapping],
    ['young models that score twice as high', () => (uniform, i) => exponential(uniform) * (i < 1500 ? 2 : 1)],
    ['young models that score half as high', () => (uniform, i) => exponential(uniform) * (i < 1500 ? 0.5 : 1)],
    ['a scatter that goes up and down by a half', () => (uniform, i) => exponential(uniform) * (1 + 0.5 * Math.sin(i / 3_000))],
    ['few values', () => (uniform) => Math.round(20 * exponential(uniform)) / 20 + 1e-3 * uniform()],
  ])('%s', (_, make) => {
    for (const seed of [1, 2, 3]) {
      const ratio = flaggedOf(make(), seed)
      expect(ratio).toBeGreaterThan(1 / 1.3)
      expect(ratio).toBeLessThan(1.3)
    }
  })
})

describe('a threshold by false-alarm rate', () => {
  const fed = (count: number, extra: (i: number) => number | undefined = () => undefined) => {
    const uniform = mulberry32(9)
    const threshold = falseAlarmRate(1e-3).create()
    for (let i = 0; i < count; i++) threshold.observe(extra(i) ?? -Math.log(1 - uniform()) / 10)
    return threshold
  }

  test('is the model\'s own boundary until a thousand scores are known', () => {
    expect(fed(999).limit()).toBe(1)
    expect(fed(1000).limit()).not.toBe(1)
  })

  test('alarms lead the rate that is aimed at down, by 2.7 times at most, and it comes back', () => {
    const uniform = mulberry32(4)
    const [led, left] = [falseAlarmRate(1e-3).create(), falseAlarmRate(1e-3, { gain: 0 }).create()]
    const both = (score: number) => [led, left].forEach((threshold) => threshold.observe(score))
    const apart = () => (led.limit()! - left.limit()!) / 0.1
    for (let i = 0; i < 20_000; i++) both(-Math.log(1 - uniform()) / 10)
    expect(Math.abs(apart())).toBeLessThan(0.3)
    // Beyond the limit, none of them far. In an exponential tail a rate that is e times lower is one scale away.
    for (let i = 0; i < 60; i++) both(led.limit()! * 1.001)
    expect(apart()).toBeGreaterThan(0.9)
    expect(led.snapshot().state).toMatchObject({ correction: 1 })
    for (let i = 0; i < 100_000; i++) both(-Math.log(1 - uniform()) / 10)
    expect(Math.abs(apart())).toBeLessThan(0.3)
  })

  test('faults after the calibration do not move it', () => {
    const calm = fed(20_000).limit()!
    const stormy = fed(20_000, (i) => (i > 1000 && i % 20 === 0 ? 50 : undefined)).limit()!
    expect(stormy / calm).toBeGreaterThan(0.9)
    expect(stormy / calm).toBeLessThan(1.1)
  })

  test('goes on to the bit from its snapshot, through JSON, in calibration and after', () => {
    for (const count of [0, 1, 500, 999, 1000, 5000]) {
      const original = fed(count)
      const copy = falseAlarmRate(1e-3).restore(JSON.parse(JSON.stringify(original.snapshot())) as never)
      const uniform = mulberry32(11)
      for (let i = 0; i < 3000; i++) {
        expect(copy.limit()).toBe(original.limit())
        const score = -Math.log(1 - uniform()) / 10
        original.observe(score)
        copy.observe(score)
      }
      expect(copy.snapshot()).toEqual(original.snapshot())
    }
  })

  test('its state is bounded', () => {
    const numbersIn = (count: number) => JSON.stringify(fed(count).snapshot()).split(',').length
    expect(numbersIn(400_000)).toBeLessThan(1.1 * numbersIn(60_000))
  })

  test('scores that are all alike, infinite or 0 leave a finite limit', () => {
    for (const score of [0, 0.5, Infinity]) {
      const threshold = falseAlarmRate(1e-3).create()
      for (let i = 0; i < 3000; i++) threshold.observe(score)
      expect(Number.isFinite(threshold.limit())).toBe(true)
    }
  })

  test('NaN and negative scores, unknown snapshots and impossible rates are refused', () => {
    const factory = falseAlarmRate(1e-3)
    for (const bad of [NaN, -1]) expect(() => factory.create().observe(bad)).toThrow(RangeError)
    const snapshot = factory.create().snapshot()
    expect(() => factory.restore({ ...snapshot, version: 9 })).toThrow(/version 9/)
    expect(() => factory.restore({ ...snapshot, kind: 'score' })).toThrow(/score/)
    for (const rate of [0, 0.2, NaN]) expect(() => falseAlarmRate(rate)).toThrow(RangeError)
  })
})
