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
  const { length } = text
  if (length < 10) return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 2)
  const day = digits(text, 8, 2)
  if (year < 0 || month < 1 || month > 12 || day < 1 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined
  if (day > (daysInMonth[month - 1] ?? 0) || (month === 2 && day === 29 && !isLeap(year))) return undefined
  const midnightMs = daysFromCivil(year, month, day) * dayMs
  if (length === 10) return midnightMs

  const separator = text.charCodeAt(10)
  if (separator !== 84 && separator !== 116 && separator !== 32) return undefined
  const hour = digits(text, 11, 2)
  const minute = digits(text, 14, 2)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || text.charCodeAt(13) !== 58) return undefined
  let ms = midnightMs + hour * 3_600_000 + minute * 60_000
  let at = 16
  if (text.charCodeAt(at) === 58) {
    const second = digits(text, 17, 2)
    // 60 is a leap second: it counts as the first moment of the next minute, as POSIX has it.
    if (second < 0 || second > 60) return undefined
    ms += second * 1_000
    at = 19
    const mark = text.charCodeAt(at)
    if (mark === 46 || mark === 44) {
      let fraction = 0
      let weight = 1_000
      const start = ++at
      for (; at < length; at++) {
        const digit = text.charCodeAt(at) - code0
        if (digit < 0 || digit > 9) break
        fraction = fraction * 10 + digit
        weight /= 10
      }
      if (at === start) return undefined
      ms += at - start === 3 ? fraction : fraction * weight
    }
  }
  if (at === length) return ms
  const offsetMs = parseOffset(text, at)
  return offsetMs === undefined ? undefined : ms - offsetMs
}

function parseOffset(text: string, at: number): number | undefined {
  const sign = text.charCodeAt(at)
  const rest = text.length - at
  if (sign === 90 || sign === 122) return rest === 1 ? 0 : undefined
  if (sign !== 43 && sign !== 45) return undefined
  const hour = digits(text, at + 1, 2)
  const hasColon = text.charCodeAt(at + 3) === 58
  const minute = rest === 3 ? 0 : digits(text, at + (hasColon ? 4 : 3), 2)
  if (rest !== 3 && rest !== (hasColon ? 6 : 5)) return undefined
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return undefined
  const ms = hour * 3_600_000 + minute * 60_000
  return sign === 45 ? -ms : ms
}

/** The number that `count` digits make, or -1. */
function digits(text: string, at: number, count: number): number {
  let value = 0
  for (let i = at; i < at + count; i++) {
    const digit = text.charCodeAt(i) - code0
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
