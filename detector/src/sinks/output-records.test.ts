import type { KafkaRecord } from '@tidewatch/kafka'
import { describe, expect, test } from 'vitest'
import { reject } from '../ingest/rejection.ts'
import type { EmittedVerdict } from '../topology.ts'
import { deadLetterRecord, lateRecord, maxDeadLetterBytes, verdictRecords } from './output-records.ts'

const record = (given: Partial<KafkaRecord> = {}): KafkaRecord => ({
  topic: 'readings', partition: 3, offset: 17, timestampMs: 5, key: Buffer.from('k'), value: Buffer.from('v'), headers: {}, ...given,
})
const rejection = reject('notJson', 'the value is not JSON')
const headerNames = ['tidewatch-reason', 'tidewatch-error', 'tidewatch-source-topic', 'tidewatch-source-partition', 'tidewatch-source-offset']

/** What the record takes on the wire, without the frame of its batch. */
const size = ({ key, value, headers = {} }: ReturnType<typeof deadLetterRecord>) =>
  (key?.length ?? 0) + (value?.length ?? 0) + Object.entries(headers).reduce((sum, [name, content]) => sum + 6 + Buffer.byteLength(name) + Buffer.byteLength(content), 0)

describe('a dead letter', () => {
  test('is the untouched bytes, with what is wrong in its headers', () => {
    const original = record({ key: Buffer.from([0, 255]), value: Buffer.from([0xff, 0xfe]), headers: { trace: Buffer.from('x'), none: undefined } })
    expect(deadLetterRecord({ record: original, rejection }, 'dead')).toEqual({
      topic: 'dead', key: original.key, value: original.value,
      headers: {
        trace: Buffer.from('x'), 'tidewatch-reason': 'notJson', 'tidewatch-error': 'the value is not JSON',
        'tidewatch-source-topic': 'readings', 'tidewatch-source-partition': '3', 'tidewatch-source-offset': '17',
      },
    })
  })

  test('of a tombstone is a tombstone', () => {
    expect(deadLetterRecord({ record: record({ key: null, value: null }), rejection }, 'dead')).toMatchObject({ key: null, value: null })
  })

  test('of the largest text that fits is whole', () => {
    const room = maxDeadLetterBytes - size(deadLetterRecord({ record: record({ value: null }), rejection }, 'dead'))
    const fitting = deadLetterRecord({ record: record({ value: Buffer.alloc(room, 'x') }), rejection }, 'dead')
    expect(fitting.value).toHaveLength(room)
    expect(fitting.headers).not.toHaveProperty('tidewatch-truncated')
    expect(size(fitting)).toBe(maxDeadLetterBytes)
  })

  test('that headers would push over the limit is cut, and says so', () => {
    const value = Buffer.alloc(1024 * 1024, 'x')
    const cut = deadLetterRecord({ record: record({ value }), rejection }, 'dead')
    expect(size(cut)).toBeLessThanOrEqual(maxDeadLetterBytes)
    expect(cut.headers?.['tidewatch-truncated']).toBe(`${cut.value?.length} of ${value.length} bytes`)
    expect(cut.value!.length).toBeGreaterThan(maxDeadLetterBytes - 500)
    expect(Object.keys(cut.headers ?? {})).toEqual([...headerNames, 'tidewatch-truncated'])
  })

  test('gives up original headers, then the key, before its own', () => {
    const huge = record({ key: Buffer.alloc(5_000), value: Buffer.alloc(100), headers: { big: Buffer.alloc(5_000) } })
    const small = deadLetterRecord({ record: huge, rejection }, 'dead', 1_000)
    expect(Object.keys(small.headers ?? {})).toEqual([...headerNames, 'tidewatch-truncated'])
    expect(small).toMatchObject({ key: null, headers: { 'tidewatch-truncated': '100 of 100 bytes, key left out' } })
    expect(size(small)).toBeLessThanOrEqual(1_000)
  })
})

test('a late record is as it was, with where it came from', () => {
  expect(lateRecord(record({ headers: { a: [Buffer.from('1'), Buffer.from('2')] } }), 'late')).toEqual({
    topic: 'late', key: Buffer.from('k'), value: Buffer.from('v'), timestampMs: 5,
    headers: { a: Buffer.from('2'), 'tidewatch-source-topic': 'readings', 'tidewatch-source-partition': '3', 'tidewatch-source-offset': '17' },
  })
})

describe('verdicts', () => {
  const emitted = (isAnomaly: boolean, fault?: string) => ({ verdict: { id: 'x', is_anomaly: isAnomaly }, device: 'd', fault, timestampMs: 0 }) as EmittedVerdict
  const outputs = { anomalies: 'a', deadLetters: 'd' }

  test('go to the anomalies topic, keyed by the device, with the label in a header', () => {
    expect(verdictRecords([emitted(true, 'spike')], { outputs, faultHeader: 'tidewatch-fault' })).toEqual([
      { topic: 'a', key: 'd', value: '{"id":"x","is_anomaly":true}', headers: { 'tidewatch-fault': 'spike' } },
    ])
  })

  test('go to the scores topic too, anomalous or not, where there is one', () => {
    const records = verdictRecords([emitted(false), emitted(true)], { outputs: { ...outputs, scores: 's' }, faultHeader: 'f' })
    expect(records.map(({ topic }) => topic)).toEqual(['s', 'a', 's'])
    expect(records[0]).not.toHaveProperty('headers')
  })
})
