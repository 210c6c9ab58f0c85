import type { DetectorConfig } from '@tidewatch/api'
import { aPipelineConfig, createTopics, DetectorProcess } from '@tidewatch/detector/testing'
import { defineError } from '@tidewatch/kit'
import { countCommitted, type BenchBroker } from '../broker.ts'
import { Helper } from './child.ts'
import type { FromGenerator, FromReader, RunSetup, ToGenerator, ToReader } from './messages.ts'
import type { Row, WindowKind } from './report.ts'

/** What one row measures. */
export interface Case {
  delivery: DetectorConfig['delivery']
  window: WindowKind
  readingsPerSecond: number
  /** Length of the measured stretch. */
  seconds: number
  devices: number
  partitions: number
}

/** The detector under test has ended by itself, or does not keep up with its history. */
export const DetectorFailed = defineError('DETECTOR_FAILED', { retry: 'never' })

const sliding = { kind: 'sliding', sizeMs: 60_000, slideMs: 10_000 } as const
const allowedLatenessMs = 1_000
/** Event time that is loaded before, so that windows are complete and models warm. */
const historyMs = 400_000
const historyEveryMs = 10_000
/** Windows (or readings) before a model judges: micro-clusters take at least 30, and the history holds 34 windows. */
const warmUp = 30
/** At the rate, before it is measured: broker and detector are programs that compile themselves while they run. */
const settleMs = 30_000
/** So long after the last reading was due a verdict may come and still count. */
const graceMs = 5_000
const patienceMs = 60_000

/** Measures one case: its own topics, detector, generator and reader, on a broker that all cases share. */
export async function measure({ delivery, window, readingsPerSecond, seconds, devices, partitions }: Case, { brokers, admin }: BenchBroker): Promise<Row> {
  const name = `latency-${window}-${delivery.toLowerCase()}-${readingsPerSecond}`
  const config = aPipelineConfig(name, {
    partitions,
    delivery,
    groupBy: 'Device',
    window: window === 'none' ? { kind: 'none' } : sliding,
    allowedLatenessMs,
    model: { kind: 'microClusters', parameters: {} },
    warmUp,
    checkpoint: { topic: `${name}-state`, intervalMs: 10_000 },
  })
  await createTopics(admin, config)
  const setup: RunSetup = {
    brokers,
    topic: config.topic,
    scores: config.outputs.scores!,
    schedule: { readingsPerSecond, devices, partitions },
    window: window === 'none' ? undefined : { slideMs: sliding.slideMs, allowedLatenessMs },
  }
  const detector = new DetectorProcess(config, brokers, { TIDEWATCH_LOG_LEVEL: 'warn' })
  const generator = new Helper<ToGenerator, FromGenerator>('generator', setup)
  const reader = new Helper<ToReader, FromReader>('reader', setup)
  let hasEnded = false
  void detector.exited.then(() => (hasEnded = true))
  const readProgress = async (): Promise<{ readings: number; atMs: number }> => {
    if (hasEnded) throw new DetectorFailed(`The detector has ended:\n${detector.output}`)
    return { readings: await countCommitted(admin, config.groupId, config.topic), atMs: performance.now() }
  }
  try {
    await Promise.all([generator.require('ready', patienceMs), reader.require('ready', patienceMs)])
    const historyToMs = Date.now()
    generator.tell({ kind: 'history', fromMs: historyToMs - historyMs, toMs: historyToMs, everyMs: historyEveryMs })
    const { readings } = await generator.require('loaded', patienceMs)
    await until(async () => (await readProgress()).readings >= readings, `The detector has not come to the end of ${readings} readings within ${patienceMs / 1_000} s`)

    const startMs = Date.now() + 250
    const measured = { fromMs: startMs + settleMs, toMs: startMs + settleMs + seconds * 1_000 }
    reader.tell({ kind: 'measure', startMs, measured })
    // Beyond the stretch, so that its last verdicts come under load as well.
    generator.tell({ kind: 'live', startMs, untilMs: measured.toMs + 1_000, measured })
    await sleepUntil(measured.fromMs)
    const before = await readProgress()
    await sleepUntil(measured.toMs)
    const after = await readProgress()
    const isSustained = (await reader.hear('complete', graceMs)) !== undefined
    reader.tell({ kind: 'tell' })
    const { verdicts, latencyMs } = await reader.require('told', patienceMs)
    // A generator that has fallen behind is still at it.
    const sent = await generator.hear('sent', 1_000)
    const achieved = ((after.readings - before.readings) / (after.atMs - before.atMs)) * 1_000
    return { delivery, window, readingsPerSecond, achievedReadingsPerSecond: Math.round(achieved), isSustained, verdicts, latencyMs: isSustained ? latencyMs : null, acknowledgedMs: sent?.acknowledgedMs ?? null }
  } finally {
    await Promise.all([generator.stop(), reader.stop(), detector.signal('SIGTERM')])
  }
}

const sleepUntil = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms - Date.now()))

async function until(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  const deadlineMs = performance.now() + patienceMs
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new DetectorFailed(otherwise)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
