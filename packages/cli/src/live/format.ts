import type { Anomaly, Cause } from '../run/anomaly.ts'

/** `1234567` as `1,234,567`. */
export function formatCount(value: number): string {
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Like `formatCount`, short from a hundred thousand on: `1.23M`. */
export function formatShort(value: number): string {
  const rounded = Math.round(value)
  if (rounded < 100_000) return formatCount(rounded)
  if (rounded < 1e6) return `${(rounded / 1e3).toFixed(0)}k`
  return rounded < 1e9 ? `${(rounded / 1e6).toFixed(rounded < 1e7 ? 2 : 1)}M` : `${(rounded / 1e9).toFixed(2)}G`
}

/** A measured value in at most about seven characters. */
export function formatValue(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) return value.toExponential(1)
  const decimals = size >= 1_000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 3
  return String(Number(value.toFixed(decimals)))
}

/** A share from 0 to 1, or a dash where there is none. */
export function formatShare(share: number | null | undefined): string {
  return share === null || share === undefined ? '-' : share.toFixed(2)
}

/** The time of day (UTC) of an ISO time; the text itself when it is none. */
export function formatTimeOfDay(iso: string): string {
  return /T(\d\d:\d\d:\d\d)/.exec(iso)?.[1] ?? iso
}

/** Day and time (UTC) of an ISO time. */
export function formatMoment(iso: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.exec(iso)?.[0].replace('T', ' ') ?? iso
}

/** `1h 02m 05s` as `1:02:05`, `65 s` as `01:05`. */
export function formatClock(ms: number): string {
  const seconds = Math.floor(ms / 1_000)
  const two = (value: number) => String(value).padStart(2, '0')
  const clock = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return seconds < 3_600 ? clock : `${Math.floor(seconds / 3_600)}:${clock}`
}

/** Milliseconds in the unit that reads best. */
export function formatMs(ms: number | null): string {
  if (ms === null) return '-'
  if (ms >= 3_600_000) return `${(ms / 3_600_000).toFixed(1)} h`
  if (ms >= 120_000) return `${(ms / 60_000).toFixed(1)} min`
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`
  return `${ms < 10 ? Number(ms.toFixed(2)) : Math.round(ms)} ms`
}

/** Reasons by count: `3 (not-json 2, missing-field 1)`, or `0`. */
export function formatReasons(reasons: Record<string, number>): string {
  const total = Object.values(reasons).reduce((sum, value) => sum + value, 0)
  if (total === 0) return '0'
  const parts = Object.entries(reasons).sort((a, b) => b[1] - a[1]).map(([reason, value]) => `${reason} ${formatCount(value)}`)
  return `${formatCount(total)} (${parts.join(', ')})`
}

/** `max 68.1 not 60.2`: a feature's value and the expected one. */
export function formatCause({ feature, value, expected }: Cause): string {
  return `${feature} ${formatValue(value)}${expected === undefined ? '' : ` not ${formatValue(expected)}`}`
}

/** The causes that contributed, as many as fit. A cause with less than a tenth of the first one's part tells nothing. */
export function formatCauses({ causes }: Anomaly, width: number): string {
  const limit = (causes[0]?.contribution ?? 0) / 10
  let text = ''
  for (const cause of causes.filter(({ contribution }, i) => i === 0 || contribution > limit)) {
    const longer = text === '' ? formatCause(cause) : `${text}, ${formatCause(cause)}`
    if (longer.length > width && text !== '') break
    text = longer
  }
  return clip(text, width)
}

/** Cuts a text to a width, with an ellipsis where something was lost. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

export function formatTruth({ truth }: Anomaly): string {
  return truth.length === 0 ? '-' : truth.join(',')
}

/** `3.21 / 1`: the score and the limit that it is above. */
export function formatScore({ score, threshold }: Anomaly): string {
  return `${formatValue(score)} / ${threshold === null ? '-' : formatValue(threshold)}`
}
