import { expect, test } from 'vitest'
import { checkPattern } from './check-pattern.ts'

test.each([
  ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', undefined],
  ['^[0-9]+[.][0-9]{1,1000}$', undefined],
  [String.raw`^\$(?:\.[A-Za-z_]+|\['[^'\]]+'\])+$`, undefined],
  ['^(?=a)', 'RE2 has no look-around'],
  ['(?<!a)b', 'RE2 has no look-around'],
  [String.raw`(a)\1`, 'RE2 has no references to groups'],
  ['(?<name>a)', 'RE2 spells named groups otherwise'],
  [String.raw`^[^\s,]+$`, '\\s is Unicode white space in JavaScript and ASCII in RE2: write the characters'],
  [String.raw`\u00e9`, 'RE2 has no \\u: write the characters themselves'],
  [String.raw`a\b`, '\\b differs inside brackets: write what may stand there'],
  ['^a.b$', 'a dot leaves out other line ends in RE2: write the characters in brackets'],
  ['a{1001}', 'RE2 repeats at most 1000 times'],
  ['a{1,2000}', 'RE2 repeats at most 1000 times'],
])('%s: %s', (source, problem) => {
  expect(checkPattern(source)).toBe(problem)
})
