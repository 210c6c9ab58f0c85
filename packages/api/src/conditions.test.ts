import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeConditions, reasons } from './conditions.ts'

test('docs/reference/conditions.md is what the code says', () => {
  expect(readFileSync(new URL('../../../docs/reference/conditions.md', import.meta.url), 'utf8')).toBe(describeConditions())
})

test.each(Object.entries(reasons))('%s is one sentence that says when it is told', (name, text) => {
  expect(name).toMatch(/^[A-Z][A-Za-z]+$/)
  expect(text).toMatch(/^Told (of [A-Z][A-Za-z]+ )?when [^.]+(\.[a-zA-Z][^.]+)*\.$/)
})
