/**
 * Measures how fast records are made (`node simulator/src/testing/measure.ts`) and sent to an embedded Kafka by
 * one process (`... --kafka`). The four faults of system C strike an eightieth of the devices each minute.
 */
import { createRecordSink, createTopicAdmin, startEmbeddedKafka } from '@tidewatch/kafka'
import { createLogger } from '@tidewatch/kit'
import type { SimulatorConfig } from '@tidewatch/api'
import { runSimulation } from '../runner.ts'
import { createSimulation } from '../scenario.ts'
import { aConfig, aFault, aSignal } from './config.ts'

const kinds = ['spike', 'drift', 'stuck', 'noise'] as const

const fleetOf = (devices: number, changes: Partial<SimulatorConfig>): SimulatorConfig =>
  aConfig((config) => {
    config.devices = { count: devices, idPattern: 'sensor_%07d' }
    config.profiles[0]!.signals = [aSignal({ base: 22, spread: 3, amplitude: 4, noise: 0.4 })]
    config.faults = kinds.map((kind) => aFault(kind, { selector: { probability: 1 / 80 }, startMs: 1_000, durationMs: 20_000, everyMs: 60_000 }))
    Object.assign(config, { durationMs: undefined, ...changes })
  })

function measureGeneration(): void {
  for (const devices of [10_000, 100_000, 1_000_000]) {
    const startedMs = performance.now()
    const simulation = createSimulation(fleetOf(devices, { messages: 3_000_000 }), { shard: 0, nowMs: Date.UTC(2026, 0) })
    const plannedMs = performance.now()
    let records = 0
    for (const _ of simulation) records++
    const seconds = (performance.now() - plannedMs) / 1_000
    console.log({ devices, setupMs: Math.round(plannedMs - startedMs), recordsPerSecond: Math.round(records / seconds), rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20) })
  }
}

async function measureKafka(): Promise<void> {
  const log = createLogger({ name: 'measure', level: 'warn' })
  const kafka = await startEmbeddedKafka()
  const connection = { brokers: kafka.brokers, clientId: 'measure' }
  const admin = createTopicAdmin({ connection, log })
  for (const compression of ['none', 'lz4'] as const) {
    for (const batchSize of [1_000, 10_000]) {
      const topic = `measure-${compression}-${batchSize}`
      await admin.ensureTopics([{ name: topic, partitions: 8 }])
      const sink = createRecordSink({ connection, log, compression })
      // So fast that the clock never holds a record back.
      const config = fleetOf(10_000, { topic, batchSize, messages: 1_500_000, speed: 1e6 })
      const { sent, sendErrors, achievedRate } = await runSimulation({ config, sink, log })
      await sink.close()
      console.log({ compression, batchSize, sent, sendErrors, recordsPerSecond: Math.round(achievedRate) })
    }
  }
  await admin.close()
  await kafka.stop()
}

if (process.argv.includes('--kafka')) await measureKafka()
else measureGeneration()
