import { expect, test } from 'vitest'
import { findChanges, parseVerdict } from './verdict-text.ts'

const verdict = {
  id: 'a', sensor_id: 's1', metric: null, window_start: '2026-01-01T00:00:00.000Z', window_end: '2026-01-01T00:01:00.000Z', anomaly_score: 2, threshold: 1,
  is_anomaly: false, held_back: 'consecutive', features: { mean: 5 }, contributions: { mean: 1 }, expected: null,
  model: { kind: 'robustZScore', generation: 1 }, offsets: { topic: 'readings', partition: 0, first: 1, last: 2 },
}

test('a verdict is read with all that it says, the rule that holds it back included', () => {
  expect(parseVerdict(JSON.stringify(verdict))).toEqual(verdict)
})

test('what is no verdict is none', () => {
  expect(['no json', '{}', '[]', JSON.stringify({ ...verdict, anomaly_score: '2' })].map(parseVerdict)).toEqual([undefined, undefined, undefined, undefined])
})

test('two verdicts differ by the names of what is not the same to the bit', () => {
  expect(findChanges(verdict, { ...verdict, held_back: undefined, features: { mean: 5.000000000000001 } })).toEqual(['held_back', 'features.mean'])
  expect(findChanges(verdict, structuredClone(verdict))).toEqual([])
})
