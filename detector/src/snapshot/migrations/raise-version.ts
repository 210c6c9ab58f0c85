import { crc32 } from 'node:zlib'
import { splitSnapshots } from '../split.ts'
import { trailerBytes } from '../writer.ts'

/** Of the header: "TWSNAP", version, byte order, next offset (f64), configuration (a text), and whether it follows another one. */
const versionAt = 6
const configurationAt = 16
const checksumBytes = 4

/**
 * Brings snapshots to a layout in which all that they hold means the same: only the version changes, and with it the checksum, which the
 * increment behind carries too.
 */
export function raiseVersion(snapshot: Uint8Array, version: number): Uint8Array {
  let checksumBefore = 0
  return Buffer.concat(
    splitSnapshots(snapshot).map((part) => {
      const raised = Buffer.from(part)
      const contentEnd = raised.length - trailerBytes
      raised[versionAt] = version
      // Of a text's length the lowest bit says how it is encoded.
      const followsAt = configurationAt + 4 + Math.floor(raised.readUInt32LE(configurationAt) / 2)
      if (raised[followsAt] === 1) raised.writeUInt32LE(checksumBefore, followsAt + 1 + 4)
      checksumBefore = crc32(raised.subarray(0, contentEnd))
      raised.writeUInt32LE(checksumBefore, raised.length - checksumBytes)
      return raised
    }),
  )
}
