import { SnapshotDamaged } from './errors.ts'
import { trailerBytes } from './writer.ts'

/**
 * A full snapshot and the increments behind it, one by one: from the back, where each says how long it is.
 *
 * @throws SnapshotDamaged where lengths do not come out even.
 */
export function splitSnapshots(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = bytes.length
  do {
    const contentEnd = end - trailerBytes
    const start = contentEnd < 0 ? -1 : contentEnd - view.getUint32(contentEnd, true)
    if (start < 0) throw new SnapshotDamaged(`The snapshot is damaged: it is too short. Take the checkpoint before it, or start without one.`)
    parts.unshift(bytes.subarray(start, end))
    end = start
  } while (end > 0)
  return parts
}
