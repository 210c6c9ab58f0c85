import { compress, uncompress } from 'snappy'
import type { Codec } from './index.ts'

/**
 * Kafka's snappy wears the frame of xerial's Java library: a magic, two version numbers, then blocks, each with its
 * packed length in front. Some producers (librdkafka) send one bare block instead, so both are read.
 */
const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const header = Buffer.concat([magic, Buffer.from('0000000100000001', 'hex')])

/** xerial's own block size. */
const blockBytes = 32 * 1024

export const snappy: Codec = {
  async compress({ buffer }) {
    const parts: Buffer[] = [header]
    for (let start = 0; start < buffer.length; start += blockBytes) {
      const block = await compress(buffer.subarray(start, start + blockBytes))
      const length = Buffer.allocUnsafe(4)
      length.writeInt32BE(block.length)
      parts.push(length, block)
    }
    return Buffer.concat(parts)
  },

  async decompress(packed) {
    if (!packed.subarray(0, magic.length).equals(magic)) return (await uncompress(packed)) as Buffer
    const parts: Buffer[] = []
    for (let at = header.length; at < packed.length;) {
      const length = packed.readInt32BE(at)
      parts.push((await uncompress(packed.subarray(at + 4, at + 4 + length))) as Buffer)
      at += 4 + length
    }
    return Buffer.concat(parts)
  },
}
