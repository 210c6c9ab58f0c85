import { presets, type ReadingMapping } from '@tidewatch/api'
import { viewOf } from '@tidewatch/kafka'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unnamedDevice } from './parser.ts'
import type { Reading } from './reading.ts'
import { createReader } from './reader.ts'
import { maxRecordBytes, rejectionReasons } from './rejection.ts'

const nowMs = Date.UTC(2026, 0, 31, 12)
const timestamp = '2026-01-31T12:00:00Z'

/** Reads one message with a mapping; `undefined` for the value is a tombstone. */
function read(mapping: ReadingMapping, value: unknown, given: { key?: string | null; timestampMs?: number; nowMs?: number; needsDeviceType?: boolean } = {}) {
  const reader = createReader(mapping, { maxClockSkewMs: 300_000, needsDeviceType: given.needsDeviceType ?? false })
  const key = given.key === undefined || given.key === null ? null : Buffer.from(given.key)
  const bytes = value === undefined ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
  return reader(aRecord(bytes, key, given.timestampMs), given.nowMs ?? nowMs)
}

const aRecord = (value: Buffer | null, key: Buffer | null = null, timestampMs = nowMs) => viewOf({ topic: 't', partition: 0, offset: 0, key, value, timestampMs, headers: undefined })

const sensor = { sensor_id: 'sensor_000001', timestamp, metric: 'temperature', value: 25.5, meta: { unit: 'C', location: 'hall' } }

describe('the message shapes of the five systems', () => {
  test('C: a sensor reading', () => {
    expect(read(presets.SensorReading, sensor)).toEqual({
      kind: 'reading', device: 'sensor_000001', deviceNumber: 0, deviceType: undefined, eventTimeMs: nowMs, names: ['temperature'], values: [25.5],
    })
  })

  test('D: a metric of a device', () => {
    const message = { device_id: 'RTU-001', device_type: 'rooftop_unit', timestamp, metric_name: 'supply_air_temp', metric_value: 72.5, unit: 'F', location: 'roof', building_id: 'a' }
    expect(read(presets.DeviceMetric, message)).toMatchObject({ device: 'RTU-001', deviceType: 'rooftop_unit', names: ['supply_air_temp'], values: [72.5] })
  })

  test('B: a lock event, its type told apart by ones and zeros', () => {
    const message = { event_id: 'e1', device_id: 'lock-1', event_ts: timestamp, event_type: 'fail', trigger_source: 'app' }
    expect(read(presets.AccessEvent, message)).toMatchObject({ device: 'lock-1', names: ['event_type=open', 'event_type=close', 'event_type=fail'], values: [0, 0, 1] })
  })

  test('B: a type that is not listed is none of them', () => {
    const message = { device_id: 'lock-1', event_ts: timestamp, event_type: 'jammed' }
    expect(read(presets.AccessEvent, message)).toMatchObject({ values: [0, 0, 0] })
  })

  test('B: the health of a device, with a boolean', () => {
    const message = { device_id: 'lock-1', reported_at: timestamp, battery_pct: 88, signal_strength_dbm: -61, is_online: true }
    expect(read(presets.DeviceHealth, message)).toMatchObject({ names: ['battery_pct', 'signal_strength_dbm', 'is_online'], values: [88, -61, 1] })
  })

  test('A and E: every number of a flat record, by the record\'s key and timestamp', () => {
    const message = { flow_id: 7, 'Protocol Type': 6, Rate: 1.5, label: 'x', nothing: null, timestamp: 1 }
    expect(read(presets.NetworkFlow, message, { key: 'camera', timestampMs: nowMs - 5 })).toMatchObject({
      device: 'camera', eventTimeMs: nowMs - 5, names: ['Protocol Type', 'Rate'], values: [6, 1.5],
    })
  })

  test('a record without key or device belongs to one device for all', () => {
    expect(read(presets.NetworkFlow, { Rate: 1 })).toMatchObject({ device: unnamedDevice })
    expect(read(presets.NetworkFlow, { Rate: 1 }, { key: '' })).toMatchObject({ device: unnamedDevice })
  })
})

