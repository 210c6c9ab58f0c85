import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { runProgram } from './run.ts'

/** One layer of an image: a tar file that is not compressed. */
export interface Layer {
  /** Says what is in it, for `docker history`. */
  title: string
  file: string
  /** SHA-256 of the tar file, in hexadecimal digits: the layer's `diff_id`. */
  digest: string
  sizeBytes: number
}

/**
 * Writes a folder as a layer. The same content gives the same bytes: sorted, of one time, all owned by root. Modes are
 * written as they are: whoever fills the folder sets them, whatever the machine's umask.
 */
export async function writeLayer(folder: string, file: string): Promise<void> {
  // By name, so that the folder itself, which has the mode of a temporary one, is left out.
  const entries = (await readdir(folder)).sort()
  await runProgram('tar', [
    '--create',
    `--file=${file}`,
    `--directory=${folder}`,
    '--format=posix',
    '--sort=name',
    '--mtime=@0',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    // Without it, pax headers carry the process id and the times of access.
    '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime',
    '--',
    ...entries,
  ])
}

/** Reads what an archive needs to know of a layer. */
export async function readLayer(title: string, file: string): Promise<Layer> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return { title, file, digest: hash.digest('hex'), sizeBytes: (await stat(file)).size }
}
