import { plain, type Palette } from '../manifests/diagnostic.ts'
import { formatCount, formatMs, formatReasons, formatShare } from '../live/format.ts'
import type { FaultAccuracy } from '@tidewatch/api'
import type { PipelineSummary, Summary } from './summary.ts'

/** What the latency figures are measured between; the detector measures it and its documentation says the same. */
export const latencyMeaning = [
  'from the sending of the record that completed a window (its timestamp',
  'in Kafka) until the window was judged, or learned while its model warmed',
  'up, and Kafka had acknowledged what came of it',
]

/** The summary as it is printed at the end of a run. */
export function renderSummary(summary: Summary, palette: Palette = plain): string {
  const row = (label: string, text: string) => `${label.padEnd(16)}${text}`
  const errors = summary.sendErrors > 0 ? `, ${formatCount(summary.sendErrors)} could not be sent` : ''
  const head = [palette.bold('Summary'), ...(summary.fleets.length === 0 ? [] : [row('sent', `${formatCount(summary.sent)} readings${errors}`)])]
  if (summary.pipelines.length === 0) return head.join('\n')
  const lines = [
    ...head,
    row('processed', `${formatCount(summary.processed)} readings, ${formatCount(summary.readingsPerSecond)}/s over ${formatMs(summary.durationMs)}${summary.lag > 0 ? `; ${formatCount(summary.lag)} still waiting` : ''}`),
    row('dead letters', formatReasons(summary.deadLettersByReason)),
    row('late', formatCount(summary.late)),
    row('windows', `${formatCount(summary.windows)} closed, ${formatCount(summary.windowsJudged)} of them judged, ${formatCount(summary.windowsOpen)} still open`),
    row('anomalies', formatCount(summary.anomalies)),
    row('detectors', `${summary.detectors}${summary.restarts > 0 ? `, started again ${summary.restarts === 1 ? 'once' : `${summary.restarts} times`}` : ''}`),
    ...renderLatency(summary.latencyMs).map((text, i) => row(i === 0 ? 'latency' : '', i === 0 ? text : palette.dim(text))),
    ...(summary.pipelines.length > 1 ? ['', ...renderPipelines(summary.pipelines, palette)] : []),
    '',
    ...renderAccuracy(summary, palette),
  ]
  return lines.join('\n')
}

function renderLatency({ p50, p95, p99, max }: Summary['latencyMs']): string[] {
  if (max === null) return ['no complete window was closed']
  return [`p50 ${formatMs(p50)}, p95 ${formatMs(p95)}, p99 ${formatMs(p99)}, max ${formatMs(max)}`, ...latencyMeaning]
}

function renderAccuracy(summary: Summary, palette: Palette): string[] {
  const faults = Object.entries(summary.byFault)
  if (faults.length === 0) return ['No reading carried a label of a fault, so there is no precision or recall.']
  const width = Math.max(12, ...faults.map(([kind]) => kind.length))
  const row = (kind: string, ...cells: string[]) => `${kind.padEnd(width)}${cells.map((cell) => cell.padStart(11)).join('')}`
  const unjudged = faults.reduce((sum, [, fault]) => sum + fault.unjudged, 0)
  return [
    `precision ${formatShare(summary.precision)}, recall ${formatShare(summary.recall)}, ${formatPercent(summary.falseAlarmRate)} of the normal windows flagged`,
    '',
    palette.dim(row('fault', 'incidents', 'found', 'recall', 'precision', 'delay p50', 'delay p95')),
    ...faults.map(([kind, fault]) => row(kind, ...describeFault(fault))),
    ...(unjudged > 0 ? [palette.dim(`${formatCount(unjudged)} of the incidents came while a model was still warming up; recall leaves them out.`)] : []),
  ]
}

function describeFault({ injected, detected, recall, precision, delayMs }: FaultAccuracy): string[] {
  return [formatCount(injected), formatCount(detected), formatShare(recall), formatShare(precision), formatMs(delayMs.p50), formatMs(delayMs.p95)]
}

function renderPipelines(pipelines: readonly PipelineSummary[], palette: Palette): string[] {
  const width = Math.max(10, ...pipelines.map(({ name }) => name.length)) + 2
  const row = (name: string, ...cells: string[]) => `${name.padEnd(width)}${cells.map((cell) => cell.padStart(11)).join('')}`
  return [
    palette.dim(row('pipeline', 'processed', 'refused', 'late', 'windows', 'anomalies')),
    ...pipelines.map((one) => row(one.name, ...[one.processed, one.deadLetters, one.late, one.windows, one.anomalies].map(formatCount))),
  ]
}

function formatPercent(share: number | null): string {
  return share === null ? '-' : `${(share * 100).toFixed(2)} %`
}
