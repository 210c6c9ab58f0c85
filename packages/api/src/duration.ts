import * as z from 'zod'

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
  return totalMs
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

/** A duration string. `0s` only where a zero makes sense. */
export const duration = () =>
  z
    .string()
    .max(32)
    .regex(durationPattern, { error: (issue) => `"${String(issue.input)}" is not a duration: write a number with a unit, such as "60s" or "1h30m"` })

/** A duration string that is longer than nothing. */
export const positiveDuration = () =>
  duration().refine((text) => !durationPattern.test(text) || parseDuration(text) > 0, {
    error: 'the duration must be longer than 0: write, for example, "60s"',
  })
