import type { ReadingMapping } from '@tidewatch/api'

export type TimeFormat = NonNullable<ReadingMapping['eventTime']>['format']

/** Converts what a record holds to milliseconds since the epoch; undefined where it is no such time. */
export type TimeReader = (value: unknown) => number | undefined

/** A reader of event times in one format. Epochs may be numbers or texts of digits. */
export function createTimeReader(format: TimeFormat): TimeReader {
  switch (format) {
    case 'Iso8601':
      return (value) => (typeof value === 'string' ? parseIso8601(value) : undefined)
    case 'EpochSeconds':
      return (value) => scaled(value, 1_000)
    case 'EpochMillis':
      return (value) => scaled(value, 1)
    case 'EpochMicros':
      return (value) => scaled(value, 1e-3)
  }
}

const numberPattern = /^-?\d+(?:\.\d+)?$/

/** An epoch as a number, or as a text of digits. */
function scaled(value: unknown, factor: number): number | undefined {
  const number = typeof value === 'number' ? value : typeof value === 'string' && numberPattern.test(value) ? Number(value) : NaN
  // Microseconds are divided, not multiplied: 1e-3 has no exact binary form and would blur whole milliseconds.
  const ms = factor === 1e-3 ? number / 1_000 : number * factor
  return Number.isFinite(ms) ? ms : undefined
}

const dayMs = 86_400_000
const code0 = 48
const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * Parses the date-times of ISO 8601 that machines write: `2026-01-31T12:34:56`, with or without a fraction of
 * any length, with `Z`, an offset (`+02:00`, `+0200`, `+02`) or nothing, which is UTC; a space may stand for
 * the T, seconds may be absent, and a date alone is its midnight. `Date.parse` is of no use here: it takes a
 * date-time without a zone for local time, and half-reads other texts.
 *
 * @returns milliseconds since the epoch, with fractions, or undefined.
 */
export function parseIso8601(text: string): number | undefined {
  // Every character of a date-time is one byte, and none of another text's bytes beyond those is taken for one.
  const bytes = Buffer.from(text)
  const ms = parseIso8601Bytes(bytes, 0, bytes.length)
  return Number.isNaN(ms) ? undefined : ms
}

/**
 * The same, of the text between two places of a record.
 *
 * @returns NaN where it is no date-time: a number in any case, so that nothing is allocated.
 */
export function parseIso8601Bytes(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length < 10) return NaN
  let ms: number
  if (length >= minuteLength && isLastMinute(bytes, start)) ms = lastMinuteMs[0]!
  else {
    const midnightMs = parseDate(bytes, start)
    if (length === 10) return midnightMs
    ms = midnightMs + parseMinute(bytes, start, length)
    if (Number.isNaN(ms)) return NaN
    for (let i = 0; i < minuteLength; i++) lastMinute[i] = bytes[start + i]!
    lastMinuteMs[0] = ms
  }
  let at = start + 16
  if (at < end && bytes[at] === 58) {
    if (length < 19) return NaN
    const second = digits(bytes, start + 17, 2)
    // 60 is a leap second: it counts as the first moment of the next minute, as POSIX has it.
    if (second < 0 || second > 60) return NaN
    ms += second * 1_000
    at = start + 19
    if (at < end && (bytes[at] === 46 || bytes[at] === 44)) {
      let fraction = 0
      let weight = 1_000
      const first = ++at
      for (; at < end; at++) {
        const digit = bytes[at]! - code0
        if (digit < 0 || digit > 9) break
        fraction = fraction * 10 + digit
        weight /= 10
      }
      if (at === first) return NaN
      ms += at - first === 3 ? fraction : fraction * weight
    }
  }
  return at === end ? ms : ms - parseOffset(bytes, at, end)
}

/** The minute that was read last, and what it comes to: most times are of the same minute as the one before them. */
const minuteLength = 16
const lastMinute = new Uint8Array(minuteLength)
// Sixteen bytes of 0, which it begins with, are no time.
const lastMinuteMs = Float64Array.of(NaN)

function isLastMinute(bytes: Uint8Array, start: number): boolean {
  // From its end: there they differ first.
  for (let i = minuteLength - 1; i >= 0; i--) if (bytes[start + i] !== lastMinute[i]) return false
  return true
}

/** The midnight that a date begins with; NaN where it is none. */
function parseDate(bytes: Uint8Array, start: number): number {
  const year = digits(bytes, start, 4)
  const month = digits(bytes, start + 5, 2)
  const day = digits(bytes, start + 8, 2)
  if (year < 0 || month < 1 || month > 12 || day < 1 || bytes[start + 4] !== 45 || bytes[start + 7] !== 45) return NaN
  if (day > (daysInMonth[month - 1] ?? 0) || (month === 2 && day === 29 && !isLeap(year))) return NaN
  return daysFromCivil(year, month, day) * dayMs
}

/** Hours and minutes behind a date, in milliseconds; NaN where they are none. */
function parseMinute(bytes: Uint8Array, start: number, length: number): number {
  const separator = bytes[start + 10]
  if ((separator !== 84 && separator !== 116 && separator !== 32) || length < minuteLength) return NaN
  const hour = digits(bytes, start + 11, 2)
  const minute = digits(bytes, start + 14, 2)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || bytes[start + 13] !== 58) return NaN
  return hour * 3_600_000 + minute * 60_000
}

/** The offset of a zone in milliseconds; NaN where it is none. */
function parseOffset(bytes: Uint8Array, at: number, end: number): number {
  const sign = bytes[at]
  const rest = end - at
  if (sign === 90 || sign === 122) return rest === 1 ? 0 : NaN
  if ((sign !== 43 && sign !== 45) || rest < 3) return NaN
  const hour = digits(bytes, at + 1, 2)
  const hasColon = rest > 3 && bytes[at + 3] === 58
  if (rest !== 3 && rest !== (hasColon ? 6 : 5)) return NaN
  const minute = rest === 3 ? 0 : digits(bytes, at + (hasColon ? 4 : 3), 2)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return NaN
  const ms = hour * 3_600_000 + minute * 60_000
  return sign === 45 ? -ms : ms
}

/** The number that `count` digits make, or -1. They must lie within the record. */
function digits(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const digit = bytes[i]! - code0
    if (!(digit >= 0 && digit <= 9)) return -1
    value = value * 10 + digit
  }
  return value
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/**
 * Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
 * @see Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
 */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}
