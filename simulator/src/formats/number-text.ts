/** For 0 to 3 decimals: what follows the whole part, without trailing zeros ("", ".5", ".125"). */
const fractions = [1, 10, 100, 1_000].map((scale, decimals) =>
  Array.from({ length: scale }, (_, part) => (part === 0 ? '' : `.${String(part).padStart(decimals, '0').replace(/0+$/, '')}`)),
)

const powersOfTen = Array.from({ length: 13 }, (_, exponent) => 10 ** exponent)
const largestFast = 2_147_483_647

/**
 * Writes a number as JSON with at most so many digits behind the point: `numberText(25.5004, 3)` is `25.5`.
 * NaN and infinities, which JSON does not have, become `null`.
 *
 * `toFixed` and the shortest form of a double cost several times as much; whole numbers and a table of
 * fractions serve nearly every reading.
 */
export function numberText(value: number, decimals: number): string {
  const scale = powersOfTen[decimals]!
  const scaled = Math.round(value * scale)
  if (decimals <= 3 && scaled <= largestFast && scaled >= -largestFast) {
    if (scaled >= 0) {
      const whole = Math.floor(scaled / scale)
      return `${whole}${fractions[decimals]![scaled - whole * scale]!}`
    }
    const whole = Math.floor(-scaled / scale)
    return `-${whole}${fractions[decimals]![-scaled - whole * scale]!}`
  }
  if (!Number.isFinite(value)) return 'null'
  // So many digits that rounding them would overflow: they are beyond the double's precision anyway.
  return Number.isSafeInteger(scaled) ? String(scaled / scale) : String(value)
}
