const two = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
const three = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'))
const dayMs = 86_400_000

/**
 * A writer of ISO-8601 in UTC with milliseconds (`2026-07-01T12:00:00.123Z`) for times that mostly rise: it
 * remembers the day, the second and the whole text it wrote last.
 */
export function createTimeText(): (timeMs: number) => string {
  let dayStartMs = NaN
  let dayText = ''
  let secondStartMs = NaN
  let secondText = ''
  let lastMs = NaN
  let lastText = ''
  return (timeMs) => {
    if (timeMs === lastMs) return lastText
    if (!(timeMs >= secondStartMs && timeMs < secondStartMs + 1_000)) {
      if (!(timeMs >= dayStartMs && timeMs < dayStartMs + dayMs)) {
        dayStartMs = Math.floor(timeMs / dayMs) * dayMs
        dayText = new Date(dayStartMs).toISOString().slice(0, -'00:00:00.000Z'.length)
      }
      const second = Math.floor((timeMs - dayStartMs) / 1_000)
      secondStartMs = dayStartMs + second * 1_000
      secondText = `${dayText}${two[Math.floor(second / 3_600)]!}:${two[Math.floor(second / 60) % 60]!}:${two[second % 60]!}.`
    }
    lastMs = timeMs
    lastText = `${secondText}${three[timeMs - secondStartMs]!}Z`
    return lastText
  }
}
