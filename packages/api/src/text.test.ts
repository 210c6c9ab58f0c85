import { expect, test } from 'vitest'
import { mapOf } from './map.ts'
import { text } from './text.ts'

test.each([
  ['', ['must have 1']],
  ['a', []],
  ['🙂🙂🙂', []],
  ['🙂🙂🙂🙂', ['must have 3']],
])('text(1, 3) counts the characters of "%s" as the API server does', (value, wanted) => {
  const issues = text(1, 3).safeParse(value).error?.issues ?? []
  expect(issues.map((issue) => (issue.code === 'too_small' ? `must have ${issue.minimum}` : issue.code === 'too_big' ? `must have ${issue.maximum}` : issue.code))).toEqual(wanted)
})

test.each([
  [{ a: 'x' }, true],
  [{ a: 'x', b: 'y', c: 'z' }, false],
  [{ '🙂🙂🙂🙂': 'x' }, true],
  [{ abcde: 'x' }, false],
])('a map of at most 2 entries with keys of at most 4 characters: %j', (value, isAccepted) => {
  expect(mapOf(text(0, 9), { maxEntries: 2, maxKeyLength: 4 }).safeParse(value).success).toBe(isAccepted)
})
