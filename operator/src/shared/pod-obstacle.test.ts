import { expect, test } from 'vitest'
import { aPod } from '../pipeline/testing/an-observed.ts'
import { findLastWords } from './pod-obstacle.ts'

const ended = (exitCode: number, message: string, finishedAt: string) => aPod({ state: { terminated: { exitCode, message, finishedAt } } })

test.each([
  ['the error of a simulator\'s report', '{"sent":12,"sendErrors":0,"error":"There is no topic readings"}', 'There is no topic readings'],
  ['the last line of our log', '{"level":"info","msg":"x"}\n{"level":"fatal","msg":"There is no topic readings"}', 'There is no topic readings'],
  ['a line of somebody else', 'Killed', 'Killed'],
  ['nothing of a report without an error', '{"sent":12,"sendErrors":0}', undefined],
  ['nothing where nothing was said', '', undefined],
])('the last words are %s', (_, message, words) => {
  expect(findLastWords([ended(1, message, '2026-01-02T12:00:00Z')])).toBe(words)
})

test('the pod that failed last speaks, not one that has done its work', () => {
  const pods = [ended(1, 'first', '2026-01-02T12:00:00Z'), ended(1, 'last', '2026-01-02T12:00:05Z'), ended(0, 'done', '2026-01-02T12:00:09Z'), aPod({ state: { running: {} } })]
  expect(findLastWords(pods)).toBe('last')
})
