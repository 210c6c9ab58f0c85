import { crc32 } from 'node:zlib'
import { splitSnapshots } from '../split.ts'
import { trailerBytes } from '../writer.ts'

/** Of the header: "TWSNAP", version, byte order, next offset (f64), configuration (a text), and whether it follows another one. */
const versionAt = 6
const configurationAt = 16
const checksumBytes = 4

/**
 * Layout 3 has more bits in what a group and its model have: what was told of it (verdict/group-memory.ts), its pulse (snapshot/partition-state.ts),
 * what watches for drifts (verdict/entry-state.ts). In layout 2 they are 0, so the state stays as it is: only the version changes, and
 * with it the checksum, which the increment behind carries too.
 */
export function fromLayout2(snapshot: Uint8Array): Uint8Array {
  let checksumBefore = 0
  return Buffer.concat(
    splitSnapshots(snapshot).map((part) => {
      const raised = Buffer.from(part)
      const contentEnd = raised.length - trailerBytes
      raised[versionAt] = 3
      // Of a text's length the lowest bit says how it is encoded.
      const followsAt = configurationAt + 4 + Math.floor(raised.readUInt32LE(configurationAt) / 2)
      if (raised[followsAt] === 1) raised.writeUInt32LE(checksumBefore, followsAt + 1 + 4)
      checksumBefore = crc32(raised.subarray(0, contentEnd))
      raised.writeUInt32LE(checksumBefore, raised.length - checksumBytes)
      return raised
    }),
  )
}