describe('details of a mapping', () => {
  test('a device may be a number', () => {
    expect(read(presets.SensorReading, { ...sensor, sensor_id: 17 })).toMatchObject({ device: '17' })
  })

  test('metrics that are not asked for are passed over, with their time', () => {
    const mapping: ReadingMapping = { ...presets.SensorReading, metric: { name: '$.metric', value: '$.value', only: ['pressure'] }, categories: [] }
    expect(read(mapping, sensor)).toEqual({ kind: 'passedOver', eventTimeMs: nowMs })
    expect(read(mapping, { ...sensor, metric: 'pressure' })).toMatchObject({ kind: 'reading', names: ['pressure'] })
  })

  test('categories stand behind the metric of their record', () => {
    const mapping: ReadingMapping = { ...presets.SensorReading, categories: [{ name: 'place', path: '$.meta.location', values: ['hall', 'roof'] }] }
    expect(read(mapping, sensor)).toMatchObject({ names: ['temperature', 'place=hall', 'place=roof'], values: [25.5, 1, 0] })
  })

  test('all numbers: readings of the same fields share one array of names', () => {
    const reader = createReader(presets.NetworkFlow, { maxClockSkewMs: 0, needsDeviceType: false })
    const names = (value: object) => (reader(aRecord(Buffer.from(JSON.stringify(value))), nowMs) as Reading).names
    const first = names({ a: 1, b: 2 })
    expect(names({ a: 3, b: 4 })).toBe(first)
    expect(names({ a: 3 })).toEqual(['a'])
    expect(names({ b: 3, c: 1, a: 1 })).toEqual(['b', 'c', 'a'])
    expect(names({ a: 1, b: 2 })).toEqual(['a', 'b'])
  })

  test('all numbers with categories', () => {
    const mapping: ReadingMapping = { allNumbers: { except: [] }, categories: [{ name: 'proto', path: '$.proto', values: ['tcp'] }] }
    expect(read(mapping, { a: 1, proto: 'tcp' })).toMatchObject({ names: ['a', 'proto=tcp'], values: [1, 1] })
  })
})

