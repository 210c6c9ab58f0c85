import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { boundaryProbability, TailCalibrator } from './tail-calibrator.ts'

type Draw = (uniform: () => number) => number

const sources: Record<string, Draw> = {
  exponential: (uniform) => -Math.log(1 - uniform()),
  'half-normal': (uniform) => Math.abs(gaussian(uniform)),
  uniform: (uniform) => uniform(),
  'log-normal': (uniform) => Math.exp(gaussian(uniform)),
  'whole numbers': (uniform) => Math.floor(-3 * Math.log(1 - uniform())),
  'negative numbers': (uniform) => gaussian(uniform) - 50,
}

function fed(count: number, draw: Draw, seed = 1): TailCalibrator {
  const uniform = mulberry32(seed)
  const calibrator = new TailCalibrator()
  for (let i = 0; i < count; i++) calibrator.observe(draw(uniform), 1)
  return calibrator
}

describe.each(Object.entries(sources))('scores that are %s', (_, draw) => {
  test('p falls and value rises with the score, without a jump, and both are numbers for every score', () => {
    for (const count of [0, 1, 19, 20, 35, 300, 3000]) {
      const calibrator = fed(count, draw)
      let before = { p: 1, value: 0 }
      const wrong: number[] = []
      for (let i = 0; i <= 20_000; i++) {
        const raw = -60 + i / 200
        const now = { p: calibrator.probability(raw), value: calibrator.value(raw) }
        if (!(now.p > 0 && now.p <= before.p && now.value >= before.value)) wrong.push(raw)
        before = now
      }
      expect(wrong).toEqual([])
      for (const raw of [-Infinity, -Number.MAX_VALUE, Number.MAX_VALUE, Infinity]) {
        expect(Number.isFinite(calibrator.value(raw))).toBe(true)
        expect(calibrator.probability(raw)).toBeGreaterThan(0)
      }
      expect(calibrator.value(-1e9)).toBe(0)
    }
  })

  test('where it bends there is no jump', () => {
    const calibrator = fed(2000, draw)
    const { body } = calibrator.toState()
    for (const knot of body) {
      const step = 1e-9 * Math.max(1, Math.abs(knot))
      // Between two neighbours ln p falls by ln 128 at the most, within no less than the distance of the two.
      const [below, at, beyond] = [knot - step, knot, knot + step].map((x) => calibrator.logTail(x)) as [number, number, number]
      const nearest = Math.min(...[...body].filter((x) => x !== knot).map((x) => Math.abs(x - knot)))
      if (nearest < 1e-4) continue
      expect(below - at).toBeLessThan(1e-3)
      expect(at - beyond).toBeLessThan(1e-3)
    }
  })

  test('goes on to the bit from its state, through JSON, at any time', () => {
    const uniform = mulberry32(4)
    const original = new TailCalibrator()
    let copy = new TailCalibrator()
    for (let i = 0; i < 700; i++) {
      if (i % 7 === 0) {
        const { body, peaks, figures } = JSON.parse(JSON.stringify(copy.toState(), (__, v: unknown) => (v instanceof Float64Array ? [...v] : v))) as Record<string, number[]>
        copy = TailCalibrator.fromState({ body: Float64Array.from(body!), peaks: Float64Array.from(peaks!), figures: Float64Array.from(figures!) })
      }
      const raw = i % 50 === 49 ? 1000 : draw(uniform)
      const weight = i % 11 === 0 ? 0.3 : 1
      expect(copy.value(raw)).toBe(original.value(raw))
      original.observe(raw, weight)
      copy.observe(raw, weight)
    }
    expect(copy.toState()).toEqual(original.toState())
  })
})

describe('the boundary', () => {
  const rate = (draw: Draw, from: number): number => {
    let [flagged, count] = [0, 0]
    for (let key = 0; key < 60; key++) {
      const uniform = mulberry32(100 + key)
      const calibrator = new TailCalibrator()
      for (let i = 0; i < 2500; i++) {
        const raw = draw(uniform)
        const isAnomaly = calibrator.value(raw) > 1
        if (i >= from) {
          count++
          if (isAnomaly) flagged++
        }
        calibrator.observe(raw, isAnomaly ? 0.1 : 1)
      }
    }
    return flagged / count
  }

  test.each<[string, number]>([['exponential', 3.5], ['half-normal', 2.5], ['uniform', 1], ['log-normal', 5], ['whole numbers', 3.5]])(
    'of scores that are %s is passed by less than %d times the share that it stands for',
    (name, factor) => {
      expect(rate(sources[name]!, 300) / boundaryProbability).toBeLessThan(factor)
      expect(rate(sources[name]!, 30)).toBeLessThan(0.003)
    },
  )

  test.each(['exponential', 'half-normal', 'log-normal'])('of scores that are %s is no farther than half as far again as the true one', (name) => {
    const truth: Record<string, number> = { exponential: -Math.log(boundaryProbability), 'half-normal': 3.615, 'log-normal': Math.exp(3.432) }
    const limits = Array.from({ length: 40 }, (_, key) => {
      const calibrator = fed(1500, sources[name]!, 200 + key)
      let raw = 0
      while (calibrator.value(raw) < 1) raw += 0.02
      return raw
    }).sort((a, b) => a - b)
    expect(limits[20]! / truth[name]!).toBeGreaterThan(0.6)
    expect(limits[20]! / truth[name]!).toBeLessThan(1.5)
  })
})

