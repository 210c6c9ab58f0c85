import type { ReplayColumns } from './columns.ts'
import { splitLine } from './csv.ts'
import { parseTime } from './time.ts'

/** A span of event time that the labels call anomalous; both ends belong to it. */
export interface Span {
  startMs: number
  endMs: number
}

/** Labels of rows that are normal, as they are written in the wild. */
const normalLabels = ['', '0', '0.0', 'false', 'normal', 'benign', 'no', 'none']

export const isNormalLabel = (label: string): boolean => normalLabels.includes(label.trim().toLowerCase())

/** The rows of a recording as the labels need them. */
export interface RecordingScan {
  rows: number
  spans: Span[]
  /** Typical time between two rows. */
  intervalMs: number
}

/** Reads times and labels of all rows; consecutive labelled rows are one span. */
export function scanRecording(lines: Iterable<string>, columns: ReplayColumns): RecordingScan {
  const timeAt = columns.names.indexOf(columns.time)
  const labelAt = columns.label === undefined ? -1 : columns.names.indexOf(columns.label)
  const spans: Span[] = []
  const gaps: number[] = []
  let rows = 0
  let previousMs: number | undefined
  let open: Span | undefined
  for (const line of lines) {
    if (line.trim() === '') continue
    rows++
    const cells = splitLine(line, columns.delimiter)
    const ms = parseTime(cells[timeAt] ?? '', columns.timeFormat)
    if (ms === undefined) continue
    if (previousMs !== undefined && ms > previousMs) gaps.push(ms - previousMs)
    previousMs = ms
    if (labelAt < 0 || isNormalLabel(cells[labelAt] ?? '')) {
      open = undefined
      continue
    }
    if (open === undefined) spans.push((open = { startMs: ms, endMs: ms }))
    else open.endMs = ms
  }
  gaps.sort((a, b) => a - b)
  return { rows, spans, intervalMs: gaps[gaps.length >> 1] ?? 1_000 }
}

/**
 * The spans of one recording in a file of labels such as the Numenta Anomaly Benchmark's `combined_windows.json`:
 * `{"folder/file.csv": [["2014-04-10 07:15:00.000000", "2014-04-11 16:45:00.000000"], ...]}`.
 *
 * @returns undefined when the file says nothing of the recording.
 */
export function findSpans(labels: unknown, recording: string): Span[] | undefined {
  if (typeof labels !== 'object' || labels === null) return undefined
  const parts = recording.split('/')
  // The key is `<folder>/<file>`; a file of labels beside its recordings may name just the file.
  const keys = [parts.slice(-2).join('/'), parts.at(-1) ?? '']
  const spans = keys.map((key) => (labels as Record<string, unknown>)[key]).find((value) => Array.isArray(value)) as unknown[] | undefined
  return spans?.flatMap((span) => {
    const [start, end] = Array.isArray(span) ? (span as unknown[]) : [span, span]
    const startMs = parseTime(String(start))
    const endMs = parseTime(String(end))
    return startMs === undefined || endMs === undefined ? [] : [{ startMs, endMs }]
  })
}

/** Where the labels of a recording may lie: `labels/combined_windows.json` in any folder above it, the nearest first. */
export function labelFileCandidates(recording: string): string[] {
  const folders = recording.split('/').slice(0, -1)
  return folders.map((_, i) => [...folders.slice(0, folders.length - i), 'labels', 'combined_windows.json'].join('/'))
}
