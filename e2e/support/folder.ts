import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A folder for the tests of one file, removed after them. */
export function useFolder(): { path: (name: string) => string; write: (name: string, text: string) => string; readJson: (name: string) => Record<string, unknown> } {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-e2e-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const path = (name: string) => join(folder, name)
  return {
    path,
    write: (name, text) => {
      writeFileSync(path(name), text)
      return path(name)
    },
    readJson: (name) => JSON.parse(readFileSync(path(name), 'utf8')) as Record<string, unknown>,
  }
}
