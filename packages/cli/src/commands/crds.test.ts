import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildCrds } from '@tidewatch/api'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { recordingTerminal } from '../testing/lines.ts'
import { crds, formatCrd } from './crds.ts'

test('prints both CRDs as YAML documents, and nothing else', () => {
  const terminal = recordingTerminal()
  expect(crds(terminal)).toBe(0)
  expect(parseAllDocuments(terminal.written.join('\n')).map((document) => document.toJS() as unknown)).toEqual(buildCrds())
  expect(terminal.complaints).toEqual([])
})

test.each(buildCrds())('the file under crds/ is what is printed of $spec.names.plural', (crd) => {
  expect(readFileSync(new URL(`../../../../crds/${crd.spec.names.plural}.yaml`, import.meta.url), 'utf8')).toBe(formatCrd(crd))
})

test('a pipe gets the whole text, which is longer than its buffer', () => {
  const { status, stdout } = spawnSync(process.execPath, [fileURLToPath(new URL('../main.ts', import.meta.url)), 'crds'], { encoding: 'utf8' })
  const terminal = recordingTerminal()
  crds(terminal)
  expect([status, stdout]).toEqual([0, `${terminal.written.join('\n')}\n`])
})
