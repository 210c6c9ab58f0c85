import { computeAccuracy, detectorMetrics as names, type Totals } from '@tidewatch/api'
import type { PipelineTelemetry } from '../pipeline/telemetry-view.ts'

/** What earlier looks at a pipeline have left. */
export interface PipelineMemory {
  /** Added to what the processes count: anomalies of those that were gone before we began to look. */
  anomaliesBefore: number
  /** The total at moments of the last hour, the oldest first. */
  anomaliesAt: readonly { atMs: number; total: number }[]
  processed: { atMs: number; total: number }
  /** What moves when anything happens. */
  activity: string
  shown: PipelineTelemetry
}

const hourMs = 3_600_000
/** Moments are kept so far apart: sixty for an hour. */
const momentMs = 60_000

/**
 * One look at all detectors of a pipeline.
 *
 * While nothing is processed and nothing found, all that was shown before is shown again (but for the rate): the
 * watermark of an idle partition moves with the clock, and a status that moved with it would be written for ever.
 *
 * @param told what the object's status said of anomalies when we began: totals go on from there when the operator restarts.
 */
export function measurePipeline(totals: Totals, before: PipelineMemory | undefined, told: { lastHour: number; total: number } | undefined, nowMs: number): PipelineMemory {
  const counted = totals.sum(names.anomalies)
  const anomaliesBefore = before?.anomaliesBefore ?? Math.max(0, (told?.total ?? 0) - counted)
  const total = counted + anomaliesBefore
  const anomaliesAt = rememberMoment(before?.anomaliesAt ?? [{ atMs: nowMs, total: (told?.total ?? 0) - (told?.lastHour ?? 0) }], total, nowMs)
  const processed = { atMs: nowMs, total: totals.sum(names.processed) }
  const seconds = before === undefined ? 0 : (nowMs - before.processed.atMs) / 1_000
  // What a detector that was killed had not told yet is missing from the total.
  const readingsPerSecond = before === undefined || seconds <= 0 ? undefined : Math.max(0, processed.total - before.processed.total) / seconds
  const lastHour = total - (anomaliesAt[0]?.total ?? total)
  const growing = totals.sum(names.partitionsGrowing)
  const activity = [processed.total, totals.sum(names.windows), totals.sum(names.late), total, lastHour, totals.sum(names.keys), growing].join(' ')
  if (before !== undefined && before.activity === activity) return { ...before, processed, anomaliesAt, shown: { ...before.shown, readingsPerSecond } }

  const watermark = totals.min(names.watermark)
  const warming = totals.sum(names.keys, { state: 'warming' })
  const shown: PipelineTelemetry = {
    readingsPerSecond,
    anomalies: { lastHour, total },
    watermarkMs: watermark === undefined ? undefined : watermark * 1_000,
    model: { devices: warming + totals.sum(names.keys, { state: 'active' }), warming, bytes: totals.sum(names.stateBytes) },
    accuracy: measureAccuracy(totals),
    ...(growing > 0 && { partitionsGrowing: growing }),
  }
  return { anomaliesBefore, anomaliesAt, processed, activity, shown }
}

/** Keeps one moment a minute, and the newest one that is an hour old or older. */
function rememberMoment(moments: PipelineMemory['anomaliesAt'], total: number, nowMs: number): PipelineMemory['anomaliesAt'] {
  const isDue = nowMs - (moments.at(-1)?.atMs ?? -Infinity) >= momentMs
  const all = isDue ? [...moments, { atMs: nowMs, total }] : moments
  const firstRecent = all.findIndex(({ atMs }) => atMs > nowMs - hourMs)
  return firstRecent <= 1 ? all : all.slice(firstRecent - 1)
}

function measureAccuracy(totals: Totals): PipelineTelemetry['accuracy'] {
  const accuracy = computeAccuracy(totals)
  if (accuracy === undefined) return undefined
  const byFault = Object.entries(accuracy.byFault).map(([fault, { precision, recall }]) => [fault, { precision: precision ?? undefined, recall: recall ?? undefined }] as const)
  return { precision: accuracy.precision ?? undefined, recall: accuracy.recall ?? undefined, byFault: Object.fromEntries(byFault) }
}
