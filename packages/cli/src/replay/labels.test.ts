import { expect, test } from 'vitest'
import { findSpans, labelFileCandidates, scanRecording } from './labels.ts'
import { scoreRecording, totalScore } from './score.ts'
import { renderScores } from './text.ts'

const minute = (n: number) => Date.UTC(2020, 0, 1, 0, n)
const span = (from: number, to = from) => ({ startMs: minute(from), endMs: minute(to) })
const columns = { delimiter: ',', names: ['time', 'x', 'anomaly'], time: 'time', timeFormat: 'Iso8601' as const, values: ['x'], label: 'anomaly' }
const row = (n: number, label: string) => `2020-01-01 00:${String(n).padStart(2, '0')}:00,1,${label}`

test('labelled rows that follow each other are one span', () => {
  const lines = [row(0, '0.0'), row(1, '1.0'), row(2, '1.0'), row(3, '0.0'), row(4, '1.0'), '']
  expect(scanRecording(lines, columns)).toEqual({ rows: 5, spans: [span(1, 2), span(4)], intervalMs: 60_000 })
})

test('a file of labels names a recording by folder and file, or by file', () => {
  const labels = { 'real/a.csv': [['2020-01-01 00:01:00.000000', '2020-01-01 00:02:00.000000']], 'b.csv': ['2020-01-01 00:03:00'], 'real/none.csv': [] }
  expect(findSpans(labels, '/data/real/a.csv')).toEqual([span(1, 2)])
  expect(findSpans(labels, '/elsewhere/b.csv')).toEqual([span(3)])
  expect(findSpans(labels, '/data/real/none.csv')).toEqual([])
  expect(findSpans(labels, '/data/other/a.csv')).toBeUndefined()
  expect(findSpans(null, '/data/real/a.csv')).toBeUndefined()
})

test('labels are looked for beside every folder above, the nearest first', () => {
  expect(labelFileCandidates('/nab/data/real/a.csv')).toEqual([
    '/nab/data/real/labels/combined_windows.json',
    '/nab/data/labels/combined_windows.json',
    '/nab/labels/combined_windows.json',
    '/labels/combined_windows.json',
  ])
})

test.each([
  ['found once, however often it is flagged', [span(10, 20)], [span(12), span(13)], { found: 1, falseAlarms: 0, flagged: 2 }],
  ['a window that touches its edge', [span(10, 20)], [span(5, 10)], { found: 1, falseAlarms: 0 }],
  ['missed, with two episodes outside', [span(10, 20)], [span(30), span(35), span(50)], { found: 0, falseAlarms: 2 }],
  ['without labels everything is outside', undefined, [span(1)], { labelled: 0, falseAlarms: 1, isLabelled: false }],
] as const)('a score: %s', (_, labels, alarms, expected) => {
  expect(scoreRecording('a.csv', 60, labels, alarms, 60_000)).toMatchObject(expected)
})

test('the scores as they are printed, without what all names have in common', () => {
  const scores = [scoreRecording('nab/real/a.csv', 4_032, [span(10, 20)], [span(12)], 60_000), scoreRecording('nab/real/b.csv', 100, undefined, [], 60_000)]
  expect(totalScore(scores)).toMatchObject({ file: '2 recordings', readings: 4_132, labelled: 1, found: 1 })
  expect(renderScores(scores)).toBe(
    `in nab/real/       readings     labelled        found false alarms      flagged
a.csv                 4,032            1            1            0            1
b.csv                   100            -            -            0            0
2 recordings          4,132            1            1            0            1
1 of 2 recordings have no labels; everything flagged in them counts as a false alarm.
A false alarm is an episode: flagged readings at most ten rows apart, outside of every labelled window.`,
  )
})
