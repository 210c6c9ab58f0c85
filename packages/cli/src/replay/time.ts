import type { ReplayColumns } from './columns.ts'

export type TimeFormat = ReplayColumns['timeFormat']

const isoPattern = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?\s*(Z|[+-]\d\d:?\d\d)?$/

/** Milliseconds since the epoch of a cell; a date without a zone is UTC, wherever the machine stands. */
export function parseTime(text: string, format: TimeFormat = 'Iso8601'): number | undefined {
  if (format === 'Iso8601') {
    const match = isoPattern.exec(text.trim())
    if (match === null) return undefined
    const [, date = '', time = '00:00', zone = 'Z'] = match
    const ms = Date.parse(`${date}T${time}${zone}`)
    return Number.isNaN(ms) ? undefined : ms
  }
  if (!/^-?\d+(\.\d+)?$/.test(text.trim())) return undefined
  const factors = { EpochSeconds: 1_000, EpochMillis: 1, EpochMicros: 1e-3 }
  return Number(text) * factors[format]
}

/** How a cell's time is written; epochs are told apart by their size. */
export function guessTimeFormat(text: string): TimeFormat | undefined {
  if (parseTime(text) !== undefined) return 'Iso8601'
  if (!/^\d+(\.\d+)?$/.test(text.trim())) return undefined
  const value = Number(text)
  if (value >= 1e14) return 'EpochMicros'
  return value >= 1e11 ? 'EpochMillis' : 'EpochSeconds'
}
