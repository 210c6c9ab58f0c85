import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDir } from '../cluster/cache.ts'

/** A leftover this old belongs to a run that was killed half-way. */
const leftoverAgeMs = 3_600_000

/**
 * Gives a folder of the cache; where there is none of this name, `fill` makes its content first. Put what the content
 * depends on into the name.
 *
 * It is filled under another name and renamed at the end: a run that was killed leaves nothing that looks finished, and
 * of two runs at once the later one finds the work done.
 */
export async function ensureCachedFolder(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const cache = cacheDir()
  const finished = join(cache, name)
  if (existsSync(finished)) return finished
  mkdirSync(cache, { recursive: true })
  removeLeftovers(cache)
  const unfinished = mkdtempSync(`${finished}.unfinished-`)
  try {
    await fill(unfinished)
    renameSync(unfinished, finished)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    // Somebody else was faster: theirs is as good as ours.
    if (!existsSync(finished)) throw error
  }
  return finished
}

function removeLeftovers(cache: string): void {
  for (const name of readdirSync(cache)) {
    if (!name.includes('.unfinished-')) continue
    const path = join(cache, name)
    // Its maker may be renaming it at this moment.
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > leftoverAgeMs) rmSync(path, { recursive: true, force: true })
  }
}
