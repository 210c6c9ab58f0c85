/** Rotates 32 bits to the left. */
const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))

function finish(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

const c1 = 0x239b961b
const c2 = 0xab0e9789 | 0
const c3 = 0x38b34ae5
const c4 = 0xa1e38b93 | 0

/**
 * MurmurHash3_x86_128: 128 bits, well spread, fast in 32-bit arithmetic, the same everywhere. Not for secrets.
 *
 * @returns 32 hexadecimal digits.
 * @see Austin Appleby's MurmurHash3.cpp (public domain).
 */
export function murmur3(bytes: Uint8Array, seed = 0): string {
  const { length } = bytes
  let h1 = seed
  let h2 = seed
  let h3 = seed
  let h4 = seed
  const blocksEnd = length - (length % 16)
  for (let at = 0; at < blocksEnd; at += 16) {
    h1 ^= Math.imul(rotate(Math.imul(wordAt(bytes, at), c1), 15), c2)
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0
    h2 ^= Math.imul(rotate(Math.imul(wordAt(bytes, at + 4), c2), 16), c3)
    h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0
    h3 ^= Math.imul(rotate(Math.imul(wordAt(bytes, at + 8), c3), 17), c4)
    h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0
    h4 ^= Math.imul(rotate(Math.imul(wordAt(bytes, at + 12), c4), 18), c1)
    h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0
  }

  // The tail, as words that lack their upper bytes.
  h4 ^= Math.imul(rotate(Math.imul(tailWordAt(bytes, blocksEnd + 12), c4), 18), c1)
  h3 ^= Math.imul(rotate(Math.imul(tailWordAt(bytes, blocksEnd + 8), c3), 17), c4)
  h2 ^= Math.imul(rotate(Math.imul(tailWordAt(bytes, blocksEnd + 4), c2), 16), c3)
  h1 ^= Math.imul(rotate(Math.imul(tailWordAt(bytes, blocksEnd), c1), 15), c2)

  h1 ^= length
  h2 ^= length
  h3 ^= length
  h4 ^= length
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = (h2 + h1) | 0
  h3 = (h3 + h1) | 0
  h4 = (h4 + h1) | 0
  h1 = finish(h1)
  h2 = finish(h2)
  h3 = finish(h3)
  h4 = finish(h4)
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = (h2 + h1) | 0
  h3 = (h3 + h1) | 0
  h4 = (h4 + h1) | 0
  digest.writeInt32BE(h1 | 0, 0)
  digest.writeInt32BE(h2 | 0, 4)
  digest.writeInt32BE(h3 | 0, 8)
  digest.writeInt32BE(h4 | 0, 12)
  return digest.toString('hex')
}

/** Written over by each call. */
const digest = Buffer.alloc(16)

const wordAt = (bytes: Uint8Array, at: number): number => bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)

/** A word of which bytes may be beyond the end. */
function tailWordAt(bytes: Uint8Array, at: number): number {
  let word = 0
  for (let i = Math.min(at + 4, bytes.length) - 1; i >= at; i--) word = (word << 8) | bytes[i]!
  return word
}
