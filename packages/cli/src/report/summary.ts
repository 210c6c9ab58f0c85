import { computeAccuracy, computeQuantile, detectorMetrics as names, inMs, Totals, type Accuracy, type FaultAccuracy } from '@tidewatch/api'
import type { Anomaly } from '../run/anomaly.ts'
import type { SendReport } from '../process/sender.ts'

/** What is known of one pipeline when a run ends. */
export interface PipelineOutcome {
  name: string
  topic: string
  totals: Totals
  /** By committed offsets: records that the group left behind since the run began, dead letters among them. */
  consumed: number
  /** Records still waiting. */
  lag: number
  deadLetters: Record<string, number>
  anomalies: number
  detectors: number
  restarts: number
}

export interface FleetOutcome extends SendReport {
  name: string
  topic: string
}

/** What is known of a whole run when it ends. */
export interface RunOutcome {
  pipelines: readonly PipelineOutcome[]
  fleets: readonly FleetOutcome[]
  /** From the first reading sent (or the start, without a fleet) until the last one was processed. */
  durationMs: number
  anomalies: readonly Anomaly[]
}

/** The file of `--summary`. The names of DESIGN section 9 stay; what is added to them may grow. */
export interface Summary {
  sent: number
  processed: number
  deadLetters: number
  late: number
  windows: number
  anomalies: number
  precision: number | null
  recall: number | null
  byFault: Record<string, FaultAccuracy>
  latencyMs: { p50: number | null; p95: number | null; p99: number | null; max: number | null }
  readingsPerSecond: number
  durationMs: number
  detectors: number
  // Beyond DESIGN section 9.
  sendErrors: number
  deadLettersByReason: Record<string, number>
  lag: number
  restarts: number
  windowsJudged: number
  windowsOpen: number
  windowsIncomplete: number
  falseAlarmRate: number | null
  injected: Record<string, number>
  pipelines: PipelineSummary[]
  fleets: { name: string; topic: string; sent: number; sendErrors: number }[]
  latestAnomalies: object[]
}

export interface PipelineSummary extends Omit<Accuracy, 'incidents' | 'detected'> {
  name: string
  topic: string
  processed: number
  deadLetters: number
  late: number
  windows: number
  anomalies: number
  lag: number
  detectors: number
  restarts: number
}

/** Computes a run's summary; pure. */
export function computeSummary({ pipelines, fleets, durationMs, anomalies }: RunOutcome): Summary {
  const all = Totals.merge(pipelines.map(({ totals }) => totals))
  const accuracy = computeAccuracy(all)
  const latency = all.buckets(names.latency)
  const max = (latency.at(-1)?.count ?? 0) > 0 ? all.max(names.latencyMax) : undefined
  const rows = pipelines.map(summarisePipeline)
  const total = (read: (row: PipelineSummary) => number) => rows.reduce((sum, row) => sum + read(row), 0)
  const processed = total((row) => row.processed)
  return {
    sent: fleets.reduce((sum, fleet) => sum + fleet.sent, 0),
    processed,
    deadLetters: total((row) => row.deadLetters),
    late: total((row) => row.late),
    windows: total((row) => row.windows),
    anomalies: total((row) => row.anomalies),
    precision: accuracy?.precision ?? null,
    recall: accuracy?.recall ?? null,
    byFault: accuracy?.byFault ?? {},
    latencyMs: {
      p50: inMs(computeQuantile(latency, 0.5, max)),
      p95: inMs(computeQuantile(latency, 0.95, max)),
      p99: inMs(computeQuantile(latency, 0.99, max)),
      max: inMs(max ?? computeQuantile(latency, 1)),
    },
    readingsPerSecond: durationMs > 0 ? Math.round((processed * 1e4) / durationMs) / 10 : 0,
    durationMs: Math.round(durationMs),
    detectors: total((row) => row.detectors),
    sendErrors: fleets.reduce((sum, fleet) => sum + fleet.sendErrors, 0),
    deadLettersByReason: addUp(pipelines.map(({ deadLetters }) => deadLetters)),
    lag: total((row) => row.lag),
    restarts: total((row) => row.restarts),
    windowsJudged: all.sum(names.windowsJudged),
    windowsOpen: all.sum(names.openWindows),
    windowsIncomplete: all.sum(names.windowsIncomplete),
    falseAlarmRate: accuracy?.falseAlarmRate ?? null,
    injected: addUp(fleets.map(({ injected }) => injected)),
    pipelines: rows,
    fleets: fleets.map(({ name, topic, sent, sendErrors }) => ({ name, topic, sent, sendErrors })),
    latestAnomalies: anomalies.map(describeAnomaly),
  }
}

function summarisePipeline({ name, topic, totals, consumed, lag, deadLetters, anomalies, detectors, restarts }: PipelineOutcome): PipelineSummary {
  const accuracy = computeAccuracy(totals)
  const dead = sumOf(deadLetters)
  return {
    name,
    topic,
    processed: consumed - dead,
    deadLetters: dead,
    late: totals.sum(names.late),
    windows: totals.sum(names.windows),
    anomalies,
    lag,
    detectors,
    restarts,
    precision: accuracy?.precision ?? null,
    recall: accuracy?.recall ?? null,
    falseAlarmRate: accuracy?.falseAlarmRate ?? null,
    byFault: accuracy?.byFault ?? {},
  }
}

function describeAnomaly({ id, pipeline, device, metric, windowStart, windowEnd, score, threshold, causes, truth }: Anomaly): object {
  return {
    id,
    pipeline,
    device,
    metric,
    window_start: windowStart,
    window_end: windowEnd,
    score,
    threshold,
    features: Object.fromEntries(causes.map(({ feature, value }) => [feature, value])),
    contributions: Object.fromEntries(causes.map(({ feature, contribution }) => [feature, contribution])),
    expected: Object.fromEntries(causes.filter(({ expected }) => expected !== undefined).map(({ feature, expected }) => [feature, expected])),
    groundTruth: truth,
  }
}

/**
 * What does not add up: one sentence for each pipeline that has not processed exactly what its fleets sent, beside
 * what still waits.
 *
 * @param mayHoldMore readings of somebody else may lie on the topics, so only too few are a fault.
 */
export function findDiscrepancies({ pipelines, fleets }: RunOutcome, mayHoldMore: boolean): string[] {
  return pipelines.flatMap(({ name, topic, consumed, lag }) => {
    const senders = fleets.filter((fleet) => fleet.topic === topic)
    if (senders.length === 0) return []
    const sent = senders.reduce((sum, fleet) => sum + fleet.sent, 0)
    const missing = sent - consumed - lag
    if (missing === 0 || (missing < 0 && mayHoldMore)) return []
    const what = missing > 0 ? `${missing} were lost` : `${-missing} came from elsewhere or were sent twice`
    return [`${name}: ${sent} readings were sent to ${topic}, ${consumed} were processed or put aside and ${lag} wait: ${what}`]
  })
}

function addUp(counts: readonly Record<string, number>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const one of counts) for (const [key, value] of Object.entries(one)) sums[key] = (sums[key] ?? 0) + value
  return sums
}

export function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, value) => total + value, 0)
}
