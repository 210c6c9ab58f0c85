import { compressFrame, decompressFrame } from 'lz4-napi'
import type { Codec } from './index.ts'

/** Kafka's LZ4 is the frame format, not the bare block that most bindings mean by "lz4". */
export const lz4: Codec = {
  compress: ({ buffer }) => compressFrame(buffer),
  decompress: (packed) => decompressFrame(packed),
}
