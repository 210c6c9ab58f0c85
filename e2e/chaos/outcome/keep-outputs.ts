import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where results go. */
export const outFolder = fileURLToPath(new URL('../../../out', import.meta.url))

/** Keeps what the detectors of a run that went wrong have said, one file each. @returns the folder. */
export function keepOutputs(test: string, outputs: readonly string[]): string {
  const folder = join(outFolder, 'chaos')
  mkdirSync(folder, { recursive: true })
  outputs.forEach((output, slot) => writeFileSync(join(folder, `${test}-detector-${slot}.log`), output))
  return folder
}
