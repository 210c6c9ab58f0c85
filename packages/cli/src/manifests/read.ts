import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, defineError, messageOf } from '@tidewatch/kit'
import type { ManifestText } from './check.ts'

export const FileUnreadable = defineError('FILE_UNREADABLE', { retry: 'never' })

export const stdinName = '<stdin>'

/**
 * Reads manifests from files, folders (every .yaml, .yml and .json directly in them, by name) and `-`,
 * standard input.
 *
 * @throws FileUnreadable naming the file and why.
 */
export function readManifestTexts(paths: readonly string[]): ManifestText[] {
  return paths.flatMap((path) => {
    try {
      if (path === '-') return [{ file: stdinName, text: readFileSync(0, 'utf8') }]
      return listFiles(path).map((file) => ({ file, text: readFileSync(file, 'utf8') }))
    } catch (error) {
      throw error instanceof FileUnreadable ? error : new FileUnreadable(unreadable(path, error), { cause: error })
    }
  })
}

function listFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  const files = readdirSync(path)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => join(path, name))
  if (files.length === 0) throw new FileUnreadable(`${path} holds no .yaml, .yml or .json file`)
  return files
}

/** One sentence for a file that cannot be read or written. */
export function unreadable(path: string, error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `${path}: no such file or folder`
    case 'EACCES':
    case 'EPERM':
      return `${path}: no permission to open it`
    case 'EISDIR':
      return `${path}: this is a folder, not a file`
    case 'ENOSPC':
      return `${path}: the disk is full`
    default:
      return `${path}: ${messageOf(error)}`
  }
}