describe('what cannot be read', () => {
  test.each([
    ['a tombstone', undefined, 'empty', 'the record has no value'],
    ['no bytes', '', 'empty', 'the record has no value'],
    ['too many bytes', `"${'x'.repeat(maxRecordBytes)}"`, 'tooLarge', `the value is ${maxRecordBytes + 2} bytes long, and at most ${maxRecordBytes} are read`],
    ['text', 'hello', 'notJson', `the value is not JSON: Unexpected token 'h', "hello" is not valid JSON`],
    ['a bare NaN', '{"value": NaN}', 'notJson', /^the value is not JSON: /],
    ['a list', '[1]', 'wrongType', 'the value is [1], not a JSON object'],
    ['a number', '17', 'wrongType', 'the value is 17, not a JSON object'],
    ['null', 'null', 'wrongType', 'the value is null, not a JSON object'],
    ['no device', { ...sensor, sensor_id: undefined }, 'missingField', '$.sensor_id is absent; it should be a text or a number that names the device'],
    ['an empty device', { ...sensor, sensor_id: '' }, 'missingField', '$.sensor_id is an empty text; it should be a text or a number that names the device'],
    ['a device of another type', { ...sensor, sensor_id: { id: 1 } }, 'wrongType', '$.sensor_id is {"id":1}; it should be a text or a number that names the device'],
    ['no metric', { ...sensor, metric: null }, 'missingField', '$.metric is null; it should be the name of a metric'],
    ['no value', { ...sensor, value: null }, 'missingField', '$.value is null; it should be a number'],
    ['a value in quotes', { ...sensor, value: '25.5' }, 'wrongType', '$.value is "25.5"; it should be a number'],
    ['a boolean as a metric\'s value', { ...sensor, value: true }, 'wrongType', '$.value is true; it should be a number'],
    ['"NaN"', { ...sensor, value: 'NaN' }, 'notFinite', '$.value is "NaN", which is no number to compute with'],
    ['"-Infinity"', { ...sensor, value: '-Infinity' }, 'notFinite', '$.value is "-Infinity", which is no number to compute with'],
    ['1e999', '{"sensor_id":"s","timestamp":"2026-01-31T12:00:00Z","metric":"t","value":1e999}', 'notFinite', '$.value is Infinity, which is too large to compute with'],
    ['1e101', { ...sensor, value: -1e101 }, 'notFinite', '$.value is -1e+101, which is too large to compute with'],
    ['no time', { ...sensor, timestamp: undefined }, 'missingField', '$.timestamp is absent; it should be the event time'],
    ['words for a time', { ...sensor, timestamp: 'noon' }, 'badTimestamp', '$.timestamp is "noon", which is no time in the format Iso8601'],
    ['an unset clock', { ...sensor, timestamp: '1970-01-01T00:00:12Z' }, 'timestampOutOfRange', 'the event time 1970-01-01T00:00:12.000Z lies before the year 2000: the clock was not set, or the unit is another one'],
    ['a clock ahead', { ...sensor, timestamp: '2026-01-31T12:05:01Z' }, 'timestampTooFarAhead', 'the event time 2026-01-31T12:05:01.000Z is 301 s ahead of 2026-01-31T12:00:00.000Z, and maxClockSkew is 300 s'],
  ])('%s', (_, value, reason, error) => {
    const result = read(presets.SensorReading, value)
    expect(result).toMatchObject({ kind: 'rejected', reason })
    if (typeof error === 'string') expect(result).toMatchObject({ error })
    else expect((result as { error: string }).error).toMatch(error)
  })

  test('a clock ahead by no more than the skew is taken', () => {
    expect(read(presets.SensorReading, { ...sensor, timestamp: '2026-01-31T12:05:00Z' }).kind).toBe('reading')
  })

  test('being too far ahead is measured by the record\'s own timestamp, so that it is the same at every reading', () => {
    const early = { timestampMs: nowMs - 3_600_000 }
    expect(read(presets.SensorReading, sensor, early)).toMatchObject({ reason: 'timestampTooFarAhead' })
    expect(read(presets.SensorReading, sensor, { ...early, nowMs: nowMs + 86_400_000 })).toMatchObject({ reason: 'timestampTooFarAhead' })
  })

  test('a record stamped by the same wrong clock is measured by ours', () => {
    const ahead = '2030-01-01T00:00:00Z'
    expect(read(presets.SensorReading, { ...sensor, timestamp: ahead }, { timestampMs: Date.parse(ahead) })).toMatchObject({ reason: 'timestampTooFarAhead' })
  })

  test('a type is only asked for where models belong to types', () => {
    const message = { device_id: 'x', timestamp, metric_name: 'm', metric_value: 1 }
    expect(read(presets.DeviceMetric, message)).toMatchObject({ kind: 'reading', deviceType: undefined })
    expect(read(presets.DeviceMetric, message, { needsDeviceType: true })).toMatchObject({ reason: 'missingField', error: '$.device_type is absent; it should be a text that names the type of the device' })
  })

  test('a wide record without one of its values', () => {
    const message = { device_id: 'x', reported_at: timestamp, battery_pct: 1, signal_strength_dbm: 2 }
    expect(read(presets.DeviceHealth, message)).toMatchObject({ reason: 'missingField', error: '$.is_online is absent; it should be a number' })
  })

  test('a flat record without any number', () => {
    expect(read(presets.NetworkFlow, { a: 'x' })).toMatchObject({ reason: 'missingField', error: 'no top-level field holds a number' })
    expect(read(presets.NetworkFlow, '{"a": 1e999}')).toMatchObject({ reason: 'notFinite' })
  })

  test('whatever the bytes, the reader answers', () => {
    const reader = createReader(presets.SensorReading, { maxClockSkewMs: 0, needsDeviceType: false })
    const check = (value: Buffer) => {
      const result = reader(aRecord(value), nowMs)
      if (result.kind === 'rejected') {
        expect(rejectionReasons).toContain(result.reason)
        expect(result.error).not.toBe('')
      }
    }
    fc.assert(fc.property(fc.uint8Array(), (bytes) => check(Buffer.from(bytes))))
    fc.assert(fc.property(fc.json(), (json) => check(Buffer.from(json))))
    const maybe = <T>(value: fc.Arbitrary<T>) => fc.oneof(value, fc.jsonValue())
    const message = fc.record({ sensor_id: maybe(fc.string()), timestamp: maybe(fc.constant(timestamp)), metric: maybe(fc.string()), value: maybe(fc.double()) })
    fc.assert(fc.property(message, (object) => check(Buffer.from(JSON.stringify(object)))))
  })
})
