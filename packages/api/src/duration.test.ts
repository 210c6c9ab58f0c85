import { assert as check, constantFrom, integer, property, tuple, array } from 'fast-check'
import { expect, test } from 'vitest'
import { duration, formatDuration, parseDuration, positiveDuration } from './duration.ts'

test.each([
  ['0s', 0],
  ['60s', 60_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['1.5s', 1_500],
  ['1m1m', 120_000],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['', '60', 's', '1d', '-5s', '5 s', '1e3s', 'one minute', '5S'])('"%s" is not a duration', (text) => {
  expect(() => parseDuration(text)).toThrow(`"${text}" is not a duration: write a number with a unit, such as "60s" or "1h30m"`)
  expect(duration().safeParse(text).success).toBe(false)
})

test.each(['0.0001s', '1.5ms', '999999h', '1s1s1s1s1s', '60s\n'])('"%s" is more than a manifest may hold: CEL would round it, or end at 292 years', (text) => {
  expect(duration().safeParse(text).success).toBe(false)
})

test('fractions are exact in milliseconds', () => {
  expect(['1.001s', '0.3s', '4.35m', '1.1h'].map(parseDuration)).toEqual([1_001, 300, 261_000, 3_960_000])
})

test('a positive duration is longer than nothing', () => {
  expect(positiveDuration().safeParse('1ms').success).toBe(true)
  expect(positiveDuration().safeParse('0s').error?.issues[0]?.message).toBe('the duration must be longer than 0: write, for example, "60s"')
})

test('formatting a duration and parsing it gives the same milliseconds', () => {
  check(property(integer({ min: 0, max: 1e12 }), (ms) => parseDuration(formatDuration(ms)) === ms))
  expect(formatDuration(5_400_000)).toBe('1h30m')
})

test('parts add up', () => {
  const part = tuple(integer({ min: 0, max: 999 }), constantFrom<[string, number]>(['ms', 1], ['s', 1e3], ['m', 6e4], ['h', 36e5]))
  check(
    property(array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      const text = parts.map(([amount, [unit]]) => `${amount}${unit}`).join('')
      return parseDuration(text) === parts.reduce((sum, [amount, [, ms]]) => sum + amount * ms, 0)
    }),
  )
})
