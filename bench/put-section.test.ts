import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { putSection } from './put-section.ts'

test('text takes the place of what was there, and nothing else changes', () => {
  const page = 'before\n<!-- a:b -->\nold\n<!-- /a:b -->\nafter\n'
  expect(putSection(page, 'a:b', 'new')).toBe('before\n<!-- a:b -->\n\n```text\nnew\n```\n\n<!-- /a:b -->\nafter\n')
})

test('a page without the place is refused', () => {
  expect(() => putSection('<!-- a:b -->', 'a:b', 'new')).toThrow('The page has no place for the table: write the lines "<!-- a:b -->" and "<!-- /a:b -->" where it belongs')
})

test.each(['speed', 'latency', 'scale'])('the page of performance has a place for %s', (name) => {
  const page = readFileSync(fileURLToPath(new URL('../docs/reference/performance.md', import.meta.url)), 'utf8')
  expect(putSection(page, `performance:${name}`, 'a table')).toContain('a table')
})
