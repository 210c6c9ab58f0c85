import { presets, type ReadingMapping } from '@tidewatch/api'
import { viewOf } from '@tidewatch/kafka'
import { mulberry32 } from '@tidewatch/kit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createReader } from './reader.ts'
import { createScanningReader } from './scanning-reader.ts'

const nowMs = Date.UTC(2026, 0, 31, 12)
const timestamp = '2026-01-31T12:00:00Z'

/** A mapping of every kind of part, and a message that it reads. */
const cases: Record<string, { mapping: ReadingMapping; message: object; needsDeviceType?: boolean }> = {
  sensor: { mapping: presets.SensorReading, message: { sensor_id: 'sensor_000001', timestamp, metric: 'temperature', value: 25.5, meta: { unit: '°C', location: 'hall' } } },
  metric: {
    mapping: { ...presets.DeviceMetric, metric: { name: '$.metric_name', value: '$.metric_value', only: ['t', 'p'] }, eventTime: { path: '$.timestamp', format: 'EpochSeconds' } },
    message: { device_id: 'RTU-1', device_type: 'roof', timestamp: 1_769_860_000.25, metric_name: 't', metric_value: -7.25e-3, building_id: 'a' },
    needsDeviceType: true,
  },
  event: { mapping: presets.AccessEvent, message: { event_id: 'e1', device_id: 'lock-1', event_ts: '2026-01-31T12:00:00.123456+02:00', event_type: 'fail', trigger_source: 'app' } },
  health: { mapping: presets.DeviceHealth, message: { device_id: 'lock-1', reported_at: timestamp, battery_pct: 88, signal_strength_dbm: -61, is_online: true } },
  nested: {
    mapping: { device: '$.from.id', deviceType: '$.from.kind', values: [{ name: 'a', path: '$.body.a' }, { name: 'b', path: "$.body['b c']" }, { name: 'd', path: '$.body.deep.d' }], categories: [{ name: 'place', path: '$.place', values: ['hall', 'roof'] }] },
    message: { from: { id: 'x', kind: 'k' }, body: { a: 1, 'b c': false, deep: { d: 1e-7 }, list: [1, { a: [] }, 'é"\\'] }, place: 'roof', place2: null },
  },
  key: { mapping: { values: [{ name: 'a', path: '$.a' }], categories: [] }, message: { a: 0.1, b: {} } },
}

/** Reads the same record with the scanner and without it. */
function both({ mapping, needsDeviceType = false }: (typeof cases)[string]) {
  const options = { maxClockSkewMs: 300_000, needsDeviceType }
  const [scanning, parsing] = [createReader(mapping, options), createReader(mapping, { ...options, scans: false })]
  const scan = createScanningReader(mapping, options)!
  return {
    scan: (value: Buffer) => scan(aRecord(value), nowMs) !== undefined,
    compare(value: Buffer) {
      // Before another reading comes into the same object.
      const parsed = { ...parsing(aRecord(value), nowMs), deviceNumber: undefined }
      const read = { ...scanning(aRecord(value), nowMs), deviceNumber: undefined }
      if (JSON.stringify(read) !== JSON.stringify(parsed) || hasMinusZero(read) !== hasMinusZero(parsed)) expect(read, value.toString()).toEqual(parsed)
      return parsed.kind
    },
  }
}

const hasMinusZero = (read: object): boolean => 'values' in read && (read.values as number[]).some((value) => Object.is(value, -0))
const aRecord = (value: Buffer) => viewOf({ topic: 't', partition: 0, offset: 0, key: Buffer.from('the key'), value, timestampMs: nowMs, headers: undefined })
const names = Object.keys(cases)

/** Bytes with some of them changed: what is left of JSON, and what no longer is any. */
function mutate(bytes: Buffer, draw: () => number): Buffer {
  const pieces = ['"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', '.', 'e', 'E', '+', '1', '9', ' ', '\t', '\n', '\u00a0', '\ufeff', '\\u00e9', '\\"', 'null', 'true', '""', '"value":1,', '"timestamp":', '"a":', '\u0000', '\u001f', '\u007f', '"__proto__":']
  let result = bytes
  for (let changes = 1 + Math.floor(draw() * 3); changes > 0; changes--) {
    const at = Math.floor(draw() * (result.length + 1))
    const piece = draw() < 0.2 ? Buffer.from([Math.floor(draw() * 256)]) : Buffer.from(pieces[Math.floor(draw() * pieces.length)]!)
    const removed = draw() < 0.6 ? Math.floor(draw() * 4) : 0
    const from = Math.floor(draw() * result.length)
    const copied = draw() < 0.1 ? result.subarray(from, from + Math.floor(draw() * 24)) : piece
    result = Buffer.concat([result.subarray(0, at), copied, result.subarray(at + removed)])
  }
  return result
}

