import { expect, test } from 'vitest'
import { compareRecords, compareVerdicts } from './comparison.ts'

const verdict = (id: string, score = 0.5) => JSON.stringify({ id, anomaly_score: score })
const expected = ['a', 'b', 'c'].map((id) => verdict(id))
const kept = { expected: 3, found: 3, lost: 0, repeated: 0, changed: 0, unexpected: 0 }

test.each([
  ['all are there once, in another order', expected.toReversed(), {}],
  ['one was dropped', expected.slice(1), { found: 2, lost: 1 }],
  ['one is there twice', [...expected, expected[0]!], { found: 4, repeated: 1 }],
  ['one has another score', [...expected.slice(1), verdict('a', 0.6)], { changed: 1 }],
  ['one is there twice, once with another score', [...expected, verdict('a', 0.6)], { found: 4, repeated: 1, changed: 1 }],
  ['one was not expected', [...expected, verdict('x')], { found: 4, unexpected: 1 }],
  ['none is there', [], { found: 0, lost: 3 }],
])('verdicts: %s', (_, found, difference) => {
  expect(compareVerdicts(expected, found)).toEqual({ ...kept, ...difference })
})

test('verdicts that cannot be told apart are refused', () => {
  expect(() => compareVerdicts([verdict('a'), verdict('a')], [])).toThrow('Two expected verdicts have the id a: the recording cannot tell one from the other')
  expect(() => compareVerdicts([], ['{}'])).toThrow('A verdict has no id: {}')
})

test.each([
  ['each is there as often as expected', ['x', 'y', 'x'], {}],
  ['one of two equal ones was dropped', ['x', 'y'], { found: 2, lost: 1 }],
  ['one of them is there once more', ['x', 'x', 'x', 'y'], { found: 4, repeated: 1 }],
  ['one was not expected', ['x', 'x', 'y', 'z'], { found: 4, unexpected: 1 }],
])('records: %s', (_, found, difference) => {
  expect(compareRecords(['x', 'x', 'y'], found)).toEqual({ ...kept, ...difference })
})