describe('a tail calibrator', () => {
  test('counts ties exactly', () => {
    const calibrator = new TailCalibrator()
    for (let i = 0; i < 128; i++) calibrator.observe(i % 16 === 0 ? 7 : i % 2 === 0 ? 3 : 1, 1)
    expect(calibrator.probability(1)).toBeCloseTo(1, 12)
    expect(calibrator.probability(3)).toBeCloseTo(0.5, 12)
    expect(calibrator.probability(7)).toBeCloseTo(1 / 16, 12)
  })

  test.each([2, 4, 8])('sees every phase of what repeats after %d scores', (period) => {
    const calibrator = new TailCalibrator()
    for (let i = 0; i < 5000; i++) calibrator.observe(i % period, 1)
    for (let phase = 0; phase < period; phase++) expect(Math.abs(calibrator.probability(phase) * period - (period - phase))).toBeLessThan(0.35)
  })

  test.each([0, 1, -3.5, 1e9, 1e-7])('a constant stream of %d gives 0, and what lies beyond it more than 1', (level) => {
    const calibrator = fed(100, () => level)
    expect(calibrator.value(level)).toBe(0)
    expect(calibrator.value(level - 1)).toBe(0)
    expect(calibrator.value(level + 1e-4 * Math.max(1, Math.abs(level)))).toBeGreaterThan(1)
  })

  test('faults do not move the boundary: a fifth of the scores far away, learned with a weight of 0.1', () => {
    const boundary = (isFault: (i: number) => boolean): number => {
      const uniform = mulberry32(8)
      const calibrator = new TailCalibrator()
      for (let i = 0; i < 4000; i++) calibrator.observe(i > 200 && isFault(i) ? 40 : -Math.log(1 - uniform()), i > 200 && isFault(i) ? 0.1 : 1)
      return calibrator.value(9)
    }
    expect(boundary((i) => i % 100 < 20)).toBeGreaterThan(0.9 * boundary(() => false))
  })

  test('a ramp does not carry the boundary along', () => {
    const calibrator = fed(1000, sources['exponential']!)
    for (let i = 0; i < 30; i++) calibrator.observe(2 + i / 5, 1)
    // A boundary that the ramp had become the tail of would lie beyond its end.
    expect(calibrator.value(9)).toBeGreaterThan(0.8)
  })

  test('what goes on for long enough is the new normal', () => {
    const calibrator = fed(500, sources['exponential']!)
    const uniform = mulberry32(3)
    const levels: number[] = []
    for (let i = 0; i < 1500; i++) {
      const raw = 40 - Math.log(1 - uniform())
      levels.push(calibrator.value(raw))
      calibrator.observe(raw, calibrator.value(raw) > 1 ? 0.1 : 1)
    }
    expect(Math.min(...levels.slice(0, 190))).toBeGreaterThan(2)
    expect(levels.slice(-300).filter((value) => value > 1).length).toBeLessThan(5)
  })

  test('a weight is credit: of scores beyond the boundary that are learned with 0.1 every tenth enters', () => {
    const calibrator = fed(1000, sources['exponential']!)
    let raw = 0
    while (calibrator.value(raw) < 1.26) raw += 0.01
    for (let i = 0; i < 11; i++) calibrator.observe(raw, 0.1)
    expect(calibrator.count).toBe(1001)
  })

  test('starts from what was expected beforehand and leaves it as it learns', () => {
    const calibrator = new TailCalibrator()
    expect(calibrator.value(5, 0.7)).toBe(0.7)
    expect(calibrator.value(5)).toBe(0)
    const learned = fed(20, sources['exponential']!)
    expect(learned.value(5, 0.7)).toBeCloseTo((learned.logTail(5) / Math.log(boundaryProbability) + 0.7) / 2, 12)
  })

  test('its state is bounded', () => {
    const { body, peaks, figures } = fed(50_000, sources['exponential']!).toState()
    expect([body.length, peaks.length, figures.length]).toEqual([128, 100, 9])
  })

  test('refuses NaN', () => {
    expect(() => new TailCalibrator().observe(NaN, 1)).toThrow('a raw score is a number, not NaN')
  })
})
