import { describe, expect, test } from 'vitest'
import { FleetInvalid } from '../errors.ts'
import { aConfig, aSignal, correlation, deviation, mean, noonMs, recordsOf, valueOf } from '../testing/config.ts'
import { planProfile } from './profile.ts'
import { drawCategory } from './sample.ts'
import { waveAt } from './wave.ts'

const hourMs = 3_600_000

const withSignals = (...signals: Parameters<typeof aSignal>[0][]) =>
  aConfig((config) => {
    config.profiles = [{ name: 'sensor', weight: 1, signals: signals.map((signal) => aSignal(signal)), categories: [] }]
    config.devices = { count: 20, idPattern: '%d' }
    config.durationMs = 500_000
  })

describe('values', () => {
  test('have the base as their mean and the noise as their deviation', () => {
    const values = recordsOf(withSignals({ base: 50, noise: 2 })).map(valueOf)
    expect(values).toHaveLength(10_000)
    expect(Math.abs(mean(values) - 50)).toBeLessThan(0.08)
    expect(Math.abs(deviation(values) - 2)).toBeLessThan(0.06)
  })

  test('keep each device around a mean of its own', () => {
    const config = withSignals({ base: 0, spread: 10, noise: 0.1 })
    config.devices = { count: 1_000, idPattern: '%d' }
    config.durationMs = 5_000
    const byDevice = Map.groupBy(recordsOf(config), ({ key }) => key)
    const means = [...byDevice.values()].map((records) => mean(records.map(valueOf)))
    expect(Math.abs(deviation(means) - 10)).toBeLessThan(0.8)
    for (const records of byDevice.values()) expect(deviation(records.map(valueOf))).toBeLessThan(0.5)
  })

  test.each([0.9, -0.6, 0, 1])('of two signals have a noise correlated by %d', (coefficient) => {
    const config = withSignals({ name: 'a', noise: 3 }, { name: 'b', noise: 0.5, correlation: { with: 'a', coefficient } })
    const records = recordsOf(config)
    const of = (metric: string) => records.filter(({ value }) => value.includes(`"metric":"${metric}"`)).map(valueOf)
    expect(Math.abs(correlation(of('a'), of('b')) - coefficient)).toBeLessThan(0.03)
    expect(Math.abs(deviation(of('b')) - 0.5)).toBeLessThan(0.02)
  })

  test('stay within their limits and have as many decimals as asked for', () => {
    const values = recordsOf(withSignals({ base: 0, noise: 5, limits: { min: -2, max: 3 }, decimals: 1 })).map(valueOf)
    expect(Math.min(...values)).toBe(-2)
    expect(Math.max(...values)).toBe(3)
    for (const value of values) expect(Math.round(value * 10) / 10).toBe(value)
  })

  test('follow the day, all devices nearly together', () => {
    const config = withSignals({ base: 0, amplitude: 10, noise: 0 })
    config.intervalMs = 600_000
    config.durationMs = 24 * hourMs
    for (const [, records] of Map.groupBy(recordsOf(config), ({ key }) => key)) {
      const highest = records.reduce((a, b) => (valueOf(b) > valueOf(a) ? b : a))
      expect(valueOf(highest)).toBeGreaterThan(9.9)
      expect(Math.abs((highest.eventTimeMs % (24 * hourMs)) - 15 * hourMs)).toBeLessThan(2 * hourMs)
    }
  })
})

describe('waveAt', () => {
  const daily = { amplitude: 10, periodMs: 24 * hourMs, weeklyAmplitude: 0 }
  test.each([
    ['the afternoon', noonMs + 3 * hourMs, 10],
    ['the small hours', noonMs - 9 * hourMs, -10],
    ['the evening', noonMs + 9 * hourMs, 0],
  ])('a day is at %s where it should be', (_, timeMs, value) => {
    expect(waveAt(daily, timeMs, 0)).toBeCloseTo(value, 9)
  })
  test('a device may run late', () => {
    expect(waveAt(daily, noonMs + 4 * hourMs, 1 / 24)).toBeCloseTo(10, 9)
  })
  test('a week is highest on Wednesday at noon', () => {
    const weekly = { amplitude: 0, periodMs: 24 * hourMs, weeklyAmplitude: 4 }
    expect(waveAt(weekly, noonMs, 0)).toBeCloseTo(4, 9)
    expect(waveAt(weekly, noonMs + 3.5 * 24 * hourMs, 0)).toBeCloseTo(-4, 9)
  })
})

describe('categories', () => {
  test('are drawn by weight', () => {
    const counts = [0, 0, 0]
    for (let i = 0; i < 50_000; i++) counts[drawCategory([49, 49, 2], 1, 2, i, 0)]!++
    expect(counts[0]! / 50_000).toBeCloseTo(0.49, 1)
    expect(counts[1]! / 50_000).toBeCloseTo(0.49, 1)
    expect(Math.abs(counts[2]! / 50_000 - 0.02)).toBeLessThan(0.003)
  })
})

describe('planProfile', () => {
  const plan = (...signals: Parameters<typeof aSignal>[0][]) => planProfile({ name: 'p', weight: 1, signals: signals.map((signal) => aSignal(signal)), categories: [] })
  test('refuses a correlation with a signal that comes later or not at all', () => {
    const message = 'Signal "a" of profile "p" is correlated with "b", which is no signal named before it'
    expect(() => plan({ name: 'a', correlation: { with: 'b', coefficient: 1 } }, { name: 'b' })).toThrow(new FleetInvalid(message))
  })
  test('refuses a name that is there twice', () => {
    expect(() => plan({ name: 'a' }, { name: 'a' })).toThrow('Profile "p" has "a" twice: give every signal and category its own name')
  })
  test.each([
    [{ noise: 0.5, base: 100 }, 0.5],
    [{ noise: 0, base: 250 }, 2.5],
    [{ noise: 0, base: 0 }, 0.01],
  ])('%j: one unit of magnitude is worth %d', (signal, sigma) => {
    expect(plan(signal).signals[0]?.sigma).toBeCloseTo(sigma, 12)
  })
})
