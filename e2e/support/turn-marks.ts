import { existsSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** A file of stories, in the order in which they are started. */
export interface Turn {
  file: string
  /** It needs the operator for itself: nothing else runs beside it. */
  alone: boolean
}

declare module 'vitest' {
  interface ProvidedContext {
    turns: Turn[]
    /** Folder with a mark for each file that is done. */
    turnsFolder: string
  }
}

const markOf = (folder: string, file: string): string => join(folder, `${basename(file)}.done`)

export const markDone = (folder: string, file: string): void => writeFileSync(markOf(folder, file), '')

export const isDone = (folder: string, file: string): boolean => existsSync(markOf(folder, file))

/** The files that must be done before this one begins. */
export function listEarlier(turns: readonly Turn[], file: string): string[] {
  const place = turns.findIndex((turn) => turn.file === file)
  const earlier = turns.slice(0, Math.max(place, 0))
  return (turns[place]?.alone === true ? earlier : earlier.filter(({ alone }) => alone)).map((turn) => turn.file)
}
