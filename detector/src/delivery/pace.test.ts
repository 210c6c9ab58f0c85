import { expect, test } from 'vitest'
import { computeLimit, computePauseMs, computeRetryPauseMs, largestTransaction } from './pace.ts'

test.each([
  ['quick transactions follow each other soon', 3, 1_000, 100],
  ['slow ones take one part in eleven of the time', 40, 1_000, 400],
  ['never later than the commit interval', 5_000, 1_000, 1_000],
])('%s: after %i ms with an interval of %i ms the next one waits %i ms', (_, tookMs, intervalMs, pauseMs) => {
  expect(computePauseMs(tookMs, intervalMs)).toBe(pauseMs)
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
