import { celString, matching, withRules } from './rules.ts'
import { text } from './text.ts'

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/
const partPattern = /(\d+(?:\.\d+)?)(ms|s|m|h)/g

/**
 * Converts a duration such as `60s`, `1h30m` or `250ms` to milliseconds. The units are those of Go and of
 * Kubernetes that make sense here: ms, s, m, h (CEL's `duration()` reads the same).
 *
 * @throws RangeError when the text is not such a duration.
 */
export function parseDuration(text: string): number {
  if (!durationPattern.test(text)) throw new RangeError(`"${text}" is not a duration: write a number with a unit, such as "60s" or "1h30m"`)
  let totalMs = 0
  for (const [, amount = '', unit = ''] of text.matchAll(partPattern)) totalMs += Number(amount) * (unitMs[unit] ?? NaN)
  // 1.001 * 1000 is a little less than 1001 in binary.
  return Math.round(totalMs * 1_000) / 1_000
}

/** Writes milliseconds as the shortest duration of whole units: `90000` gives `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  let rest = Math.round(ms)
  let text = ''
  for (const [unit, size] of Object.entries(unitMs).reverse()) {
    const amount = Math.floor(rest / size)
    if (amount > 0) text += `${amount}${unit}`
    rest -= amount * size
  }
  return text
}

/**
 * What a manifest may hold: at most four parts, each a whole number of milliseconds, and together short enough for
 * CEL's `duration()`, which ends at 292 years.
 */
const manifestPattern = /^([0-9]{1,5}([.][0-9]{1,3})?h|[0-9]{1,7}([.][0-9]{1,3})?m|[0-9]{1,9}([.][0-9]{1,3})?s|[0-9]{1,12}ms){1,4}$/

/** A duration string. `0s` only where a zero makes sense. */
export const duration = () => matching(text(0, 32), manifestPattern, 'is not a duration: write a number with a unit, such as "60s" or "1h30m"')

/** A duration string that is longer than nothing. */
export const positiveDuration = () =>
  withRules(duration(), {
    cel: whereDurations(['self'], "duration(self) > duration('0s')"),
    message: 'the duration must be longer than 0: write, for example, "60s"',
    holds: (value) => !manifestPattern.test(value) || parseDuration(value) > 0,
  })

/** CEL that asks only where these are durations: the error about one that is not would otherwise come twice. */
export function whereDurations(fields: readonly string[], cel: string): string {
  const areDurations = fields.map((field) => `${field}.matches(${celString(manifestPattern.source)})`).join(' && ')
  return `!(${areDurations}) || ${cel}`
}
