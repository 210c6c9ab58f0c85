import type { ReplaySpec } from '@tidewatch/api'

type TimeFormat = NonNullable<ReplaySpec['eventTime']>['format']

const msPerUnit = { EpochSeconds: 1_000, EpochMillis: 1, EpochMicros: 0.001 } as const
const isoPattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i

/**
 * Reads a moment; whole ms since the epoch. A date without a zone is UTC, and a space may stand for the `T`.
 * Undefined when the text is no such moment.
 */
export function parseEventTime(text: string, format: TimeFormat): number | undefined {
  const ms = format === 'Iso8601' ? parseIso(text.trim()) : text.trim() === '' ? NaN : Number(text) * msPerUnit[format]
  // Beyond this (the year 275760) there is no date.
  return Math.abs(ms) <= 8.64e15 ? Math.floor(ms) : undefined
}

function parseIso(text: string): number {
  const match = isoPattern.exec(text)
  if (match === null) return NaN
  const [, date = '', time = '00:00', zone = 'Z'] = match
  return Date.parse(`${date}T${time}${zone.toUpperCase()}`)
}
