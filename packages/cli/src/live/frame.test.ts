import { expect, test } from 'vitest'
import { anAnomaly } from '../testing/runs.ts'
import { renderFrame } from './frame.ts'
import { LineLimit, renderAnomaly, renderLine } from './lines.ts'
import type { LiveView } from './view.ts'

const view = (over: Partial<LiveView> = {}): LiveView => ({
  elapsedMs: 42_000,
  totalMs: 60_000,
  phase: 'running',
  sent: { total: 1_234_567, perSecond: 10_240.4 },
  processed: { total: 1_234_000, perSecond: 10_180 },
  pipelines: [{ name: 'hvac', model: 'microClusters', window: '60s', lag: 567, openWindows: 34, keys: { warming: 3, active: 31 }, detectors: { running: 1, wanted: 2 } }],
  windows: 33_000,
  anomalies: 117,
  late: 0,
  deadLetters: { notJson: 2, missingField: 1 },
  accuracy: { precision: 0.971, recall: 0.94, incidents: 32, detected: 30 },
  latest: [
    anAnomaly(),
    anAnomaly({ device: 'a-device-with-a-long-name', metric: '', score: 12_345.6, threshold: null, truth: [], causes: [{ feature: 'chilled_water_temp.zeroCrossings', value: 0.000_012, expected: undefined, contribution: 1 }] }),
  ],
  notices: ['detector hvac-1 (pid 12) was killed by SIGKILL: starting another in 0.5 s'],
  ...over,
})

test('the table on a terminal of 80 by 24', () => {
  const frame = renderFrame(view(), { columns: 80, rows: 24 })
  expect(frame).toBe(
    `tidewatch up                                              running  00:42 / 01:00
readings   sent 1,234,567 (10,240/s)   processed 1,234,000 (10,180/s)   lag 567
found      117 anomalies in 33,000 windows
put aside  late 0   dead letters 3 (notJson 2, missingField 1)
truth      precision 0.97   recall 0.94   30 of 32 faults found

pipeline detector      window          lag    open  keys judged      run
hvac     microClusters 60s             567      34  Warming 31/34    1/2

time UTC device     metric          score/limit because                   truth
12:01:00 RTU-001    supply_air_temp 3.21 / 1    max 68.12 not 60.2        spike
12:01:00 a-device-…                 12346 / -   chilled_water_temp.zeroC… -






detector hvac-1 (pid 12) was killed by SIGKILL: starting another in 0.5 s
Ctrl-C stops`,
  )
  expect(frame.split('\n').length).toBeLessThan(24)
})

test('where every group key is judged there is no talk of warming', () => {
  const warm = view({ pipelines: [{ ...view().pipelines[0]!, keys: { warming: 0, active: 34 } }] })
  expect(renderFrame(warm, { columns: 80, rows: 24 })).toContain('hvac     microClusters 60s             567      34  34               1/2')
  expect(renderLine(warm)).toContain('open windows 34, keys 34, detectors 1')
})

test('a wide terminal shows more causes', () => {
  expect(renderFrame(view(), { columns: 120, rows: 24 })).toContain('max 68.12 not 60.2, range 9 not 2.1')
})

test.each([[40, 10], [80, 12], [200, 60]])('nothing is wider or higher than a terminal of %i by %i', (columns, rows) => {
  const many = Array.from({ length: 20 }, () => anAnomaly({ device: 'x'.repeat(60), truth: ['outOfOrder', 'spike'] }))
  const lines = renderFrame(view({ latest: many, phase: 'closing windows' }), { columns, rows }).split('\n')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
  if (rows > 20) expect(lines.length).toBeLessThan(rows)
})

test('it says so when the lag cannot be read and when no label has come', () => {
  const frame = renderFrame(view({ accuracy: undefined, sent: undefined, pipelines: [{ ...view().pipelines[0]!, lag: undefined }] }), { columns: 80, rows: 24 })
  expect(frame).toContain('readings   processed 1,234,000 (10,180/s)   lag ?')
  expect(frame).toContain('truth      no labelled fault so far')
})

test('the same as lines', () => {
  expect(renderLine(view())).toBe(
    '00:42 running: sent 1,234,567 (10,240/s), processed 1,234,000 (10,180/s), lag 567, open windows 34, Warming 31/34 keys, detectors 1, ' +
      'anomalies 117, late 0, dead letters 3 (notJson 2, missingField 1), precision 0.97, recall 0.94',
  )
  expect(renderAnomaly(anAnomaly())).toBe('anomaly 2025-11-20 12:01:00 RTU-001 supply_air_temp: score 3.21 / 1, max 68.12 not 60.2, range 9 not 2.1, truth spike')
  expect(renderAnomaly(anAnomaly(), true)).toMatch(/^anomaly \(hvac\) 2025-11-20 12:01:00 RTU-001 /)
})

test('of many lines in an interval the first ones are shown and the others counted', () => {
  const limit = new LineLimit(2)
  expect([limit.allow(), limit.allow(), limit.allow(), limit.allow()]).toEqual([true, true, false, false])
  expect([limit.reset(), limit.allow(), limit.reset()]).toEqual([2, true, 0])
})
