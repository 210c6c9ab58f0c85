import { expect, test } from 'vitest'
import { findMissed, renderLatency, type Row } from './report.ts'

const row = (changes: Partial<Row> = {}): Row => ({
  delivery: 'ExactlyOnce',
  window: 'none',
  readingsPerSecond: 10_000,
  achievedReadingsPerSecond: 9_998,
  isSustained: true,
  verdicts: 150_000,
  latencyMs: { p50: 21, p95: 40, p99: 99, max: 1_120 },
  acknowledgedMs: { p50: 5, p95: 9, p99: 14, max: 30 },
  ...changes,
})

test('what is below its number is missed by nobody', () => {
  expect(findMissed([row(), row({ window: 'sliding' }), row({ readingsPerSecond: 50_000, latencyMs: { p50: 1e4, p95: 1e4, p99: 1e4, max: 1e4 } })])).toEqual([])
})

test('what reaches its number, or does not sustain the rate, is missed', () => {
  const late = { p50: 1, p95: 1_000, p99: 100, max: 2_000 }
  expect(findMissed([row({ latencyMs: late }), row({ window: 'sliding', delivery: 'AtLeastOnce', latencyMs: late }), row({ latencyMs: null, isSustained: false })])).toEqual([
    'none, 10,000/s, ExactlyOnce: p99 100 ms, must be < 100 ms (ExactlyOnce)',
    'none, 10,000/s, ExactlyOnce: p99 < 100 ms: the rate is not sustained (ExactlyOnce)',
    'sliding, 10,000/s: p95 1000 ms, must be < 1000 ms (AtLeastOnce)',
  ])
})

test('a row that was not sustained tells what was achieved instead of a latency', () => {
  const rows = [row(), row({ delivery: 'AtLeastOnce', readingsPerSecond: 50_000, achievedReadingsPerSecond: 31_200, isSustained: false, verdicts: 90_000, latencyMs: null, acknowledgedMs: null })]
  expect(renderLatency(rows, '2 x CPU')).toBe(
    `2 x CPU

delivery     window  readings/s  achieved  verdicts  p50        p95  p99    max  acknowledged p50  p99
ExactlyOnce  none        10,000     9,998   150,000   21         40   99  1,120                 5   14
AtLeastOnce  none        50,000    31,200    90,000  not  sustained    -      -                 -    -

ms. From the moment at which a reading was due to be sent until its verdict was read by another process, committed transactions only; sliding: from the reading that
moved the watermark over the window's end (60 s every 10 s). Every verdict goes to the scores topic and counts. acknowledged: until Kafka had the reading; the rest is ours.
not sustained: verdicts were missing 5 s after the end, so there is no latency to tell; achieved says what was taken in.`,
  )
})
