import type { ReplaySpec } from '@tidewatch/api'
import { parseEventTime } from './event-time.ts'
import type { Row } from './row.ts'

/** What a row inside one of the recording's windows is labelled. */
export const windowLabel = 'anomaly'

/** The ground truth of a row: its own label unless that is a normal one, else whether a window covers it. */
export function createLabeller({ label, windows = [] }: Pick<ReplaySpec, 'label' | 'windows'>): (row: Row, eventTimeMs: number) => string | undefined {
  const normal = new Set(label?.normal)
  const spans = windows.map(({ start, end }) => ({ startMs: parseEventTime(start, 'Iso8601') ?? NaN, endMs: parseEventTime(end, 'Iso8601') ?? NaN }))
  return (row, eventTimeMs) => {
    const own = label === undefined ? undefined : row.textOf(label.column)
    if (own !== undefined && !normal.has(own)) return own
    return spans.some(({ startMs, endMs }) => eventTimeMs >= startMs && eventTimeMs <= endMs) ? windowLabel : undefined
  }
}
