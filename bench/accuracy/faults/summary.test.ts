import { expect, test } from 'vitest'
import type { FaultCounts } from './run-fault.ts'
import { findBrokenFloors, findMissedGoals, summariseRuns } from './summary.ts'

const run = (over: Partial<FaultCounts>): FaultCounts => ({
  incidents: 10, detected: 10, unjudged: 0, faultWindows: 100, faultWindowsFlagged: 90, normalWindows: 10_000, normalWindowsFlagged: 0, delaysMs: [], deviceDays: 2, ...over,
})

test('runs are summed before they are divided', () => {
  const score = summariseRuns([run({ delaysMs: [3, 1], normalWindowsFlagged: 20 }), run({ incidents: 30, detected: 20, faultWindowsFlagged: 10, delaysMs: [2] })])
  expect(score).toEqual({
    incidents: 40,
    recall: 30 / 40,
    precision: 100 / 120,
    f1: expect.closeTo((2 * 0.75 * (5 / 6)) / (0.75 + 5 / 6), 12),
    delayMs: { p50: 2, p95: 3 },
    normalFlagged: 20 / 20_000,
    falseAlarmsPerDeviceDay: 5,
  })
})

test('who flags nothing is precise, and finds nothing', () => {
  expect(summariseRuns([run({ detected: 0, faultWindowsFlagged: 0 })])).toMatchObject({ recall: 0, precision: 1, f1: 0, delayMs: { p50: NaN, p95: NaN } })
})

test('floors and goals are told with their figures', () => {
  const poor = summariseRuns([run({ detected: 8, normalWindowsFlagged: 200 })])
  expect(findBrokenFloors('C stuck', 'stuck', poor)).toEqual(['C stuck: recall 0.800 < 0.9', 'C stuck: precision 0.310 < 0.9', 'C stuck: 2.000 % of normal windows flagged > 1 %'])
  expect(findMissedGoals('C drift', 'drift', poor)).toEqual(['C drift F1 0.447 < 0.85', 'C drift 2.000 % of normal windows flagged > 0.1 %'])
  const good = summariseRuns([run({})])
  expect([...findBrokenFloors('C spike', 'spike', good), ...findMissedGoals('C spike', 'spike', good)]).toEqual([])
})
