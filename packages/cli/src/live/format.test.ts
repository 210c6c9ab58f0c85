import { expect, test } from 'vitest'
import { formatClock, formatCount, formatMs, formatShort, formatTimeOfDay, formatValue } from './format.ts'

test.each([
  [formatCount(1_234_567.4), '1,234,567'],
  [formatCount(999), '999'],
  [formatShort(99_999), '99,999'],
  [formatShort(123_456), '123k'],
  [formatShort(1_234_567), '1.23M'],
  [formatShort(12_345_678), '12.3M'],
  [formatValue(0), '0'],
  [formatValue(1_234.56), '1235'],
  [formatValue(0.12345), '0.123'],
  [formatValue(-68.126), '-68.13'],
  [formatValue(1.7e308), '1.7e+308'],
  [formatClock(65_000), '01:05'],
  [formatClock(3_725_000), '1:02:05'],
  [formatTimeOfDay('2025-11-20T12:01:00.500Z'), '12:01:00'],
  [formatMs(null), '-'],
  [formatMs(1.2345), '1.23 ms'],
  [formatMs(42.4), '42 ms'],
  [formatMs(1_500), '1.5 s'],
  [formatMs(180_000), '3.0 min'],
])('%s', (text, expected) => {
  expect(text).toBe(expected)
})
