import { expect, test } from 'vitest'
import { Durations } from './histogram.ts'

test('percentiles are those of the sorted durations', () => {
  const durations = new Durations()
  for (let ms = 1; ms <= 1_000; ms++) durations.add(ms)
  expect(durations.count).toBe(1_000)
  expect(durations.percentiles()).toEqual({ p50: 500, p95: 950, p99: 990, max: 1_000 })
})

test('long ones are exact to three digits, and never below 0 nor above ten minutes', () => {
  const durations = new Durations()
  durations.add(-3)
  durations.add(123_456, 2)
  durations.add(1e9)
  expect(durations.count).toBe(4)
  const { p50, max } = durations.percentiles()
  expect(Math.abs(p50 / 123_456 - 1)).toBeLessThan(0.001)
  expect(Math.abs(max / 600_000 - 1)).toBeLessThan(0.001)
})

test('without a duration all are 0', () => {
  expect(new Durations().percentiles()).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 })
})
