import { Totals } from '@tidewatch/api'
import type { PipelineOutcome, RunOutcome } from '../report/summary.ts'
import type { Anomaly } from '../run/anomaly.ts'
import { histogram, sample } from '@tidewatch/api/testing'

const prefix = 'tidewatch_detector'

/** The metrics of a detector that has seen three spikes (one while warming up) and a drift, and raised five false alarms. */
export const someMetrics = () => [
  sample(`${prefix}_windows_total`, 1_000),
  sample(`${prefix}_windows_judged_total`, 970),
  sample(`${prefix}_open_windows`, 34),
  sample(`${prefix}_records_late_total`, 2),
  sample(`${prefix}_normal_windows_total`, 895, { flagged: 'false' }),
  sample(`${prefix}_normal_windows_total`, 5, { flagged: 'true' }),
  sample(`${prefix}_fault_windows_total`, 40, { fault: 'spike', flagged: 'true' }),
  sample(`${prefix}_fault_windows_total`, 10, { fault: 'spike', flagged: 'false' }),
  sample(`${prefix}_fault_windows_total`, 5, { fault: 'drift', flagged: 'true' }),
  sample(`${prefix}_fault_windows_total`, 45, { fault: 'drift', flagged: 'false' }),
  sample(`${prefix}_false_alarms_total`, 4, { fault: 'spike' }),
  sample(`${prefix}_false_alarms_total`, 1, { fault: 'none' }),
  sample(`${prefix}_fault_incidents_total`, 2, { fault: 'spike' }),
  sample(`${prefix}_fault_incidents_detected_total`, 2, { fault: 'spike' }),
  sample(`${prefix}_fault_incidents_unjudged_total`, 1, { fault: 'spike' }),
  sample(`${prefix}_fault_incidents_total`, 2, { fault: 'drift' }),
  sample(`${prefix}_fault_incidents_detected_total`, 1, { fault: 'drift' }),
  ...histogram(`${prefix}_detection_delay_seconds`, { 30: 0, 60: 2 }, { fault: 'spike' }),
  ...histogram(`${prefix}_detection_delay_seconds`, { 600: 0, 1200: 1 }, { fault: 'drift' }),
  ...histogram('processing_latency_seconds', { '0.005': 90, '0.01': 9, '0.1': 1 }),
  sample(`${prefix}_processing_latency_max_seconds`, 0.042),
]

export const aPipeline = (over: Partial<PipelineOutcome> = {}): PipelineOutcome => ({
  name: 'hvac',
  topic: 'iot-metrics',
  totals: new Totals(someMetrics()),
  consumed: 12_003,
  lag: 0,
  deadLetters: { notJson: 2, missingField: 1 },
  anomalies: 50,
  detectors: 1,
  restarts: 0,
  ...over,
})

export const aRun = (over: Partial<RunOutcome> = {}): RunOutcome => ({
  pipelines: [aPipeline()],
  fleets: [{ name: 'hvac', topic: 'iot-metrics', sent: 12_003, sendErrors: 0, injected: { spike: 90 } }],
  durationMs: 60_000,
  anomalies: [],
  ...over,
})

export const anAnomaly = (over: Partial<Anomaly> = {}): Anomaly => ({
  id: '1',
  pipeline: 'hvac',
  device: 'RTU-001',
  metric: 'supply_air_temp',
  windowStart: '2025-11-20T12:00:00.000Z',
  windowEnd: '2025-11-20T12:01:00.000Z',
  score: 3.2134,
  threshold: 1,
  causes: [
    { feature: 'max', value: 68.123, expected: 60.2, contribution: 0.6 },
    { feature: 'range', value: 9, expected: 2.1, contribution: 0.38 },
    { feature: 'count', value: 6, expected: 6, contribution: 0.02 },
  ],
  truth: ['spike'],
  ...over,
})
