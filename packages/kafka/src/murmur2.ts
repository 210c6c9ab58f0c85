const seed = 0x9747b28c
const m = 0x5bd1e995

/**
 * The hash by which the Java client spreads keys over partitions (32-bit murmur2), as a signed integer.
 *
 * @see org.apache.kafka.common.utils.Utils#murmur2
 */
export function murmur2(data: Uint8Array): number {
  const length = data.length
  let h = seed ^ length
  const whole = length & ~3
  for (let i = 0; i < whole; i += 4) {
    let k = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24)
    k = Math.imul(k, m)
    k ^= k >>> 24
    h = Math.imul(h, m) ^ Math.imul(k, m)
  }
  const rest = length - whole
  if (rest === 3) h ^= data[whole + 2]! << 16
  if (rest >= 2) h ^= data[whole + 1]! << 8
  if (rest >= 1) h = Math.imul(h ^ data[whole]!, m)
  h ^= h >>> 13
  h = Math.imul(h, m)
  return h ^ (h >>> 15)
}

/** The partition of a key, as the Java client's default partitioner has it. */
export function partitionOf(key: Uint8Array | string, partitionCount: number): number {
  return (murmur2(typeof key === 'string' ? toBytes(key) : key) & 0x7fffffff) % partitionCount
}

/** Used for one key at a time, to spare a buffer for each. */
const scratch = Buffer.allocUnsafe(1_024)

/** A string's UTF-8 bytes; good until the next call. */
function toBytes(text: string): Uint8Array {
  // A UTF-16 unit takes at most three bytes.
  if (text.length * 3 > scratch.length) return Buffer.from(text)
  return scratch.subarray(0, scratch.write(text))
}
