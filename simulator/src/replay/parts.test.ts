import { describe, expect, test } from 'vitest'
import { cellToJson } from './cell.ts'
import { parseEventTime } from './event-time.ts'
import { buildFieldTree, type MessagePart } from './field-tree.ts'
import { createLabeller } from './labels.ts'
import type { Row } from './row.ts'

describe('cellToJson', () => {
  test.each([
    ['32.0', '32.0'],
    ['-1e-7', '-1e-7'],
    [' 5 ', '5'],
    ['12345678901234567890', '12345678901234567890'],
    ['+5', '5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['', 'null'],
    ['NaN', 'null'],
    ['nan', 'null'],
    ['-inf', 'null'],
    ['Infinity', 'null'],
    ['1e999', 'null'],
    ['007', '"007"'],
    ['0x1F', '"0x1F"'],
    ['true', '"true"'],
    ['say "hi"', '"say \\"hi\\""'],
  ])('%j becomes %s', (cell, json) => {
    expect(cellToJson(cell)).toBe(json)
  })
})

describe('parseEventTime', () => {
  const noon = Date.UTC(2014, 3, 10, 12, 15)
  test.each<[string, Parameters<typeof parseEventTime>[1], number | undefined]>([
    ['2014-04-10 12:15:00', 'Iso8601', noon],
    ['2014-04-10T12:15:00.000000', 'Iso8601', noon],
    ['2014-04-10T12:15:00Z', 'Iso8601', noon],
    ['2014-04-10T14:15:00+02:00', 'Iso8601', noon],
    ['2014-04-10T14:15+0200', 'Iso8601', noon],
    ['2014-04-10', 'Iso8601', Date.UTC(2014, 3, 10)],
    ['10.04.2014', 'Iso8601', undefined],
    ['1397132100', 'Iso8601', undefined],
    ['', 'Iso8601', undefined],
    ['1397132100', 'EpochSeconds', noon],
    ['1397132100.25', 'EpochSeconds', noon + 250],
    ['1397132100000', 'EpochMillis', noon],
    ['1397132100000000', 'EpochMicros', noon],
    ['', 'EpochMillis', undefined],
    ['soon', 'EpochMillis', undefined],
    ['1e300', 'EpochMillis', undefined],
  ])('%j as %s', (text, format, ms) => {
    expect(parseEventTime(text, format)).toBe(ms)
  })
})

describe('buildFieldTree', () => {
  const text = (parts: MessagePart[]) => parts.map((part) => (typeof part === 'string' ? part : `<${part.column}>`)).join('')
  test('puts columns where their paths say', () => {
    expect(text(buildFieldTree({ t: '$.timestamp', v: '$.values[2]', u: "$.meta['the unit']", w: '$.values[0]', x: '$.meta.a.b' }))).toBe(
      '{"timestamp":<t>,"values":[<w>,null,<v>],"meta":{"the unit":<u>,"a":{"b":<x>}}}',
    )
  })
  test.each([
    [{ a: '$.x', b: '$.x' }, 'Column "b" cannot go to $.x: another column is in its way'],
    [{ a: '$.x', b: '$.x.y' }, 'Column "b" cannot go to $.x.y: another column is in its way'],
    [{ a: '$.x.y', b: '$.x' }, 'Column "b" cannot go to $.x: another column is in its way'],
    [{ a: '$.x[0]', b: '$.x.y' }, 'Column "b" cannot go to $.x.y: another column is in its way'],
    [{ a: '$.x[100000]' }, 'Column "a" cannot go to $.x[100000]: another column is in its way'],
  ])('%j is refused', (fields, message) => {
    expect(() => buildFieldTree(fields as unknown as Record<string, string>)).toThrow(message)
  })
})

describe('labels', () => {
  const row = (label: string): Row => ({ line: 1, columns: ['l'], textOf: (column) => (column === 'l' ? label : undefined), jsonOf: () => 'null' })
  test('of rows that are not normal win over windows', () => {
    const labelOf = createLabeller({ label: { column: 'l', normal: ['0', 'ok'] }, windows: [{ start: '1970-01-01T00:00:01', end: '1970-01-01T00:00:02Z' }] })
    expect([labelOf(row('ok'), 0), labelOf(row('ddos'), 0), labelOf(row('ok'), 1_000), labelOf(row('ok'), 2_000), labelOf(row('ok'), 2_001), labelOf(row('ddos'), 1_500)]).toEqual([
      undefined,
      'ddos',
      'anomaly',
      'anomaly',
      undefined,
      'ddos',
    ])
  })
})
