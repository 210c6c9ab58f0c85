import { expect, test } from 'vitest'
import { Totals } from '@tidewatch/api'
import { histogram, sample } from '@tidewatch/api/testing'
import { aPipeline, aRun, anAnomaly } from '../testing/runs.ts'
import { computeSummary, findDiscrepancies } from './summary.ts'
import { renderSummary } from './text.ts'

test('a summary holds what DESIGN section 9 names', () => {
  expect(computeSummary(aRun())).toMatchObject({
    sent: 12_003,
    processed: 12_000,
    deadLetters: 3,
    late: 2,
    windows: 1_000,
    anomalies: 50,
    precision: 0.9,
    recall: 0.75,
    byFault: {
      spike: { injected: 3, unjudged: 1, detected: 2, precision: 40 / 44, recall: 1, delayMs: { p50: 45_000, p95: 58_500 } },
      drift: { injected: 2, unjudged: 0, detected: 1, precision: 1, recall: 0.5, delayMs: { p50: 900_000, p95: 1_170_000 } },
    },
    latencyMs: { p50: 2.778, p95: 7.778, p99: 10, max: 42 },
    readingsPerSecond: 200,
    durationMs: 60_000,
    detectors: 1,
    windowsOpen: 34,
    deadLettersByReason: { notJson: 2, missingField: 1 },
  })
})

test('kinds of fault stand in their usual order, and what lies outside of any is none of them', () => {
  expect(Object.keys(computeSummary(aRun()).byFault)).toEqual(['spike', 'drift'])
})

test('without ground truth precision and recall are null, not 0 or 1', () => {
  const summary = computeSummary(aRun({ pipelines: [aPipeline({ totals: new Totals([]) })] }))
  expect(summary).toMatchObject({ precision: null, recall: null, byFault: {}, latencyMs: { p50: null, p95: null, p99: null, max: null } })
  expect(renderSummary(summary)).toContain('No reading carried a label of a fault')
})

test('a fault that is found at once has no delay', () => {
  const totals = new Totals([
    sample('tidewatch_detector_fault_incidents_total', 1, { fault: 'spike' }),
    sample('tidewatch_detector_fault_incidents_detected_total', 1, { fault: 'spike' }),
    ...histogram('tidewatch_detector_detection_delay_seconds', { 5: 1 }, { fault: 'spike' }).filter(({ name }) => !name.endsWith('_sum')),
  ])
  expect(computeSummary(aRun({ pipelines: [aPipeline({ totals })] })).byFault['spike']?.delayMs).toEqual({ p50: 0, p95: 0 })
})

test('anomalies are listed with their evidence', () => {
  expect(computeSummary(aRun({ anomalies: [anAnomaly()] })).latestAnomalies).toEqual([
    {
      id: '1',
      pipeline: 'hvac',
      device: 'RTU-001',
      metric: 'supply_air_temp',
      window_start: '2025-11-20T12:00:00.000Z',
      window_end: '2025-11-20T12:01:00.000Z',
      score: 3.2134,
      threshold: 1,
      features: { max: 68.123, range: 9, count: 6 },
      contributions: { max: 0.6, range: 0.38, count: 0.02 },
      expected: { max: 60.2, range: 2.1, count: 6 },
      groundTruth: ['spike'],
    },
  ])
})

test('two pipelines are added up and told apart', () => {
  const summary = computeSummary(aRun({ pipelines: [aPipeline(), aPipeline({ name: 'roof', consumed: 10, deadLetters: {}, anomalies: 1 })] }))
  expect(summary).toMatchObject({ processed: 12_010, deadLetters: 3, anomalies: 51, detectors: 2 })
  expect(summary.pipelines.map(({ name, processed }) => [name, processed])).toEqual([['hvac', 12_000], ['roof', 10]])
})

test.each([
  ['all there', {}, false, []],
  ['some still waiting', { consumed: 12_000, lag: 3 }, false, []],
  ['some lost', { consumed: 12_000 }, false, ['hvac: 12003 readings were sent to iot-metrics, 12000 were processed or put aside and 0 wait: 3 were lost']],
  ['more than were sent, on our own broker', { consumed: 12_004 }, false, ['hvac: 12003 readings were sent to iot-metrics, 12004 were processed or put aside and 0 wait: 1 came from elsewhere or were sent twice']],
  ['more than were sent, where others send as well', { consumed: 12_004 }, true, []],
  ['a pipeline without a fleet', { topic: 'other', consumed: 1 }, false, []],
] as const)('what does not add up: %s', (_, pipeline, mayHoldMore, expected) => {
  expect(findDiscrepancies(aRun({ pipelines: [aPipeline(pipeline)] }), mayHoldMore)).toEqual(expected)
})

test('the summary as it is printed', () => {
  expect(renderSummary(computeSummary(aRun({ pipelines: [aPipeline({ restarts: 1 })] })))).toBe(
    `Summary
sent            12,003 readings
processed       12,000 readings, 200/s over 60.0 s
dead letters    3 (notJson 2, missingField 1)
late            2
windows         1,000 closed, 970 of them judged, 34 still open
anomalies       50
detectors       1, started again once
latency         p50 2.78 ms, p95 7.78 ms, p99 10 ms, max 42 ms
                from the sending of the record that completed a window (its timestamp
                in Kafka) until the window was judged, or learned while its model warmed
                up, and Kafka had acknowledged what came of it

precision 0.90, recall 0.75, 0.56 % of the normal windows flagged

fault         incidents      found     recall  precision  delay p50  delay p95
spike                 3          2       1.00       0.91     45.0 s     58.5 s
drift                 2          1       0.50       1.00   15.0 min   19.5 min
1 of the incidents came while a model was still warming up; recall leaves them out.`,
  )
})

test('of a fleet alone there is only what it sent', () => {
  expect(renderSummary(computeSummary(aRun({ pipelines: [] })))).toBe('Summary\nsent            12,003 readings')
})
