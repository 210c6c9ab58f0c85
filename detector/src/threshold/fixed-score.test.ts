import { expect, test } from 'vitest'
import { fixedScore } from './fixed-score.ts'
import { thresholdFactories } from './registry.ts'

test('a fixed score stays what it is whatever is observed, and after its snapshot', () => {
  const threshold = fixedScore(1.5).create()
  threshold.observe(99)
  expect(threshold.limit()).toBe(1.5)
  expect(fixedScore(1.5).restore(threshold.snapshot()).limit()).toBe(1.5)
})

test('it is the model\'s own boundary when nothing is said', () => {
  expect(fixedScore().create().limit()).toBe(1)
})

test('impossible scores and foreign snapshots are refused', () => {
  for (const bad of [0, -1, NaN]) expect(() => fixedScore(bad)).toThrow(RangeError)
  expect(() => fixedScore(1).create().observe(NaN)).toThrow(RangeError)
  expect(() => fixedScore(1).restore({ kind: 'falseAlarmRate', version: 1, state: null })).toThrow(/falseAlarmRate/)
})

test('every mode of the registry makes factories of its own kind', () => {
  for (const [mode, make] of Object.entries(thresholdFactories)) expect(make(mode === 'quantile' ? 0.95 : 0.05).kind).toBe(mode)
})
