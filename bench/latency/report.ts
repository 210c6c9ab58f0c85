import type { DetectorConfig } from '@tidewatch/api'
import type { Percentiles } from './messages.ts'

export const windowKinds = ['none', 'sliding'] as const
export type WindowKind = (typeof windowKinds)[number]

/** One line of the table; the names are those of the JSON. */
export interface Row {
  delivery: DetectorConfig['delivery']
  window: WindowKind
  /** What was asked for. */
  readingsPerSecond: number
  /** What the detector took in and committed over the measured stretch. */
  achievedReadingsPerSecond: number
  /** All verdicts of the stretch were readable 5 s after its end. */
  isSustained: boolean
  /** Verdicts of the stretch that were read. */
  verdicts: number
  /** Null where the rate was not sustained: a backlog grows, and so would any figure with the length of the run. */
  latencyMs: Percentiles | null
  /** From when a reading was due until Kafka had acknowledged it: the generator's and the broker's part of the latency. Null where the generator fell behind. */
  acknowledgedMs: Percentiles | null
}

/** What must be reached (the first number) and what is aimed at, in ms. */
interface Goal {
  isFor: (row: Row) => boolean
  of: keyof Percentiles
  text: string
  mustMs: number
}

const goals: readonly Goal[] = [
  { isFor: ({ delivery, window, readingsPerSecond }) => delivery === 'ExactlyOnce' && window === 'none' && readingsPerSecond === 10_000, of: 'p99', text: 'none, 10,000/s, ExactlyOnce: p99', mustMs: 100 },
  { isFor: ({ window, readingsPerSecond }) => window === 'sliding' && readingsPerSecond === 10_000, of: 'p95', text: 'sliding, 10,000/s: p95', mustMs: 1_000 },
]

/** Goals that are missed, as sentences; none where nothing was measured that has one. */
export function findMissed(rows: readonly Row[]): string[] {
  return goals.flatMap((goal) =>
    rows.filter(goal.isFor).flatMap(({ delivery, latencyMs }) => {
      if (latencyMs === null) return [`${goal.text} < ${goal.mustMs} ms: the rate is not sustained (${delivery})`]
      const ms = latencyMs[goal.of]
      return ms < goal.mustMs ? [] : [`${goal.text} ${ms} ms, must be < ${goal.mustMs} ms (${delivery})`]
    }),
  )
}

const columns = ['delivery', 'window', 'readings/s', 'achieved', 'verdicts', 'p50', 'p95', 'p99', 'max', 'acknowledged p50', 'p99'] as const

/** The printed table: what was measured, a line for each row, what the columns mean, and the goals. */
export function renderLatency(rows: readonly Row[], about: string): string {
  const cells = [[...columns], ...rows.map(cellsOf)]
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)))
  const lines = cells.map((row) => row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ').trimEnd())
  const missed = findMissed(rows)
  return [
    about,
    '',
    ...lines,
    '',
    'ms. From the moment at which a reading was due to be sent until its verdict was read by another process, committed transactions only; sliding: from the reading that',
    'moved the watermark over the window\'s end (60 s every 10 s). Every verdict goes to the scores topic and counts. acknowledged: until Kafka had the reading; the rest is ours.',
    ...(rows.some(({ isSustained }) => !isSustained) ? ['not sustained: verdicts were missing 5 s after the end, so there is no latency to tell; achieved says what was taken in.'] : []),
    ...(missed.length > 0 ? missed.map((one) => `missed: ${one}`) : []),
  ].join('\n')
}

const whole = (value: number): string => value.toLocaleString('en')

function cellsOf({ delivery, window, readingsPerSecond, achievedReadingsPerSecond, verdicts, latencyMs, acknowledgedMs }: Row): string[] {
  const told = latencyMs === null ? ['not', 'sustained', '-', '-'] : [latencyMs.p50, latencyMs.p95, latencyMs.p99, latencyMs.max].map(whole)
  const acknowledged = acknowledgedMs === null ? ['-', '-'] : [whole(acknowledgedMs.p50), whole(acknowledgedMs.p99)]
  return [delivery, window, whole(readingsPerSecond), whole(achievedReadingsPerSecond), whole(verdicts), ...told, ...acknowledged]
}
