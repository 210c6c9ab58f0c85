import { describe, expect, test } from 'vitest'
import { resolveColumns } from './columns.ts'
import { guessDelimiter, splitLine } from './csv.ts'
import { guessTimeFormat, parseTime } from './time.ts'

test.each([
  ['plain', 'a,b,,c', ['a', 'b', '', 'c']],
  ['quoted', '"a,b","say ""x""",c', ['a,b', 'say "x"', 'c']],
])('a %s line is split', (_, line, cells) => {
  expect(splitLine(line, ',')).toEqual(cells)
})

test.each([['timestamp,value', ','], ['datetime;a;b', ';'], ['time\tx', '\t'], ['value', ',']])('the separator of %j is %j', (header, delimiter) => {
  expect(guessDelimiter(header)).toBe(delimiter)
})

describe('the columns of a recording', () => {
  test('of the Numenta Anomaly Benchmark', () => {
    expect(resolveColumns('a.csv', 'timestamp,value', '2014-02-14 14:30:00,0.132')).toEqual({
      delimiter: ',', names: ['timestamp', 'value'], time: 'timestamp', timeFormat: 'Iso8601', values: ['value'], label: undefined,
    })
  })

  test('of the Skoltech benchmark: neither the label nor the change point is a value', () => {
    const header = 'datetime;Accelerometer1RMS;Volume Flow RateRMS;anomaly;changepoint'
    expect(resolveColumns('0.csv', header, '2020-03-09 10:14:33;0.02;32.0;0.0;0.0')).toMatchObject({
      delimiter: ';', time: 'datetime', values: ['Accelerometer1RMS', 'Volume Flow RateRMS'], label: 'anomaly',
    })
  })

  test('as the user names them', () => {
    expect(resolveColumns('a.csv', 'when,a,b,bad', '1392388200,1,2,x', { time: 'when', values: ['b'], label: 'bad' })).toMatchObject({
      time: 'when', timeFormat: 'EpochSeconds', values: ['b'], label: 'bad',
    })
  })

  test.each([
    ['no time', 'x,y', '1,2', {}, 'a.csv: no column looks like a time: name it with --time-column; the columns are x, y'],
    ['a time that is none', 'time,y', 'soon,2', {}, '"soon" in the column "time" is not a time'],
    ['no number', 'time,y', '2014-02-14,high', {}, 'no column holds numbers: name them with --value-columns'],
    ['a column that is not there', 'time,y', '2014-02-14,1', { values: ['z'] }, 'there is no column "z"'],
  ])('%s: one sentence', (_, header, row, choices, sentence) => {
    expect(() => resolveColumns('a.csv', header, row, choices)).toThrow(sentence)
  })
})

test.each([
  ['2014-02-14 14:30:00', 'Iso8601', Date.UTC(2014, 1, 14, 14, 30)],
  ['2014-02-14 14:30:00.000000', 'Iso8601', Date.UTC(2014, 1, 14, 14, 30)],
  ['2014-02-14T14:30:00+02:00', 'Iso8601', Date.UTC(2014, 1, 14, 12, 30)],
  ['2014-02-14', 'Iso8601', Date.UTC(2014, 1, 14)],
  ['1392388200', 'EpochSeconds', Date.UTC(2014, 1, 14, 14, 30)],
  ['1392388200000', 'EpochMillis', Date.UTC(2014, 1, 14, 14, 30)],
  ['1392388200000000', 'EpochMicros', Date.UTC(2014, 1, 14, 14, 30)],
] as const)('%s is %s, and a time without a zone is UTC', (text, format, ms) => {
  expect(guessTimeFormat(text)).toBe(format)
  expect(parseTime(text, format)).toBe(ms)
})
