const pattern = /^([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)(?:(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)|e([+-]?\d+)|E([+-]?\d+))?$/
const factors: Record<string, number> = {
  n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
}

/** The number that a Kubernetes quantity stands for (`"500m"` is 0.5, `"1Gi"` 1073741824), or undefined where it is none. */
export function parseQuantity(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  const match = pattern.exec(value)
  if (match === null) return undefined
  const [, digits = '', suffix, lower, upper] = match
  const exponent = lower ?? upper
  if (exponent !== undefined) return Number(`${digits}e${exponent}`)
  return Number(digits) * (suffix === undefined ? 1 : (factors[suffix] ?? 1))
}

/** `"0.5"` and `"500m"` are equal; what is no quantity equals nothing. */
export function areEqualQuantities(a: unknown, b: unknown): boolean {
  const [left, right] = [parseQuantity(a), parseQuantity(b)]
  if (left === undefined || right === undefined) return false
  return Math.abs(left - right) <= 1e-9 * Math.max(Math.abs(left), Math.abs(right))
}
