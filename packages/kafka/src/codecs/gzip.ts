import { promisify } from 'node:util'
import { gunzip, gzip as pack } from 'node:zlib'
import type { Codec } from './index.ts'

const packAsync = promisify<Buffer, { level: number }, Buffer>(pack)
const unpackAsync = promisify<Buffer, Buffer>(gunzip)

/** Level 1 packs telemetry within a few per cent of level 6 in a third of the time. */
export const gzip: Codec = {
  compress: ({ buffer }) => packAsync(buffer, { level: 1 }),
  decompress: (packed) => unpackAsync(packed),
}
