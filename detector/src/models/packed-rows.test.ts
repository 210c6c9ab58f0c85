import { expect, test } from 'vitest'
import { cutRow } from './packed-rows.ts'

test('rows are zeros, as long as asked for, and none is part of another', () => {
  const rows = Array.from({ length: 100 }, () => cutRow(36))
  rows.forEach((row, i) => row.fill(i + 1))
  expect(rows.every((row, i) => row.length === 36 && row.every((cell) => cell === i + 1))).toBe(true)
  expect(cutRow(36)).toEqual(new Float64Array(36))
})

test('twenty-eight rows of 36 numbers share an array, and none is longer than 8 KiB', () => {
  const rows = Array.from({ length: 280 }, () => cutRow(36))
  const arrays = new Set(rows.map(({ buffer }) => buffer))
  expect(arrays.size).toBeLessThanOrEqual(11)
  expect([...arrays].every(({ byteLength }) => byteLength <= 8_192)).toBe(true)
})

test('a long row has an array of its own', () => {
  expect(cutRow(513).buffer.byteLength).toBe(513 * 8)
})
