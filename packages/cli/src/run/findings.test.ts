import { expect, test } from 'vitest'
import { Findings } from './findings.ts'
import { RecentSet } from './recent-set.ts'

const header = 'tidewatch-fault'
const record = (value: object, headers?: Record<string, Buffer>, over: { partition?: number; offset?: number } = {}) => ({
  topic: 't', partition: 0, offset: 0, timestampMs: 0, key: null, value: Buffer.from(JSON.stringify(value)), headers, ...over,
})
const verdict = {
  id: 'a', sensor_id: 's1', metric: null, window_start: 'x', window_end: 'y', anomaly_score: 2, threshold: 1, is_anomaly: true,
  features: { mean: 1, max: 5 }, contributions: { mean: 0.2, max: 0.8 }, expected: { mean: 0.5, max: 2 },
}

test('a verdict that is written twice is found once', () => {
  const findings = new Findings()
  const heard: string[] = []
  findings.onAnomaly(({ id }) => heard.push(id))
  for (const id of ['a', 'b', 'a']) findings.takeAnomaly('p', record({ ...verdict, id }), header)
  findings.takeAnomaly('q', record(verdict), header)
  expect([findings.anomalies('p'), findings.anomalies('q'), heard]).toEqual([2, 1, ['a', 'b', 'a']])
})

test('a verdict is read with its causes in order and the truth beside it', () => {
  const findings = new Findings()
  findings.takeAnomaly('p', record(verdict, { [header]: Buffer.from('spike,noise') }), header)
  expect(findings.latest).toEqual([
    {
      id: 'a', pipeline: 'p', device: 's1', metric: '', windowStart: 'x', windowEnd: 'y', score: 2, threshold: 1, truth: ['spike', 'noise'],
      causes: [{ feature: 'max', value: 5, expected: 2, contribution: 0.8 }, { feature: 'mean', value: 1, expected: 0.5, contribution: 0.2 }],
    },
  ])
})

test('what is no anomaly is passed over, and only the newest are kept', () => {
  const findings = new Findings(2)
  findings.takeAnomaly('p', record({ ...verdict, is_anomaly: false }), header)
  findings.takeAnomaly('p', { ...record({}), value: Buffer.from('not JSON') }, header)
  findings.takeAnomaly('p', { ...record({}), value: null }, header)
  for (const id of ['a', 'b', 'c']) findings.takeAnomaly('p', record({ ...verdict, id, threshold: null, expected: null }), header)
  expect(findings.latest.map(({ id, threshold }) => [id, threshold])).toEqual([['b', null], ['c', null]])
  expect(findings.anomalies('p')).toBe(3)
})

test('a dead letter is told by where it came from, so a repeat counts once', () => {
  const findings = new Findings()
  const letter = (offset: string, reason: string) => ({ 'tidewatch-reason': Buffer.from(reason), 'tidewatch-source-partition': Buffer.from('3'), 'tidewatch-source-offset': Buffer.from(offset) })
  for (const [i, offset] of ['7', '8', '7'].entries()) findings.takeDeadLetter('p', record({}, letter(offset, 'notJson'), { offset: i }))
  findings.takeDeadLetter('p', record({}, letter('9', 'missingField'), { offset: 3 }))
  findings.takeDeadLetter('p', record({}, undefined, { offset: 4 }))
  expect(findings.deadLetters('p')).toEqual({ notJson: 2, missingField: 1, unknown: 1 })
  expect(findings.deadLetters('q')).toEqual({})
})

test('the memory for repeats is bounded', () => {
  const seen = new RecentSet(2)
  expect(['a', 'b', 'a', 'c', 'a', 'c'].map((id) => seen.add(id))).toEqual([true, true, false, true, true, false])
})
