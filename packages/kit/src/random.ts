/**
 * mulberry32: a 32-bit generator, fast, seeded and the same everywhere. Not for secrets.
 *
 * @param seed any integer; only its low 32 bits count.
 * @returns a function giving numbers uniform in [0, 1), in steps of 2^-32.
 * @see Tommy Ettinger's mulberry32 (public domain); checked against `shared/vectors/mulberry32_first.json`.
 */
export function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Standard normal numbers (mean 0, variance 1) from a uniform source, by Box and Muller; two draws each. */
export function gaussian(uniform: () => number): number {
  const u1 = uniform()
  const u2 = uniform()
  return Math.sqrt(-2 * Math.log(1 - u1)) * Math.cos(2 * Math.PI * u2)
}

/** A 32-bit FNV-1a hash of a string's UTF-16 code units: spreads names over seeds. Not for secrets. */
export function hashString(text: string, basis = 0x811c9dc5): number {
  let hash = basis
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
