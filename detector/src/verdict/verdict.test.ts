import { describe, expect, test } from 'vitest'
import { buildVerdict, verdictId, type VerdictParts } from './verdict.ts'

const parts: VerdictParts = {
  pipelineUid: 'uid-1', deviceField: 'sensor_id', device: 'sensor_000001', metric: 'temperature',
  startMs: Date.UTC(2026, 0, 1, 0, 0, 0), endMs: Date.UTC(2026, 0, 1, 0, 1, 0),
  score: 2.5, threshold: 1, isAnomaly: true, heldBack: undefined,
  names: ['mean', 'stddev'], vector: Float64Array.of(25.5, 0.5), contributions: Float64Array.of(2, 0.5), expected: Float64Array.of(20, 0.4),
  model: { kind: 'microClusters', generation: 1 },
  offsets: { topic: 'raw-readings', partition: 3, first: 10, last: 90 },
}

describe('a verdict', () => {
  test('has the field names of the source systems', () => {
    expect(buildVerdict(parts)).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      sensor_id: 'sensor_000001',
      metric: 'temperature',
      window_start: '2026-01-01T00:00:00.000Z',
      window_end: '2026-01-01T00:01:00.000Z',
      anomaly_score: 2.5,
      threshold: 1,
      is_anomaly: true,
      features: { mean: 25.5, stddev: 0.5 },
      contributions: { mean: 0.8, stddev: 0.2 },
      expected: { mean: 20, stddev: 0.4 },
      model: { kind: 'microClusters', generation: 1 },
      offsets: { topic: 'raw-readings', partition: 3, first: 10, last: 90 },
    })
  })

  test('says which rule holds back what is above the threshold', () => {
    expect(buildVerdict({ ...parts, isAnomaly: false, heldBack: 'suppressFor' })).toMatchObject({ anomaly_score: 2.5, threshold: 1, is_anomaly: false, held_back: 'suppressFor' })
    expect(buildVerdict(parts)).not.toHaveProperty('held_back')
  })

  test('names its device as the readings do', () => {
    expect(buildVerdict({ ...parts, deviceField: 'device_id' })).toMatchObject({ device_id: 'sensor_000001' })
    expect(buildVerdict({ ...parts, deviceField: 'device_id' })).not.toHaveProperty('sensor_id')
  })

  test('is valid JSON without nulls for numbers, however large the score', () => {
    const verdict = buildVerdict({ ...parts, score: Infinity, contributions: Float64Array.of(Infinity, 1) })
    const json = JSON.parse(JSON.stringify(verdict)) as typeof verdict
    expect(json).toEqual(verdict)
    expect(json).toMatchObject({ anomaly_score: Number.MAX_VALUE, contributions: { mean: 1, stddev: 0 } })
  })

  test('shares add up to 1 also where two features are without bound', () => {
    expect(buildVerdict({ ...parts, contributions: Float64Array.of(Infinity, Infinity) }).contributions).toEqual({ mean: 0.5, stddev: 0.5 })
    expect(buildVerdict({ ...parts, contributions: Float64Array.of(0, 0) }).contributions).toEqual({ mean: 0, stddev: 0 })
  })

  test('has nulls where there is nothing to say', () => {
    expect(buildVerdict({ ...parts, metric: null, threshold: undefined, expected: undefined })).toMatchObject({ metric: null, threshold: null, expected: null })
  })
})

describe('the id of a verdict', () => {
  test('is the same for the same window, whatever was judged of it', () => {
    // Written down once: an id that changes with a release would make every consumer see repeats as new.
    expect(verdictId(parts)).toBe('384113730383143084cac1823a6dbdef')
    expect(buildVerdict({ ...parts, score: 9, isAnomaly: false }).id).toBe(buildVerdict(parts).id)
  })

  test.each([
    ['pipeline', { pipelineUid: 'uid-2' }],
    ['device', { device: 'sensor_000002' }],
    ['metric', { metric: 'pressure' }],
    ['no metric', { metric: null }],
    ['start', { startMs: parts.startMs - 1 }],
    ['end', { endMs: parts.endMs + 1 }],
    ['generation', { model: { kind: 'microClusters', generation: 2 } }],
  ])('differs by %s', (_, difference) => {
    expect(verdictId({ ...parts, ...difference })).not.toBe(verdictId(parts))
  })

  test('does not mix up names that run into each other', () => {
    expect(verdictId({ ...parts, device: 'ab', metric: 'c' })).not.toBe(verdictId({ ...parts, device: 'a', metric: 'bc' }))
    expect(verdictId({ ...parts, device: 'a","b', metric: 'c' })).not.toBe(verdictId({ ...parts, device: 'a', metric: 'b","c' }))
  })

  test('without a window differs by the record, since many may be of one moment', () => {
    const reading = { ...parts, endMs: parts.startMs }
    expect(verdictId({ ...reading, offsets: { ...parts.offsets, first: 11 } })).not.toBe(verdictId(reading))
  })
})
