import { expect, test } from 'vitest'
import { histogram, sample } from './testing/metrics.ts'
import { MetricLedger } from './ledger.ts'
import { computeQuantile, Totals } from './totals.ts'

test('sums over every sample whose labels include the wanted ones', () => {
  const totals = new Totals([sample('a', 1, { x: '1', y: '1' }), sample('a', 2, { x: '1', y: '2' }), sample('a', 4, { x: '2' }), sample('b', 8)])
  expect([totals.sum('a'), totals.sum('a', { x: '1' }), totals.sum('c'), totals.max('a'), totals.max('c')]).toEqual([7, 3, 0, 4, undefined])
  expect(totals.byLabel('a', 'x')).toEqual({ 1: 3, 2: 4 })
})

test('histograms of several processes are read as one', () => {
  const totals = Totals.merge([new Totals(histogram('h', { 1: 2, 5: 0 })), new Totals(histogram('h', { 1: 1, 5: 3 }))])
  expect(totals.buckets('h')).toEqual([{ upperBound: 1, count: 3 }, { upperBound: 5, count: 6 }, { upperBound: Infinity, count: 6 }])
})

test.each([
  ['none of it: unknown', {}, 0.5, undefined, undefined],
  ['in the middle of a bucket', { 1: 10, 2: 10 }, 0.75, undefined, 1.5],
  ['at the end of the last bucket', { 1: 10, 2: 10 }, 1, undefined, 2],
  ['never above the largest observation', { 1: 10, 2: 10 }, 1, 1.2, 1.2],
] as const)('a quantile: %s', (_, counts, quantile, max, expected) => {
  expect(computeQuantile(new Totals(histogram('h', counts)).buckets('h'), quantile, max)).toBe(expected)
})

test('a quantile beyond the last bound is the largest observation', () => {
  const buckets = [{ upperBound: 1, count: 1 }, { upperBound: Infinity, count: 10 }]
  expect(computeQuantile(buckets, 0.9, 7)).toBe(7)
  expect(computeQuantile(buckets, 0.9)).toBe(1)
})

test('a process that is gone keeps its counts and loses its gauges', () => {
  const ledger = new MetricLedger()
  ledger.record(1, [sample('x_total', 5), sample('open', 3), sample('latency_max_seconds', 9), ...histogram('h', { 1: 2 })])
  ledger.record(2, [sample('x_total', 1), sample('open', 1), sample('latency_max_seconds', 2)])
  ledger.retire(1)
  const totals = ledger.totals()
  expect([totals.sum('x_total'), totals.sum('open'), totals.max('latency_max_seconds'), totals.buckets('h').at(-1)?.count]).toEqual([6, 1, 9, 2])
})

test('a later look at the same process replaces the earlier one', () => {
  const ledger = new MetricLedger()
  ledger.record(1, [sample('x_total', 5)])
  ledger.record(1, [sample('x_total', 6)])
  ledger.retire(1)
  ledger.retire(1)
  expect(ledger.totals().sum('x_total')).toBe(6)
})
