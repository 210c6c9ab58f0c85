import type { DetectorConfig } from '@tidewatch/api'
import { createLogger, createRegistry, FakeClock, nextTurn } from '@tidewatch/kit'
import { ExactlyOnce } from '../delivery/exactly-once.ts'
import { DetectorMetrics } from '../metrics.ts'
import { Runner } from '../runner.ts'
import { KafkaCheckpointStore } from '../state/checkpoint-store.ts'
import { aConfig } from './a-config.ts'
import { FakeSource, FakeTransactionalSink, type FakeBroker, type FakeLog } from './fake-kafka.ts'

export const startMs = Date.UTC(2026, 0, 1)
const log = createLogger({ name: 'test', level: 'silent' })
/** Whatever a test starts and does not stop itself. */
export const stops: (() => Promise<unknown>)[] = []

/** To be called after each test. */
export async function stopRunners(): Promise<void> {
  for (const stop of stops.splice(0)) await stop()
}

/** Whoever sleeps makes time pass. */
class RushingClock extends FakeClock {
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    setImmediate(() => this.advance(ms))
    return super.sleep(ms, signal)
  }
}

/** A detector on a broker in memory, with a log for its checkpoints. */
export function aRunner(broker: FakeBroker, state: FakeLog, given: Partial<DetectorConfig> = {}) {
  const config = aConfig({
    window: { kind: 'tumbling', sizeMs: 4_000 },
    groupBy: 'DeviceAndMetric',
    warmUp: 5,
    allowedLatenessMs: 0,
    idleTimeoutMs: 86_400_000,
    outputs: { anomalies: 'anomalies', deadLetters: 'dead', scores: 'scores' },
    delivery: 'ExactlyOnce',
    ...given,
  })
  const clock = new RushingClock(startMs + 1_000_000)
  const source = new FakeSource(broker)
  const metrics = new DetectorMetrics(createRegistry(), config.topic)
  const admin = {
    readCommitted: async () => new Map(broker.committed),
    readPartitionCount: async () => broker.logs.length,
    readOffsets: async () => broker.logs.map(({ length }, partition) => ({ partition, logStartOffset: 0, logEndOffset: length })),
  }
  const delivery = new ExactlyOnce({ config, source, admin, metrics, clock, log, createSink: (id) => new FakeTransactionalSink(broker, id) })
  const store = new KafkaCheckpointStore({ topic: config.checkpoint.topic, sink: state, reader: state })
  const abort = new AbortController()
  const runner = new Runner({ config, source, delivery, store, metrics, clock, log })
  const running = runner.run(abort.signal)
  running.catch(() => {})
  const stop = async () => {
    abort.abort()
    await source.close()
    await running.catch(() => {})
  }
  stops.push(stop)
  /** Lets what is under way come to an end, and time pass. */
  const settle = async () => {
    for (let i = 0; i < 6; i++) {
      clock.advance(1_000)
      await source.idle()
      await nextTurn()
    }
  }
  return { config, source, metrics, clock, abort, running, stop, settle }
}

/** Readings of two devices, one each second, with a poison record here and there. */
export function fill(broker: FakeBroker, from: number, to: number, partition = 0): void {
  for (let second = from; second < to; second++) {
    const timestampMs = startMs + second * 1_000
    const value = { sensor_id: `d${second % 2}`, timestamp: new Date(timestampMs).toISOString(), metric: 't', value: 20 + ((second * 7) % 11) / 10 + (second % 97 === 0 ? 40 : 0) }
    broker.append(partition, { value: Buffer.from(second % 41 === 40 ? 'poison' : JSON.stringify(value)), timestampMs })
  }
}

/** By topic, in order; how what goes to different topics is cut into transactions is nobody's business. */
export const valuesOf = (broker: FakeBroker) => broker.outputs.toSorted((a, b) => a.topic.localeCompare(b.topic)).map(({ topic, value, headers }) => `${topic} ${String(headers?.['tidewatch-source-offset'] ?? '')} ${String(value)}`)
