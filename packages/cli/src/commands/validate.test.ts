import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fleetText, pipelineText } from '../testing/manifests.ts'
import { recordingTerminal } from '../testing/lines.ts'
import { validate } from './validate.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidewatch-validate-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

test('says how many manifests of each file are valid', () => {
  const terminal = recordingTerminal()
  const both = write('both.yaml', `${pipelineText()}---\n${fleetText()}`)
  const one = write('one.yaml', pipelineText({ 'name: hvac': 'name: roof' }))
  expect(validate([both, one], terminal)).toBe(0)
  expect(terminal.written).toEqual([`${both}: 2 manifests are valid`, `${one}: 1 manifest is valid`])
  expect(terminal.complaints).toEqual([])
})

test('reads the manifests of a folder by name, and exits with 1 on the first error', () => {
  const terminal = recordingTerminal()
  write('b.yml', pipelineText({ 'size: 60s': 'size: 1 minute' }))
  write('a.json', '{}')
  write('readme.md', 'not read')
  expect(validate([folder], terminal)).toBe(1)
  expect(terminal.complaints.map((line) => line.replace(folder, '').split(' error:')[0])).toEqual(['/a.json:1:1:', '/a.json:1:1:', '/b.yml:13:13:'])
})

test('a warning does not fail', () => {
  const terminal = recordingTerminal()
  expect(validate([write('p.yaml', pipelineText({ 'delivery: AtLeastOnce': 'outputs: { sinks: { webhooks: [{ url: "https://example.org" }] } }' }))], terminal)).toBe(0)
  expect(terminal.complaints).toHaveLength(1)
})

test.each([
  ['a file that is not there', () => join(folder, 'absent.yaml'), 'no such file or folder'],
  ['a folder without manifests', () => folder, 'holds no .yaml, .yml or .json file'],
])('%s is one sentence', (_, path, sentence) => {
  expect(() => validate([path()], recordingTerminal())).toThrow(sentence)
})
