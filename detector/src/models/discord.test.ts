import { gaussian, mulberry32 } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { checkModel } from '../testing/check-model.ts'
import { discord } from './discord.ts'
import type { Model } from './model.ts'

checkModel('discord', discord({ history: 300 }), 20_000)

const value = [{ name: 'value', scale: 'linear' as const }]

/** Feeds a series as a pipeline does. @returns the values, NaN before the first. */
function run(model: Model, series: readonly number[]): number[] {
  return series.map((x) => {
    const row = Float64Array.of(x)
    const score = model.score(row)
    model.learn(row, score !== undefined && score.value > 1 ? 0.1 : 1)
    return score?.value ?? NaN
  })
}

/** A day of 96 vectors: low, high in the middle, with some noise. */
function season(days: number, seed: number): number[] {
  const uniform = mulberry32(seed)
  return Array.from({ length: days * 96 }, (_, i) => (i % 96 >= 40 && i % 96 < 60 ? 80 : 20) + gaussian(uniform))
}

const alarms = (values: readonly number[]): number[] => values.flatMap((one, i) => (one > 1 ? [i] : []))

test('a season is not news, a value between its levels is', () => {
  const series = season(12, 1)
  series[10 * 96 + 5] = 50
  expect(alarms(run(discord().create(value, 1), series))).toEqual([10 * 96 + 5])
})

test('a course that never was is news, though each of its values is usual', () => {
  const uniform = mulberry32(2)
  const series = Array.from({ length: 1600 }, (_, i) => 10 * Math.sin((2 * Math.PI * i) / 40) + 0.2 * gaussian(uniform))
  for (let i = 1400; i < 1440; i++) series[i] = 10 * Math.sin((2 * Math.PI * 2.5 * i) / 40)
  const found = alarms(run(discord().create(value, 1), series))
  expect(found.length).toBeGreaterThan(0)
  expect(found.every((i) => i >= 1400 && i < 1460)).toBe(true)
})

test('an event is told at its onset, and each of its vectors where quiet is 0', () => {
  const uniform = mulberry32(3)
  const series = Array.from({ length: 900 }, (_, i) => gaussian(uniform) + (i >= 800 && i < 803 ? 60 + 30 * (i - 800) : 0))
  expect(alarms(run(discord({ quiet: 0 }).create(value, 1), series)).filter((i) => i >= 800)).toEqual(expect.arrayContaining([800, 801, 802]))
  const told = alarms(run(discord().create(value, 1), series))
  expect(told[0]).toBe(800)
  expect(told.length).toBeLessThan(4)
})

test('what comes again is less rare each time', () => {
  const uniform = mulberry32(4)
  const model = discord().create(value, 1)
  const raws: number[] = []
  for (let i = 0; i < 3000; i++) {
    const row = Float64Array.of(gaussian(uniform) + (i >= 600 && i % 400 === 0 ? 40 : 0))
    if (i >= 600 && i % 400 === 0) raws.push(model.score(row)!.raw)
    model.learn(row, 1)
  }
  expect(raws).toHaveLength(6)
  expect(raws[0]).toBeGreaterThan(1.5 * raws[2]!)
  expect(raws[2]).toBeGreaterThan(raws[5]!)
})

test.each([
  ['limit', { limit: 0 }],
  ['quiet', { quiet: -1 }],
  ['history', { history: 100 }],
  ['warmUp', { warmUp: 30 }],
])('a %s out of its range is refused', (name, parameters) => {
  expect(() => discord(parameters)).toThrow(new RegExp(`^discord: ${name} is`))
})
