import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import type { Codec } from './index.ts'

const packAsync = promisify<Buffer, Buffer>(zstdCompress)
const unpackAsync = promisify<Buffer, Buffer>(zstdDecompress)

export const zstd: Codec = {
  compress: ({ buffer }) => packAsync(buffer),
  decompress: (packed) => unpackAsync(packed),
}
