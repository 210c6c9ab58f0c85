import { expect, test } from 'vitest'
import type { Series } from '../contender.ts'
import { buildSeriesLine, parseAnswerLine } from './lines.ts'

const series: Series = {
  name: 'realTraffic/a "quoted" series.csv',
  columns: ['flow', 'pressure'],
  rows: [Float64Array.of(1, 0.1), Float64Array.of(-2.5e-7, 1e21)],
  timesMs: Float64Array.of(0, 1_000),
  training: 1,
}

test('a series is one line, with numbers that read back to the bit', () => {
  const line = buildSeriesLine(series)
  expect(line.indexOf('\n')).toBe(line.length - 1)
  expect(JSON.parse(line)).toEqual({ name: series.name, training: 1, rows: [[1, 0.1], [-2.5e-7, 1e21]] })
})

test('scores that are null cannot be judged yet', () => {
  const line = JSON.stringify({ name: series.name, scores: [null, 0.25], flags: [0, 1] })
  expect(parseAnswerLine(line, 'rrcf', series)).toEqual({ scores: Float64Array.of(NaN, 0.25), flags: Uint8Array.of(0, 1) })
})

test('a peer without a boundary of its own has no flags', () => {
  const line = JSON.stringify({ name: series.name, scores: [1, 2], flags: null })
  expect(parseAnswerLine(line, 'rrcf', series)).toEqual({ scores: Float64Array.of(1, 2), flags: undefined })
})

test('how long a peer took is told where it says so', () => {
  const line = JSON.stringify({ name: series.name, scores: [1, 2], flags: null, seconds: 0.25 })
  expect(parseAnswerLine(line, 'rrcf', series)).toEqual({ scores: Float64Array.of(1, 2), flags: undefined, seconds: 0.25 })
})

test.each([
  ['what it says of a failure is told', { name: series.name, error: 'ValueError: too few rows' }, `rrcf could not score ${series.name}: ValueError: too few rows`],
  ['a score is missing', { name: series.name, scores: [1], flags: null }, `rrcf gave an answer that does not belong to the 2 rows of ${series.name}`],
  ['a flag is missing', { name: series.name, scores: [1, 2], flags: [1] }, `rrcf gave an answer that does not belong to the 2 rows of ${series.name}`],
  ['it answers for another series', { name: 'other', scores: [1, 2], flags: null }, `rrcf gave an answer that does not belong to the 2 rows of ${series.name}`],
])('%s', (_, answer, message) => {
  expect(() => parseAnswerLine(JSON.stringify(answer), 'rrcf', series)).toThrow(message)
})

test('an answer that is no JSON is told', () => {
  expect(() => parseAnswerLine('Traceback', 'rrcf', series)).toThrow(`rrcf answered something else than JSON for ${series.name}: Traceback`)
})
