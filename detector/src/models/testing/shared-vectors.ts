import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Where the vectors lie: beside the repository, or in TIDEWATCH_SHARED. They are read in place and never copied here. */
const folder = process.env['TIDEWATCH_SHARED'] ?? fileURLToPath(new URL('../../../../../shared', import.meta.url))

/**
 * A vector file, and the words for the title of the test that needs it: a test that cannot run says so.
 */
export function sharedVector(name: string): { exists: boolean; note: string; read: <T>() => T; readText: () => string } {
  const path = `${folder}/vectors/${name}`
  const exists = existsSync(path)
  return {
    exists,
    note: exists ? '' : ` [NOT RUN: ${path} is absent]`,
    read: <T>() => JSON.parse(readFileSync(path, 'utf8')) as T,
    readText: () => readFileSync(path, 'utf8'),
  }
}
