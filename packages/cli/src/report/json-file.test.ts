import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkWritable, writeJson } from './json-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidewatch-json-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('the check makes the folder, and leaves no file that was not there', () => {
  const file = join(folder, 'out', 'deep', 'result.json')
  checkWritable(file)
  expect(existsSync(file)).toBe(false)
  writeJson(file, { found: 1 })
  expect(readFileSync(file, 'utf8')).toBe('{\n  "found": 1\n}\n')
})

test('the check leaves an earlier result as it is', () => {
  const file = join(folder, 'kept.json')
  writeFileSync(file, 'earlier')
  checkWritable(file)
  expect(readFileSync(file, 'utf8')).toBe('earlier')
})

test('what cannot be written is said in a sentence, before the run and after it', () => {
  const complaint = { code: 'FILE_UNREADABLE', message: `${folder}: this is a folder, not a file` }
  expect(() => checkWritable(folder)).toThrow(expect.objectContaining(complaint))
  expect(() => writeJson(folder, {})).toThrow(expect.objectContaining(complaint))
})

test('a folder that cannot be made is said as well, where nobody can make any', () => {
  writeFileSync(join(folder, 'file'), '')
  for (const file of [join(folder, 'file', 'below', 'result.json'), '/proc/none/below/result.json']) {
    expect(() => checkWritable(file)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }))
  }
})
