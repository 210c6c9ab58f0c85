import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mergeFigures, readEarlierRun } from './merge.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidewatch-numbers-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (content: unknown): string => {
  const file = join(folder, 'run.json')
  writeFileSync(file, JSON.stringify(content))
  return file
}

test('an earlier run gives its figures without its summary', () => {
  expect(readEarlierRun(write({ nab: { discord: { standard: 68 } }, numbers: { NAB: { must: 64 } } }))).toEqual({ nab: { discord: { standard: 68 } } })
})

test.each([[{ nob: {} }], [[]], [{ nab: [] }], [{ nab: { discord: 3 } }], [null]])('%j is no run', (content) => {
  const file = write(content)
  expect(() => readEarlierRun(file)).toThrow(`--from ${file}: is not what --json of this command writes`)
})

test('who was run again has the new figures, and the others keep theirs', () => {
  const earlier = { nab: { discord: { standard: 1 }, always: { standard: 0 } }, skab: { discord: { f1: 1 } } }
  expect(mergeFigures(earlier, 'nab', [{ contender: 'discord', json: { standard: 2 } }])).toEqual({ nab: { discord: { standard: 2 }, always: { standard: 0 } }, skab: { discord: { f1: 1 } } })
  expect(mergeFigures({}, 'cost', [])).toEqual({ cost: {} })
  expect(earlier.nab.discord).toEqual({ standard: 1 })
})
