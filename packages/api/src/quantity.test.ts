import { expect, test } from 'vitest'
import { parseQuantity, quantityOrNumber } from './quantity.ts'

test.each([
  ['512Mi', 536_870_912],
  ['250m', 0.25],
  ['2', 2],
  ['1.5Gi', 1_610_612_736],
  ['3k', 3_000],
])('%s is %d', (text, value) => {
  expect(parseQuantity(text)).toBe(value)
})

test.each(['', 'Mi', '512 Mi', '512mb', '-1'])('"%s" is not a quantity', (text) => {
  expect(() => parseQuantity(text)).toThrow(`"${text}" is not a quantity: write, for example, "512Mi" or "250m"`)
  expect(quantityOrNumber().safeParse(text).success).toBe(false)
})
