import type { DetectorConfig } from '@tidewatch/api'
import { createLogger, createRegistry, FakeClock } from '@tidewatch/kit'
import { afterEach, describe, expect, test } from 'vitest'
import { DetectorMetrics } from '../metrics.ts'
import { Runner } from '../runner.ts'
import { KafkaCheckpointStore } from '../state/checkpoint-store.ts'
import { aConfig } from '../testing/index.ts'
import { FakeBroker, FakeLog, FakeSource, FakeTransactionalSink, type TransactionFault } from '../testing/fake-kafka.ts'
import { ExactlyOnce, transactionalIdOf } from './exactly-once.ts'
import { computePauseMs, computeRetryPauseMs } from './pace.ts'

const startMs = Date.UTC(2026, 0, 1)
const log = createLogger({ name: 'test', level: 'silent' })
const stops: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** Whoever sleeps makes time pass. */
class RushingClock extends FakeClock {
  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    setImmediate(() => this.advance(ms))
    return super.sleep(ms, signal)
  }
}

/** A detector on a broker in memory, with a log for its checkpoints. */
function aRunner(broker: FakeBroker, state: FakeLog, given: Partial<DetectorConfig> = {}) {
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
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { config, source, metrics, clock, abort, running, stop, settle }
}

/** Readings of two devices, one each second, with a poison record here and there. */
function fill(broker: FakeBroker, from: number, to: number, partition = 0): void {
  for (let second = from; second < to; second++) {
    const timestampMs = startMs + second * 1_000
    const value = { sensor_id: `d${second % 2}`, timestamp: new Date(timestampMs).toISOString(), metric: 't', value: 20 + ((second * 7) % 11) / 10 + (second % 97 === 0 ? 40 : 0) }
    broker.append(partition, { value: Buffer.from(second % 41 === 40 ? 'poison' : JSON.stringify(value)), timestampMs })
  }
}

/** By topic, in order; how what goes to different topics is cut into transactions is nobody's business. */
const valuesOf = (broker: FakeBroker) => broker.outputs.toSorted((a, b) => a.topic.localeCompare(b.topic)).map(({ topic, value, headers }) => `${topic} ${String(headers?.['tidewatch-source-offset'] ?? '')} ${String(value)}`)

/** What comes out where nothing goes wrong. */
async function uninterrupted(records: number): Promise<string[]> {
  const broker = new FakeBroker('readings')
  fill(broker, 0, records)
  const { source, settle, stop } = aRunner(broker, new FakeLog())
  await source.assign([0])
  await source.deliver()
  await settle()
  await stop()
  const values = valuesOf(broker)
  expect(values.length).toBeGreaterThan(records / 20)
  return values
}

describe('a transaction that fails', () => {
  const faults: [string, (commit: number) => TransactionFault][] = [
    ['each one is refused once', (commit) => (commit % 2 === 0 ? 'refused' : undefined)],
    ['each one is in, and nobody is told', (commit) => (commit % 2 === 0 ? 'unanswered' : undefined)],
    ['refused, then unanswered, then well', (commit) => (['refused', 'unanswered', undefined] as const)[commit % 3]],
  ]
  test.each(faults)('%s: every verdict and dead letter is there once, in order', async (_, faultAt) => {
    const expected = await uninterrupted(400)
    const broker = new FakeBroker('readings')
    fill(broker, 0, 400)
    let commits = 0
    broker.onTransaction = () => faultAt(commits++)
    const { source, settle, metrics } = aRunner(broker, new FakeLog())
    await source.assign([0])
    await settle()
    for (let i = 0; i < 10; i++) {
      await source.deliver(0, 40)
      await settle()
    }
    expect(valuesOf(broker)).toEqual(expected)
    expect(broker.committed.get(0)?.offset).toBe(400)
    expect(metrics.transactionsFailed).toBeGreaterThan(5)
  })

  test('for two minutes: the process ends', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 100)
    const { source, running, clock } = aRunner(broker, new FakeLog())
    await source.assign([0])
    broker.onTransaction = () => 'refused'
    void source.deliver()
    void (async () => {
      for (let i = 0; i < 200; i++) {
        clock.advance(1_000)
        void source.idle()
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    await expect(running).rejects.toThrow('the commit was refused')
  })

  test('while out of touch with the group it is not tried again: the partition may be another\'s', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 100)
    const { source, settle, config } = aRunner(broker, new FakeLog())
    await source.assign([0])
    broker.onTransaction = () => 'refused'
    source.isHeard = false
    await source.deliver()
    await settle()
    const epoch = broker.epochs.get(transactionalIdOf(config, 0))
    await settle()
    expect(broker.epochs.get(transactionalIdOf(config, 0))).toBe(epoch)
    broker.onTransaction = undefined
    source.isHeard = true
    await settle()
    expect(broker.committed.get(0)?.offset).toBe(100)
  })
})

