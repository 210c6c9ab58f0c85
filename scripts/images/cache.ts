import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Where layers and images are kept between runs. */
export function imagesCacheDir(environment: Record<string, string | undefined> = process.env): string {
  return join(environment['TIDEWATCH_CACHE_DIR'] || join(homedir(), '.cache', 'tidewatch'), 'images')
}

/** Leftovers this old belong to a run that was killed; younger ones to one that still works. */
const leftoverAgeMs = 3_600_000

/**
 * The file or folder at `path`; made by `make` where it is not there yet. It is put together in a folder beside it and
 * renamed at the end: a run that was killed leaves nothing that looks finished, and of two runs at once one wins.
 *
 * @param make writes to the path it is given.
 */
export async function ensureCached(path: string, make: (unfinished: string) => Promise<void>): Promise<string> {
  if (existsSync(path)) return path
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  await removeOlder(folder, (name) => name.startsWith('.unfinished-'), leftoverAgeMs)
  const workplace = await mkdtemp(join(folder, '.unfinished-'))
  try {
    const unfinished = join(workplace, 'content')
    await make(unfinished)
    await rename(unfinished, path).catch((error: unknown) => {
      // Somebody else was faster: theirs has the same content.
      if (!existsSync(path)) throw error
    })
  } finally {
    await rm(workplace, { recursive: true, force: true })
  }
  return path
}

/** Removes what is chosen and was not touched for so long. */
export async function removeOlder(folder: string, isChosen: (name: string) => boolean, ageMs: number, nowMs = Date.now()): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!isChosen(name)) continue
    const path = join(folder, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: nowMs }))
    if (nowMs - mtimeMs > ageMs) await rm(path, { recursive: true, force: true })
  }
}
