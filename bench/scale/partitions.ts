import { aPipelineConfig, createTopics, DetectorProcess } from '@tidewatch/detector/testing'
import { createRecordSink } from '@tidewatch/kafka'
import { createLogger } from '@tidewatch/kit'
import { countCommitted, type BenchBroker } from '../broker.ts'
import { createReadings } from '../latency/readings.ts'
import { findTakeOver } from '../take-over.ts'
import { StepFailed } from './devices.ts'
import type { PartitionRow } from './messages.ts'

const batch = 10_000
const startAgoMs = 3_600_000
const patienceMs = 120_000

/** What one number of partitions is measured with. */
export interface PartitionStep {
  partitions: number
  readings: number
  devices: number
}

/**
 * Fills a topic of so many partitions and has one detector process work it off: readings a second from taking over its partitions to the
 * commit that covers all.
 *
 * @throws StepFailed where the detector ends, or has not come to the end in two minutes.
 */
export async function measurePartitions({ partitions, readings, devices }: PartitionStep, { brokers, admin }: BenchBroker): Promise<PartitionRow> {
  const name = `scale-${partitions}`
  const config = aPipelineConfig(name, {
    partitions,
    delivery: 'ExactlyOnce',
    groupBy: 'Device',
    window: { kind: 'sliding', sizeMs: 60_000, slideMs: 10_000 },
    model: { kind: 'microClusters', parameters: {} },
    outputs: { anomalies: `${name}-anomalies`, deadLetters: `${name}-dead-letters` },
    checkpoint: { topic: `${name}-state`, intervalMs: 10_000 },
  })
  await createTopics(admin, config)
  const sink = createRecordSink({ connection: { brokers, clientId: 'bench' }, log: createLogger({ name: 'bench', level: 'error' }) })
  const makeReading = createReadings({ topic: config.topic, devices, partitions })
  const startMs = Date.now() - startAgoMs
  for (let from = 0; from < readings; from += batch) {
    await sink.send(Array.from({ length: Math.min(batch, readings - from) }, (_, i) => makeReading((from + i) % devices, startMs + Math.floor(((from + i) * 1_000) / devices))))
  }
  await sink.close()

  const detector = new DetectorProcess(config, brokers, { TIDEWATCH_LOG_LEVEL: 'info' })
  let hasEnded = false
  void detector.exited.then(() => (hasEnded = true))
  try {
    const deadlineMs = Date.now() + patienceMs
    for (;;) {
      const taken = await countCommitted(admin, config.groupId, config.topic)
      const nowMs = Date.now()
      if (taken >= readings) return { partitions, readingsPerSecond: (readings * 1_000) / (nowMs - findTakeOverMs(detector.output)) }
      if (hasEnded) throw new StepFailed(`The detector with ${partitions} partitions has ended:\n${detector.output}`)
      if (nowMs > deadlineMs) throw new StepFailed(`The detector with ${partitions} partitions has taken in ${taken} of ${readings} readings within ${patienceMs / 1_000} s: ask for fewer with --readings`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  } finally {
    await detector.signal('SIGTERM')
  }
}

/** When a detector had its partitions, by its log. @throws StepFailed where the log does not say. */
export function findTakeOverMs(log: string): number {
  const ms = findTakeOver(log)
  if (ms === undefined) throw new StepFailed(`The detector has not told when it took over its partitions:\n${log}`)
  return ms
}
