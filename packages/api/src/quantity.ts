import * as z from 'zod'
import { celString, withRules } from './rules.ts'

const quantityPattern = /^([0-9]+(?:[.][0-9]+)?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/
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

/** A Kubernetes quantity: a string, or a whole number as people write `cpu: 2`. It is a string from here on. */
export const quantityOrNumber = () =>
  withRules(z.union([z.int().min(0).max(1e15), z.string()]).meta({ maxLength: 32 }), {
    cel: `type(self) == int ? self >= 0 && self <= 1000000000000000 : self.size() <= 32 && self.matches(${celString(quantityPattern.source)})`,
    message: 'is not a quantity: write, for example, "512Mi" or "250m"',
    holds: (value) => typeof value !== 'string' || (value.length <= 32 && quantityPattern.test(value)),
  }).transform(String)
