import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Recordings that lie beside the checkout and are never part of it. */
const folder = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))

/**
 * The path of a recording, or undefined, said aloud, where there is none: such a test then checks nothing.
 */
export function findRecording(name: string): string | undefined {
  const file = `${folder}${name}`
  if (existsSync(file)) return file
  console.warn(`NOT CHECKED: there is no ${file}; see shared/data/README.md`)
  return undefined
}
