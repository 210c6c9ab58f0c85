import { closeSync, existsSync, mkdirSync, openSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { FileUnreadable, unreadable } from '../manifests/read.ts'

/**
 * Makes the file's folder and checks that the file can be written: better before a long run than after it.
 *
 * @throws FileUnreadable
 */
export function checkWritable(file: string): void {
  try {
    makeFolder(dirname(resolve(file)))
    const isNew = !existsSync(file)
    closeSync(openSync(file, 'a'))
    if (isNew) unlinkSync(file)
  } catch (error) {
    throw new FileUnreadable(unreadable(file, error), { cause: error })
  }
}

export function writeJson(file: string, value: object): void {
  try {
    writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
  } catch (error) {
    throw new FileUnreadable(unreadable(file, error), { cause: error })
  }
}

/** Folder by folder: Node's own recursive way never returns where a file system lets nobody create any, as below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  try {
    mkdirSync(folder)
  } catch (error) {
    // Made by somebody else in the meantime.
    if (!existsSync(folder)) throw error
  }
}
