import { expect, test } from 'vitest'
import { computeLimit, computePauseMs, computeRetryPauseMs, largestTransaction, smoothTookMs } from './pace.ts'

test.each([
  ['quick transactions follow each other soon', 3, 1_000, 100],
  ['slow ones take one part in eleven of the time', 40, 1_000, 400],
  ['never later than the commit interval', 5_000, 1_000, 1_000],
])('nobody waits, %s: after %i ms with an interval of %i ms the next one waits %i ms', (_, tookMs, commitIntervalMs, pauseMs) => {
  expect(computePauseMs({ tookMs, commitIntervalMs, isWaitedFor: false, busyPartitions: 9 })).toBe(pauseMs)
})

test.each([
  ['one partition goes on at once', 30, 1, 5],
  ['two go on at once', 30, 2, 5],
  ['of four, two are under way on average', 30, 4, 30],
  ['of sixty-four too', 30, 64, 930],
  ['never later than the commit interval', 300, 64, 1_000],
])('verdicts wait, %s: after %i ms, one of %i busy partitions waits %i ms', (_, tookMs, busyPartitions, pauseMs) => {
  expect(computePauseMs({ tookMs, commitIntervalMs: 1_000, isWaitedFor: true, busyPartitions })).toBe(pauseMs)
})

test('one slow transaction among quick ones counts for a quarter, and a quick one among slow ones in full', () => {
  expect(smoothTookMs(undefined, 12)).toBe(12)
  expect(smoothTookMs(12, 200)).toBe(59)
  expect(smoothTookMs(800, 12)).toBe(12)
})

test.each([
  ['quick: twice as large', { records: 400, bytes: 200_000 }, 900, { records: 800, bytes: 400_000 }],
  ['neither quick nor slow: as large', { records: 400, bytes: 200_000 }, 3_000, { records: 400, bytes: 200_000 }],
  ['slow: half as large', { records: 400, bytes: 200_000 }, 5_001, { records: 200, bytes: 100_000 }],
  ['ended by the broker: a quarter', { records: 800, bytes: 800_000 }, Infinity, { records: 200, bytes: 200_000 }],
  ['never above the largest', largestTransaction, 10, largestTransaction],
  ['never below the smallest', { records: 100, bytes: 65_536 }, Infinity, { records: 100, bytes: 65_536 }],
])('%s', (_, limit, tookMs, next) => {
  expect(computeLimit(limit, tookMs)).toEqual(next)
})

test('where brokers are slow, transactions shrink until they are not, and grow again afterwards', () => {
  // Half a megabyte a second, then fifty.
  let limit = largestTransaction
  for (let i = 0; i < 10; i++) limit = computeLimit(limit, limit.bytes / 500)
  expect(limit.bytes / 500).toBeLessThanOrEqual(5_000)
  for (let i = 0; i < 10; i++) limit = computeLimit(limit, limit.bytes / 50_000)
  expect(limit).toEqual(largestTransaction)
})

test('failed transactions are tried again at growing pauses', () => {
  expect([0, 1, 2, 5, 10].map(computeRetryPauseMs)).toEqual([100, 200, 400, 3_200, 5_000])
})