describe('what is scanned is what would have been parsed', () => {
  test.each(names)('%s: the message itself, dense and spaced, is scanned', (name) => {
    const reader = both(cases[name]!)
    const { message } = cases[name]!
    for (const text of [JSON.stringify(message), JSON.stringify(message, null, 2), ` \r\n\t${JSON.stringify(message).replaceAll(',', ' , ').replaceAll('":', '" : ')} `]) {
      expect(reader.scan(Buffer.from(text))).toBe(true)
      expect(reader.compare(Buffer.from(text))).toBe('reading')
    }
  })

  test.each(names)('%s: ten thousand mutated messages', (name) => {
    const reader = both(cases[name]!)
    const draw = mulberry32(3)
    const seen = new Map<string, number>()
    for (let i = 0; i < 10_000; i++) {
      const kind = reader.compare(mutate(Buffer.from(JSON.stringify(cases[name]!.message, null, i % 2)), draw))
      seen.set(kind, (seen.get(kind) ?? 0) + 1)
    }
    // Neither all refused nor none: else it would prove little.
    expect(seen.get('reading')).toBeGreaterThan(150)
    expect(seen.get('rejected')).toBeGreaterThan(150)
  })

  test.each(names)('%s: fields of any kind, in any order, some twice', (name) => {
    const reader = both(cases[name]!)
    const entries = Object.entries(cases[name]!.message)
    const field = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...entries).map(([field, value]) => [field, JSON.stringify(value)] as const) },
      { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...entries.map(([field]) => field)), fc.json()) },
      fc.tuple(fc.string({ unit: 'binary' }), fc.json({ stringUnit: 'binary' })),
    )
    fc.assert(
      fc.property(fc.array(field, { maxLength: 6 }), fc.constantFrom('', ' ', '\n\t'), (more, space) => {
        const fields = [...entries.map(([field, value]) => [field, JSON.stringify(value)] as const), ...more]
        const text = (list: typeof fields) => `{${list.map(([field, json]) => `${JSON.stringify(field)}${space}:${json}`).join(`,${space}`)}}`
        reader.compare(Buffer.from(text(fields)))
        reader.compare(Buffer.from(text(fields.toReversed())))
        reader.compare(Buffer.from(text(more)))
      }),
      { numRuns: 40 },
    )
  })

  test('any bytes at all', () => {
    const reader = both(cases['sensor']!)
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void reader.compare(Buffer.from(bytes))))
  })
})

describe('numbers', () => {
  const reader = both(cases['key']!)
  const read = (text: string) => reader.compare(Buffer.from(`{"a":${text}}`))

  test.each(['0', '-0', '-0.0', '0e5', '-0e-400', '1e22', '1e23', '1e-22', '1e-23', '9007199254740991', '9007199254740992', '9007199254740993', '0.1', '0.30000000000000004', '1.7976931348623157e99', '2.2250738585072014e-308', '4.9e-324', '1e-400', '123456789012345678901234567890', '0.000000000000000000000000000001', '1E+2', '1e00000000000000000000002'])(
    '%s is read to the bit',
    (text) => {
      expect(read(text)).toBe('reading')
      expect(reader.scan(Buffer.from(`{"a":${text}}`))).toBe(true)
    },
  )

  test.each(['01', '-', '+1', '.5', '5.', '1e', '1e+', '--1', '0x1', '1_000', 'Infinity', 'NaN', '1 2', '-01', '00', '1.e5', '1e5.'])('%s is no number, and is left to the parser', (text) => {
    expect(read(text)).toBe('rejected')
    expect(reader.scan(Buffer.from(`{"a":${text}}`))).toBe(false)
  })

  test('any number, in any notation', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 }), fc.nat(16), (value, places) => {
        for (const text of [String(value), value.toExponential(), value.toFixed(places), value.toPrecision(places + 1)]) read(text)
      }),
      { numRuns: 2_000 },
    )
    const digits = (max: number) => fc.array(fc.nat(9), { minLength: 1, maxLength: max }).map((list) => list.join(''))
    fc.assert(fc.property(fc.constantFrom('', '-'), digits(25), digits(25), fc.integer({ min: -330, max: 330 }), (sign, whole, part, power) => void read(`${sign}${whole.replace(/^0+(?=.)/, '')}.${part}e${power}`)), { numRuns: 2_000 })
  })
})

test('what a scanner does not read is parsed from the start', () => {
  const options = { maxClockSkewMs: 0, needsDeviceType: false }
  const wanted = (path: string): ReadingMapping => ({ values: [{ name: 'a', path }], categories: [] })
  expect(createScanningReader(presets.NetworkFlow, options)).toBeUndefined()
  expect(createScanningReader(wanted('$.list[0]'), options)).toBeUndefined()
  expect(createScanningReader(wanted("$['grüße']"), options)).toBeUndefined()
  expect(createScanningReader({ ...wanted('$.a.b'), device: '$.a' }, options)).toBeUndefined()
})

test.each([
  ['an escape in a wanted text', '{"sensor_id":"s\\u0031","timestamp":"2026-01-31T12:00:00Z","metric":"t","value":1}'],
  ['an escape in a name', '{"sensor\\u005fid":"s1","timestamp":"2026-01-31T12:00:00Z","metric":"t","value":1}'],
  ['a field twice', '{"sensor_id":"s1","timestamp":"2026-01-31T12:00:00Z","metric":"t","value":2,"value":1}'],
  ['deep nesting', `{"sensor_id":"s1","timestamp":"2026-01-31T12:00:00Z","metric":"t","value":1,"meta":${'['.repeat(40)}${']'.repeat(40)}}`],
])('%s is left to the parser, which reads it', (_, text) => {
  const reader = both(cases['sensor']!)
  expect(reader.scan(Buffer.from(text))).toBe(false)
  expect(reader.compare(Buffer.from(text))).toBe('reading')
})