describe('a partition that changes hands', () => {
  test('a detector that was replaced without knowing writes nothing more and ends', async () => {
    const expected = await uninterrupted(300)
    const broker = new FakeBroker('readings')
    fill(broker, 0, 300)
    const state = new FakeLog()
    const zombie = aRunner(broker, state)
    await zombie.source.assign([0])
    await zombie.source.deliver(0, 120)
    await zombie.settle()
    const heir = aRunner(broker, state)
    await heir.source.assign([0])
    void zombie.source.deliver(0, 50)
    void (async () => {
      for (let i = 0; i < 10; i++) {
        zombie.clock.advance(1_000)
        void zombie.source.idle()
        await new Promise((resolve) => setImmediate(resolve))
      }
    })()
    await expect(zombie.running).rejects.toThrow('another one works as')
    await heir.source.deliver()
    await heir.settle()
    expect(valuesOf(broker)).toEqual(expected)
  })

  test('one that is told of the rebalance in time drops the partition and goes on', async () => {
    const expected = await uninterrupted(300)
    const broker = new FakeBroker('readings', 2)
    fill(broker, 0, 300)
    const state = new FakeLog()
    const first = aRunner(broker, state)
    await first.source.assign([0, 1])
    await first.source.deliver(0, 130)
    const second = aRunner(broker, state)
    await second.source.assign([0])
    await first.source.assign([1])
    await first.settle()
    await second.source.deliver()
    await second.settle()
    expect(valuesOf(broker)).toEqual(expected)
    expect(broker.committed.get(0)?.offset).toBe(300)
  })

  test('one that gets it back untouched goes on with what is not out yet', async () => {
    const expected = await uninterrupted(300)
    const broker = new FakeBroker('readings')
    fill(broker, 0, 300)
    const { source, settle, metrics } = aRunner(broker, new FakeLog())
    await source.assign([0])
    broker.onTransaction = () => 'unanswered'
    await source.deliver(0, 130)
    await source.assign([0])
    broker.onTransaction = undefined
    await source.deliver()
    await settle()
    expect(valuesOf(broker)).toEqual(expected)
    expect(metrics.tallies.records).toBe(300)
  })
})

describe('a process that dies', () => {
  test.each([
    ['after each commit', undefined],
    ['in the middle of each transaction', 'refused'],
    ['when each transaction is in, before it knows', 'unanswered'],
  ] as const)('%s: every verdict of an uninterrupted run is there once, with the same score', async (_, fault) => {
    const expected = await uninterrupted(300)
    const broker = new FakeBroker('readings')
    fill(broker, 0, 300)
    const state = new FakeLog()
    for (let life = 0; life < 60 && (broker.committed.get(0)?.offset ?? 0) < 300; life++) {
      const { source, settle } = aRunner(broker, state)
      await source.assign([0])
      // The replay first, where there is one; then some records in the open.
      const before = broker.committed.get(0)?.offset ?? 0
      while ((broker.committed.get(0)?.offset ?? 0) <= before && before < 300) {
        await source.deliver(0, 23)
        await settle()
      }
      broker.onTransaction = () => fault
      await source.deliver(0, 17)
      await new Promise((resolve) => setImmediate(resolve))
      broker.onTransaction = undefined
      // Nothing is told to the old one any more: it is dead, and its place is taken by the next.
      stops.length = 0
    }
    expect(valuesOf(broker)).toEqual(expected)
  })

  test('on a signal: commits what it has, leaves a checkpoint of just that, and the next one replays nothing', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 300)
    const state = new FakeLog()
    const first = aRunner(broker, state)
    await first.source.assign([0])
    await first.source.deliver(0, 123)
    first.abort.abort()
    void first.source.idle()
    await first.running
    expect(broker.committed.get(0)?.offset).toBe(123)
    expect(state.liveKeys.some((key) => key.startsWith('0/123-'))).toBe(true)
    const second = aRunner(broker, state)
    await second.source.assign([0])
    await second.source.deliver()
    await second.settle()
    expect(second.metrics.takeovers).toEqual({ checkpoint: 1, restorePoint: 0, nothing: 0 })
    expect(second.metrics.tallies.records).toBe(177)
    expect(valuesOf(broker)).toEqual(await uninterrupted(300))
  })
})

test('a checkpoint is taken before the first record, at the interval after that, and two are kept', async () => {
  const broker = new FakeBroker('readings')
  fill(broker, 0, 400)
  const state = new FakeLog()
  const { source, settle } = aRunner(broker, state)
  await source.assign([0])
  const manifests = () => state.liveKeys.filter((key) => key.endsWith('/manifest')).map((key) => key.replace(/-.*\//, '/'))
  expect(manifests()).toEqual(['0/0/manifest'])
  for (let i = 0; i < 10; i++) {
    await source.deliver(0, 40)
    await settle()
    await settle()
  }
  expect(manifests()).toEqual([expect.stringMatching(/^0\/(240|280|320|360)\/manifest$/), '0/400/manifest'])
})

test.each([
  [5, 1_000, 100],
  [30, 1_000, 300],
  [500, 1_000, 1_000],
])('after a transaction of %d ms, at a commit interval of %d ms, the next one waits %d ms', (tookMs, intervalMs, pauseMs) => {
  expect(computePauseMs(tookMs, intervalMs)).toBe(pauseMs)
})

test('failed transactions are tried again at growing pauses', () => {
  expect([0, 1, 2, 5, 10].map(computeRetryPauseMs)).toEqual([100, 200, 400, 3_200, 5_000])
})
