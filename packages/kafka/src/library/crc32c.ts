/**
 * CRC-32C (Castagnoli) by eight tables, eight bytes a step: about four times as fast as byte by byte, and Node's zlib has
 * only the other polynomial.
 *
 * @see Kounavis and Berry, "Novel table lookup-based algorithms for high-performance CRC generation", 2008.
 */
const polynomial = 0x82f63b78
const tables = buildTables()

export function crc32c(data: Uint8Array): number {
  let crc = -1
  let at = 0
  for (const end = data.length - 7; at < end; at += 8) {
    const low = crc ^ (data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24))
    crc =
      tables[1792 + (low & 0xff)]! ^
      tables[1536 + ((low >>> 8) & 0xff)]! ^
      tables[1280 + ((low >>> 16) & 0xff)]! ^
      tables[1024 + (low >>> 24)]! ^
      tables[768 + data[at + 4]!]! ^
      tables[512 + data[at + 5]!]! ^
      tables[256 + data[at + 6]!]! ^
      tables[data[at + 7]!]!
  }
  for (; at < data.length; at++) crc = tables[(crc ^ data[at]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

/** Table k at k * 256: what a byte does to the sum when k more bytes follow it. */
function buildTables(): Int32Array {
  const built = new Int32Array(8 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    built[byte] = crc
  }
  for (let k = 1; k < 8; k++) {
    for (let byte = 0; byte < 256; byte++) {
      const before = built[(k - 1) * 256 + byte]!
      built[k * 256 + byte] = built[before & 0xff]! ^ (before >>> 8)
    }
  }
  return built
}
