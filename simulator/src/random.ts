/**
 * Random numbers by position instead of by order: number `counter` of stream `stream` of a device is a hash of
 * exactly these, so it does not matter which other devices, signals or faults were drawn before. That is what
 * makes shards, faults and runs comparable reading by reading.
 */

/** The streams of a device. Signals, categories and faults are numbered from their stream's start. */
export const streams = {
  phase: 0,
  jitter: 1,
  waveShift: 2,
  flood: 4,
  /** Two for each signal. */
  noise: 256,
  spread: 512,
  category: 1_024,
  /** 256 for each fault: 0-63 by signal, 64 for a whole message, 128 choice, 129 start, 192-255 by signal for the incident. */
  fault: 4_096,
} as const

/** A bijection of 32 bits with low bias (Chris Wellons' lowbias32). */
export function mix(bits: number): number {
  let x = bits | 0
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}

/** 32 random bits. */
export function bitsAt(keyA: number, keyB: number, counter: number, stream: number): number {
  return mix(mix((keyA + Math.imul(counter, 0x9e3779b1)) | 0) ^ (keyB + Math.imul(stream, 0x85ebca6b)))
}

/** Uniform in [0, 1). */
export function uniformAt(keyA: number, keyB: number, counter: number, stream: number): number {
  return bitsAt(keyA, keyB, counter, stream) / 4_294_967_296
}

/** Standard normal (Box and Muller), from `stream` and the one after it; never beyond 6.7. */
export function gaussianAt(keyA: number, keyB: number, counter: number, stream: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniformAt(keyA, keyB, counter, stream)))
  return radius * Math.cos(2 * Math.PI * uniformAt(keyA, keyB, counter, stream + 1))
}

/** 128 random bits in the form of a UUID (version 8: custom), the same for the same arguments. */
export function uuidAt(keyA: number, keyB: number, counter: number, timeMs: number): string {
  const a = hex(mix(keyA ^ Math.floor(timeMs / 4_294_967_296)))
  const b = hex(mix(keyB ^ (timeMs % 4_294_967_296)))
  const c = hex(bitsAt(keyA, keyB, counter, 8))
  const d = hex(bitsAt(keyA ^ (timeMs | 0), keyB, counter, 9))
  return `${a}-${b.slice(0, 4)}-8${b.slice(5)}-8${c.slice(1, 4)}-${c.slice(4)}${d}`
}

const hex = (bits: number): string => bits.toString(16).padStart(8, '0')
