import { setTimeout as sleep } from 'node:timers/promises'
import type { DetectorConfig } from '@tidewatch/api'
import { aPipelineConfig, createTopics } from '@tidewatch/detector/testing'
import { createPartitionReader, createRecordSink, createTopicAdmin, startEmbeddedKafka, type EmbeddedKafka, type PartitionReader, type TopicAdmin } from '@tidewatch/kafka'
import { createLogger, mulberry32 } from '@tidewatch/kit'
import { Crew } from './crew.ts'
import { ChaosStuck } from './errors.ts'
import { Feeder } from './feeder.ts'
import { Progress } from './progress.ts'
import { KafkaProxy } from './proxy/kafka-proxy.ts'

export interface StageOptions {
  /** Also the name of the pipeline, its group and its topics. */
  name: string
  seed: number
  readings: number
  /** The time over which readings are spread. */
  loadMs: number
  /** Most detectors at a time: each has a proxy. */
  slots: number
  delivery?: DetectorConfig['delivery']
  /** Told of what is done, line by line. */
  say: (line: string) => void
}

export interface Step {
  step: string
  /** The longest time without output of a partition in it. */
  silenceSeconds: number
  rebalances: number
}

const log = createLogger({ name: 'chaos', level: 'fatal' })
const partitions = 8
const devices = 5
/** As short as brokers allow, so that a detector which is gone is missed soon. */
const sessionTimeoutMs = 6_000
/** Event time begins so long ago that it stays behind the clock, however many readings are asked for. */
const recordingAgeMs = 20 * 86_400_000
/** After a fault every partition must bring something again within this time. */
const recoveryTimeoutMs = 120_000

/** Everything a scenario plays with: a broker, a crew of detectors behind proxies, a load, and eyes. */
export class Stage {
  readonly config: DetectorConfig
  readonly broker: EmbeddedKafka
  readonly crew: Crew
  readonly feeder: Feeder
  readonly progress: Progress
  readonly admin: TopicAdmin
  readonly reader: PartitionReader
  readonly say: (line: string) => void
  /** Chance between 0 and 1, from the seed. */
  readonly draw: () => number
  /** What was done, by kind. */
  readonly faults = new Map<string, number>()
  readonly steps: Step[] = []
  readonly #closers: (() => Promise<unknown>)[]

  private constructor(given: Pick<Stage, 'config' | 'broker' | 'crew' | 'feeder' | 'progress' | 'admin' | 'reader' | 'say' | 'draw'>, closers: (() => Promise<unknown>)[]) {
    this.config = given.config
    this.broker = given.broker
    this.crew = given.crew
    this.feeder = given.feeder
    this.progress = given.progress
    this.admin = given.admin
    this.reader = given.reader
    this.say = given.say
    this.draw = given.draw
    this.#closers = closers
  }

  static async open({ name, seed, readings, loadMs, slots, delivery = 'ExactlyOnce', say }: StageOptions): Promise<Stage> {
    const closers: (() => Promise<unknown>)[] = []
    try {
      const proxies = await Promise.all(Array.from({ length: slots }, () => KafkaProxy.listen()))
      closers.push(() => Promise.all(proxies.map((proxy) => proxy.close())))
      const broker = await startBroker(proxies)
      closers.push(() => broker.stop())
      const connection = { brokers: broker.brokers, clientId: 'chaos' }
      const admin = createTopicAdmin({ connection, log })
      closers.push(() => admin.close())
      const reader = createPartitionReader({ connection, log })
      closers.push(() => reader.close())
      // Past every proxy.
      const sink = createRecordSink({ connection, log })
      closers.push(() => sink.close())
      const config = buildConfig(name, delivery)
      await createTopics(admin, config)
      const crew = new Crew({ config, proxies, sessionTimeoutMs })
      closers.push(() => crew.kill())
      const { slideMs } = config.window as { slideMs: number }
      const startMs = Math.floor((Date.now() - recordingAgeMs) / slideMs) * slideMs
      const feeder = new Feeder({ sink, recording: { topic: config.topic, partitions, devices, startMs, seed }, readings, overMs: loadMs })
      closers.push(() => feeder.stop())
      const progress = new Progress(admin, config)
      closers.push(() => progress.stop())
      return new Stage({ config, broker, crew, feeder, progress, admin, reader, say, draw: mulberry32(seed) }, closers)
    } catch (error) {
      await closeAll(closers)
      throw error
    }
  }

  /** Notes that something was done, by its kind. */
  fault(kind: string, detail = ''): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1)
    this.say(`${kind}${detail === '' ? '' : `: ${detail}`}`)
  }

  /** Resolves when every partition has brought something, or had nothing to do, after now. @throws ChaosStuck */
  async recovered(): Promise<void> {
    const sinceMs = performance.now()
    await this.until('every partition goes on', () => this.progress.hasMovedSince(sinceMs))
  }

  /** @throws ChaosStuck after two minutes. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const deadlineMs = performance.now() + recoveryTimeoutMs
    while (!isSo()) {
      if (performance.now() > deadlineMs) throw new ChaosStuck(`Waited ${recoveryTimeoutMs / 1_000} s in vain until ${what}: ${this.progress.describe()}`)
      await sleep(100)
    }
  }

  /** Ends everything, by process id. */
  async close(): Promise<void> {
    await closeAll(this.#closers)
  }
}

async function closeAll(closers: (() => Promise<unknown>)[]): Promise<void> {
  while (closers.length > 0) await closers.pop()!()
}

function buildConfig(name: string, delivery: DetectorConfig['delivery']): DetectorConfig {
  return aPipelineConfig(name, {
    partitions,
    window: { kind: 'sliding', sizeMs: 20_000, slideMs: 10_000 },
    allowedLatenessMs: 5_000,
    warmUp: 8,
    // The recording says all there is to say: nothing may close by the clock of the machine.
    idleTimeoutMs: 86_400_000,
    delivery,
    commitIntervalMs: 1_000,
  })
}

/** A broker with a listener for us and one for each proxy, advertised under the proxy's port: so no client finds a way around it. */
async function startBroker(proxies: readonly KafkaProxy[]): Promise<EmbeddedKafka> {
  const broker = await startEmbeddedKafka({
    extraListeners: proxies.map(({ port }, i) => ({ name: `SLOT${i}`, protocol: 'PLAINTEXT', advertised: `127.0.0.1:${port}` })),
  })
  proxies.forEach((proxy, i) => proxy.forwardTo(broker.portOf(`SLOT${i}`)))
  return broker
}
