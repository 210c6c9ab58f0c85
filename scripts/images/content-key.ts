import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { computeClosure, type LockedPackage } from './closure.ts'
import { isOurs, type AppName } from './stage.ts'

const keyLength = 16

/** A short hash of texts; each is set apart, so that no two lists give the same. */
export function hashTexts(texts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}\n`).update(text)
  return hash.digest('hex').slice(0, keyLength)
}

/** A short hash of files: their names and what is in them. */
export async function hashFiles(root: string, paths: readonly string[]): Promise<string> {
  const texts = await Promise.all(paths.map((path) => readFile(join(root, path), 'latin1')))
  return hashTexts(paths.flatMap((path, index) => [path, texts[index] ?? '']))
}

/**
 * A short hash of everything that `stageApp` would put into an image: our files by content, packages of others by
 * what the lock file says of them, and the code that stages.
 */
export async function hashApp(app: AppName, root: string): Promise<string> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, LockedPackage> }
  const { workspaces, packages } = computeClosure(lock.packages, app, (folder) => existsSync(join(root, folder)))
  const files = ['scripts/images/stage.ts', 'scripts/images/closure.ts']
  for (const folder of workspaces) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(join(root, folder).length + 1))
    files.push(...paths.filter(isOurs).sort().map((path) => `${folder}/${path}`))
  }
  const locked = packages.map((path) => JSON.stringify([path, lock.packages[path]]))
  return hashTexts([await hashFiles(root, files), ...locked])
}
