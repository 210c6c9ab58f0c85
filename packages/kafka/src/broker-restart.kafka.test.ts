import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger } from '@tidewatch/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTopicAdmin } from './admin.ts'
import { startEmbeddedKafka, type EmbeddedKafka } from './embedded/index.ts'
import { RebalanceInProgress } from './errors.ts'
import { createRecordSink } from './sink.ts'
import { createRecordSource } from './source.ts'
import { readTopicWithJava } from './testing/java-tools.ts'
import { createTransactionalSink } from './transactional-sink.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
let broker: EmbeddedKafka

beforeAll(async () => {
  broker = await startEmbeddedKafka()
})
afterAll(() => broker.stop())

const connection = () => ({ brokers: broker.brokers, clientId: 'test' })

async function ensureTopic(name: string, partitions: number): Promise<void> {
  const admin = createTopicAdmin({ connection: connection(), log })
  await admin.ensureTopics([{ name, partitions }])
  await admin.close()
}

/** Writes numbers one after another until told to stop; gives back how many were acknowledged. */
function writeOn(topic: string): () => Promise<number> {
  const sink = createRecordSink({ connection: connection(), log })
  let isStopped = false
  const writing = (async () => {
    let count = 0
    while (!isStopped) {
      const records = Array.from({ length: 10 }, (_, i) => ({
        topic,
        key: `k${(count + i) % 7}`,
        value: String(count + i),
      }))
      await sink.send(records)
      count += records.length
      await sleep(5)
    }
    await sink.close()
    return count
  })()
  return () => {
    isStopped = true
    return writing
  }
}

/** Reads and commits until told how many records there are and it has seen so many. */
function readOn(topic: string, groupId: string): (count: number) => Promise<Map<string, number>> {
  const source = createRecordSource({ connection: connection(), log, topic, groupId, heartbeatIntervalMs: 500 })
  const times = new Map<string, number>()
  let expected = Infinity
  const reading = (async () => {
    for await (const event of source) {
      if (event.kind === 'assigned') {
        event.start(event.partitions.map((one) => ({ ...one, offset: one.committed?.offset ?? one.logStartOffset })))
      }
      if (event.kind === 'batch') {
        const { records, partition } = event.batch
        for (const { value } of records) times.set(String(value), (times.get(String(value)) ?? 0) + 1)
        const position = { topic, partition, offset: records.at(-1)!.offset + 1, metadata: '' }
        await source.commit([position]).catch((error: unknown) => {
          if (!(error instanceof RebalanceInProgress)) throw error
        })
      }
      if (times.size >= expected) break
    }
    await source.close()
    return times
  })()
  return (count) => {
    expected = count
    return reading
  }
}

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a broker that restarts (%s) in the middle loses nothing',
  async (signal) => {
    const topic = `restart-${signal.toLowerCase()}`
    await ensureTopic(topic, 3)
    const stopWriting = writeOn(topic)
    const finishReading = readOn(topic, `group-${signal}`)
    await sleep(1_500)
    await broker.kill(signal)
    await sleep(1_000)
    await broker.restart()
    await sleep(3_000)
    const written = await stopWriting()
    const times = await finishReading(written)
    expect(written).toBeGreaterThan(100)
    expect([...times.keys()].map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: written }, (_, i) => i))
    // Idempotent: what the log holds, it holds once, though attempts were repeated.
    expect((await readTopicWithJava(broker.brokers, topic)).length).toBe(written)
  },
)

test('transactions over a restart: each that was committed is seen once, the others not at all', async () => {
  await ensureTopic('transactions-out', 1)
  const sink = createTransactionalSink({ connection: connection(), log, transactionalId: 'restarting' })
  const committed: string[] = []
  const doubtful: string[] = []
  let isStopped = false
  const writing = (async () => {
    for (let i = 0; !isStopped; i++) {
      const value = String(i)
      try {
        await sink.commit([{ topic: 'transactions-out', key: 'k', value }], {
          groupId: 'g',
          positions: [{ topic: 'transactions-out', partition: 0, offset: i, metadata: '' }],
        })
        committed.push(value)
      } catch {
        // Whether it was committed is open; its reader would read the committed position to know.
        doubtful.push(value)
        await sleep(100)
      }
    }
  })()
  const untilCommitted = async (count: number) => {
    while (committed.length < count) await sleep(50)
  }
  await untilCommitted(10)
  await broker.kill('SIGKILL')
  await broker.restart()
  await untilCommitted(committed.length + 10)
  isStopped = true
  await writing
  await sink.close()
  const seen = await readTopicWithJava(broker.brokers, 'transactions-out')
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.filter((value) => !doubtful.includes(value))).toEqual(committed)
})
