import { unusual } from './json-bytes.ts'

/** Powers of ten up to here are exact. */
const exactPowers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

/**
 * Reads JSON's numbers, to the bit as `JSON.parse` does.
 *
 * A number of digits that make a whole number up to 2^53, times or divided by a power of ten up to 1e22, is one operation on two exact
 * numbers, which IEEE 754 rounds correctly. All others are read by the engine.
 *
 * @see Clinger 1990, "How to read floating point numbers accurately", PLDI: its fast path.
 */
export class NumberScanner {
  /** The number last scanned. */
  value = 0

  /** @returns the place behind the number; `unusual` where there is none by JSON's grammar. */
  scan(bytes: Buffer, start: number, end: number): number {
    let at = start
    const isNegative = bytes[at] === 0x2d
    if (isNegative) at++
    if (at >= end) return unusual
    let digit = bytes[at]! - 0x30
    if (digit < 0 || digit > 9) return unusual
    let mantissa = digit
    at++
    // A leading 0 stands alone.
    if (digit !== 0) {
      for (; at < end; at++) {
        digit = bytes[at]! - 0x30
        if (digit < 0 || digit > 9) break
        mantissa = mantissa * 10 + digit
      }
    }
    let exponent = 0
    if (at < end && bytes[at] === 0x2e) {
      const first = ++at
      for (; at < end; at++) {
        digit = bytes[at]! - 0x30
        if (digit < 0 || digit > 9) break
        mantissa = mantissa * 10 + digit
      }
      if (at === first) return unusual
      exponent = first - at
    }
    if (at < end && (bytes[at]! | 0x20) === 0x65) {
      at++
      const isSmall = at < end && bytes[at] === 0x2d
      if (at < end && (isSmall || bytes[at] === 0x2b)) at++
      const first = at
      let power = 0
      for (; at < end; at++) {
        digit = bytes[at]! - 0x30
        if (digit < 0 || digit > 9) break
        power = power * 10 + digit
      }
      if (at === first) return unusual
      exponent += isSmall ? -power : power
    }
    // Beyond 2^53 a sum was rounded, and stays beyond it.
    if (mantissa <= Number.MAX_SAFE_INTEGER && exponent >= -22 && exponent <= 22) {
      const size = exponent === 0 ? mantissa : exponent < 0 ? mantissa / exactPowers[-exponent]! : mantissa * exactPowers[exponent]!
      this.value = isNegative ? -size : size
    } else this.value = Number(bytes.toString('latin1', start, at))
    return at
  }
}
