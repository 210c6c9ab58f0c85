import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTimeReader, parseIso8601, parseIso8601Bytes } from './event-time.ts'

const utc = (text: string) => Date.parse(text)

// The first one of the file: nothing was read before.
test('what is remembered of the time before is no time as long as there was none', () => {
  expect(parseIso8601Bytes(Buffer.alloc(16), 0, 16)).toBeNaN()
})

describe('ISO 8601', () => {
  test.each([
    ['2026-01-31T12:34:56Z', utc('2026-01-31T12:34:56Z')],
    ['2026-01-31T12:34:56.789Z', utc('2026-01-31T12:34:56.789Z')],
    ['2026-01-31T12:34:56.7Z', utc('2026-01-31T12:34:56.700Z')],
    ['2026-01-31t12:34:56,789z', utc('2026-01-31T12:34:56.789Z')],
    ['2026-01-31 12:34:56+02:00', utc('2026-01-31T10:34:56Z')],
    ['2026-01-31T12:34:56-0530', utc('2026-01-31T18:04:56Z')],
    ['2026-01-31T12:34:56+02', utc('2026-01-31T10:34:56Z')],
    ['2026-01-31T12:34Z', utc('2026-01-31T12:34:00Z')],
    ['2026-01-31T23:59:60Z', utc('2026-02-01T00:00:00Z')],
    ['2024-02-29T00:00:00Z', utc('2024-02-29T00:00:00Z')],
    ['1969-12-31T23:59:59.999Z', -1],
  ])('reads %s', (text, expected) => {
    expect(parseIso8601(text)).toBe(expected)
  })

  test.each(['2026-01-31T12:34:56', '2026-01-31 12:34:56', '2026-01-31T12:34:56.000'])('takes %s, which has no zone, as UTC', (text) => {
    expect(parseIso8601(text)).toBe(utc('2026-01-31T12:34:56Z'))
  })

  test('takes a date alone as its midnight', () => {
    expect(parseIso8601('2026-01-31')).toBe(utc('2026-01-31T00:00:00Z'))
  })

  test('keeps microseconds and nanoseconds as fractions', () => {
    expect(parseIso8601('2026-01-31T12:34:56.789012Z')).toBeCloseTo(utc('2026-01-31T12:34:56.789Z') + 0.012, 3)
    expect(parseIso8601('2026-01-31T12:34:56.000000500Z')! - utc('2026-01-31T12:34:56Z')).toBeCloseTo(0.0005, 3)
  })

  test.each([
    '', 'now', '2026', '2026-1-31', '2026-13-01', '2026-00-01', '2026-01-00', '2026-01-32', '2025-02-29', '2100-02-29', '2026-04-31',
    '2026-01-31T', '2026-01-31T1', '2026-01-31T24:00:00Z', '2026-01-31T12:60:00Z', '2026-01-31T12:34:61Z', '2026-01-31T12:34:56.Z',
    '2026-01-31T12:34:56ZZ', '2026-01-31T12:34:56+2:00', '2026-01-31T12:34:56+25:00', '2026-01-31T12:34:56 UTC', '2026/01/31 12:34:56',
    '01/31/2026', '1769862896', '2026-01-31T12:34:5x', '2026-01-31X12:34:56', '-026-01-31T12:34:56Z', '2026-01-31T12:34:56+', '2026-01-31T12:34:56+02:',
  ])('refuses "%s"', (text) => {
    expect(parseIso8601(text)).toBeUndefined()
  })

  test('whatever was read before makes no difference', () => {
    const texts = ['2026-01-31T12:34:56Z', '2026-01-31T12:34:57.5Z', '2026-01-31T12:35:56Z', '2026-01-31T12:34:5', '2026-01-31T12:34', '2026-01-31T12:3', '2026-01-31', '2026-01-31X12:34:56', '2026-02-31T12:34:56Z', '2027-01-31t12:34:56Z']
    const values = new Map(texts.map((text) => [text, parseIso8601(text)]))
    fc.assert(fc.property(fc.constantFrom(...texts), fc.constantFrom(...texts), (before, text) => {
      parseIso8601(before)
      expect(parseIso8601(text)).toBe(values.get(text))
    }))
    expect([...values.values()]).toEqual([utc(texts[0]!), utc('2026-01-31T12:34:57.500Z'), utc(texts[2]!), undefined, utc('2026-01-31T12:34:00Z'), undefined, utc('2026-01-31'), undefined, undefined, utc(texts[9]!)])
  })

  test('reads every moment as the engine does', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true }), (date) => {
        expect(parseIso8601(date.toISOString())).toBe(date.getTime())
      }),
    )
  })

  test('never throws, and gives a number only for a finite moment', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const ms = parseIso8601(text)
        if (ms !== undefined) expect(Number.isFinite(ms)).toBe(true)
      }),
    )
  })
})

describe('epochs', () => {
  test.each([
    ['EpochSeconds', 1_769_862_896, 1_769_862_896_000],
    ['EpochSeconds', 1_769_862_896.25, 1_769_862_896_250],
    ['EpochSeconds', '1769862896', 1_769_862_896_000],
    ['EpochMillis', 1_769_862_896_789, 1_769_862_896_789],
    ['EpochMicros', 1_769_862_896_789_000, 1_769_862_896_789],
    ['EpochMicros', 1_769_862_896_789_500, 1_769_862_896_789.5],
  ] as const)('%s reads %s', (format, value, expected) => {
    expect(createTimeReader(format)(value)).toBe(expected)
  })

  test.each([['EpochMillis', 'soon'], ['EpochMillis', null], ['EpochMillis', true], ['EpochSeconds', ''], ['EpochSeconds', '12a'], ['EpochMicros', Infinity], ['Iso8601', 1_769_862_896]] as const)(
    '%s refuses %s',
    (format, value) => {
      expect(createTimeReader(format)(value)).toBeUndefined()
    },
  )
})
