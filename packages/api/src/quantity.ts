import * as z from 'zod'

const quantityPattern = /^(\d+(?:\.\d+)?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/
const factors: Record<string, number> = {
  m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
}

/**
 * Converts a Kubernetes quantity such as `512Mi` or `250m` to a plain number.
 *
 * @throws RangeError when the text is not a quantity.
 */
export function parseQuantity(text: string): number {
  const match = quantityPattern.exec(text)
  if (match === null) throw new RangeError(`"${text}" is not a quantity: write, for example, "512Mi" or "250m"`)
  return Number(match[1]) * (factors[match[2] ?? ''] ?? NaN)
}

/** A Kubernetes quantity string. */
export const quantity = () =>
  z
    .string()
    .max(32)
    .regex(quantityPattern, { error: (issue) => `"${String(issue.input)}" is not a quantity: write, for example, "512Mi" or "250m"` })
