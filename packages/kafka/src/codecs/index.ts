import { gzip } from './gzip.ts'
import { lz4 } from './lz4.ts'
import { snappy } from './snappy.ts'
import { zstd } from './zstd.ts'

/** Packs the records of a batch; the shape that kafkajs asks for. */
export interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>
  decompress(packed: Buffer): Promise<Buffer>
}

/** Each compression with the number that stands for it in a batch's attributes. */
export const codecs = {
  none: { type: 0, codec: undefined },
  gzip: { type: 1, codec: gzip },
  snappy: { type: 2, codec: snappy },
  lz4: { type: 3, codec: lz4 },
  zstd: { type: 4, codec: zstd },
} as const satisfies Record<string, { type: number; codec: Codec | undefined }>

export type Compression = keyof typeof codecs
