import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { benchmarkNames } from './benchmark.ts'
import { numbersKey } from './numbers/merge.ts'
import { putTable } from './put-table.ts'

const page = 'before\n<!-- accuracy:nab -->\nold\n<!-- /accuracy:nab -->\nbetween\n<!-- accuracy:skab -->\n<!-- /accuracy:skab -->\nafter\n'

test('a table takes the place of the one before it, and nothing else changes', () => {
  const once = putTable(page, 'nab', 'a  1')
  expect(once).toBe('before\n<!-- accuracy:nab -->\n\n```text\na  1\n```\n\n<!-- /accuracy:nab -->\nbetween\n<!-- accuracy:skab -->\n<!-- /accuracy:skab -->\nafter\n')
  expect(putTable(once, 'nab', 'a  1')).toBe(once)
})

test('a page without a place for it is refused', () => {
  expect(() => putTable(page, 'flows', 'a')).toThrow('The page has no place for the table: write the lines "<!-- accuracy:flows -->" and "<!-- /accuracy:flows -->" where it belongs')
})

test('the page on models has a place for every table', () => {
  const models = readFileSync(new URL('../../docs/concepts/models.md', import.meta.url), 'utf8')
  for (const name of [...benchmarkNames, numbersKey]) expect(putTable(models, name, `the table of ${name}`)).toContain(`<!-- accuracy:${name} -->\n\n\`\`\`text\nthe table of ${name}\n`)
})
