import { parseArgs } from 'node:util'
import type { DetectorConfig } from '@tidewatch/api'
import { aPipelineConfig, createTopics, DetectorProcess } from '@tidewatch/detector/testing'
import { createRecordSink, createTopicAdmin, startEmbeddedKafka, type OutputRecord } from '@tidewatch/kafka'
import { createLogger } from '@tidewatch/kit'
import { countCommitted } from './broker.ts'

// What exactly-once costs: one detector works off the same log under both promises: `node bench/delivery.ts --records 300000`.

const { values: given } = parseArgs({ options: { records: { type: 'string', default: '300000' }, partitions: { type: 'string', default: '4' }, devices: { type: 'string', default: '400' } } })
const records = Number(given.records)
const partitions = Number(given.partitions)
const devices = Number(given.devices)
const startMs = Date.now() - 86_400_000
const log = createLogger({ name: 'bench', level: 'error' })

const kafka = await startEmbeddedKafka()
const connection = { brokers: kafka.brokers, clientId: 'bench' }
const admin = createTopicAdmin({ connection, log })
try {
  await admin.ensureTopics([{ name: 'readings', partitions }])
  await fill()
  const rates = new Map<string, number>()
  for (const delivery of ['AtLeastOnce', 'ExactlyOnce', 'AtLeastOnce', 'ExactlyOnce'] as const) {
    const perSecond = await measure(delivery)
    rates.set(delivery, Math.max(rates.get(delivery) ?? 0, perSecond))
    console.log(`${delivery.padEnd(12)} ${Math.round(perSecond).toLocaleString('en')} readings/s`)
  }
  console.log(`ExactlyOnce / AtLeastOnce: ${(rates.get('ExactlyOnce')! / rates.get('AtLeastOnce')!).toFixed(2)} (best of two each)`)
} finally {
  await admin.close()
  await kafka.stop()
}

async function fill(): Promise<void> {
  const sink = createRecordSink({ connection, log })
  for (let from = 0; from < records; from += 10_000) {
    const batch = Array.from({ length: Math.min(10_000, records - from) }, (_, i): OutputRecord => {
      const n = from + i
      const device = n % devices
      const timestamp = new Date(startMs + Math.floor(n / devices) * 1_000).toISOString()
      const value = 20 + ((n * 7_919) % 1_000) / 1_000
      return { topic: 'readings', partition: device % partitions, key: `d${device}`, value: `{"sensor_id":"d${device}","timestamp":"${timestamp}","metric":"t","value":${value}}` }
    })
    await sink.send(batch)
  }
  await sink.close()
}

/** From the first commit that covers a record to the one that covers all. */
async function measure(delivery: DetectorConfig['delivery']): Promise<number> {
  const name = `bench-${Date.now()}`
  const config = aPipelineConfig(name, { topic: 'readings', partitions, delivery, checkpoint: { topic: `${name}-state`, intervalMs: 10_000 } })
  await createTopics(admin, config)
  const detector = new DetectorProcess(config, kafka.brokers, { TIDEWATCH_LOG_LEVEL: 'warn' })
  let hasEnded = false
  void detector.exited.then(() => (hasEnded = true))
  try {
    let first: { atMs: number; offset: number } | undefined
    for (;;) {
      const offset = await countCommitted(admin, config.groupId, 'readings')
      if (first === undefined && offset > 0) first = { atMs: performance.now(), offset }
      if (first !== undefined && offset >= records) return ((offset - first.offset) / (performance.now() - first.atMs)) * 1_000
      if (hasEnded) throw new Error(`The detector has ended:\n${detector.output}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  } finally {
    await detector.signal('SIGTERM')
  }
}
