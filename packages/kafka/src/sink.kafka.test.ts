import { createLogger } from '@tidewatch/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTopicAdmin, type TopicAdmin } from './admin.ts'
import { RecordTooLarge, TopicMissing } from './errors.ts'
import type { OutputRecord } from './ports.ts'
import { createRecordSink, type RecordSinkOptions } from './sink.ts'
import { createRecordSource } from './source.ts'
import { readTopicIndependently } from './testing/independent-reader.ts'
import { readTopicWithJava, writeTopicWithJava } from './testing/java-tools.ts'
import { readRecords } from './testing/read-records.ts'
import { testBroker, testConnection, uniqueName } from './testing/test-broker.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
let admin: TopicAdmin

beforeAll(() => {
  admin = createTopicAdmin({ connection: testConnection(), log })
})
afterAll(() => admin.close())

async function aTopic(partitions = 1, config: Record<string, string> = {}): Promise<string> {
  const name = uniqueName('sink')
  await admin.ensureTopics([{ name, partitions, config }])
  return name
}

async function withSink(
  run: (sink: ReturnType<typeof createRecordSink>) => Promise<void>,
  options: Partial<RecordSinkOptions> = {},
): Promise<void> {
  const sink = createRecordSink({ connection: testConnection(), log, ...options })
  try {
    await run(sink)
  } finally {
    await sink.close()
  }
}

test('calls that are not waited for keep their order', async () => {
  const topic = await aTopic(3)
  await withSink(async (sink) => {
    const calls = Array.from({ length: 50 }, (_, call) =>
      sink.send(Array.from({ length: 20 }, (_, i) => ({ topic, key: `k${i % 5}`, value: `${call * 20 + i}` }))),
    )
    await Promise.all(calls)
  })
  const records = await readTopicIndependently(testBroker(), topic, 1_000)
  expect(records).toHaveLength(1_000)
  for (let key = 0; key < 5; key++) {
    const values = records.filter((one) => one.key === `k${key}`).map((one) => Number(one.value))
    expect(values).toEqual(Array.from({ length: 200 }, (_, i) => i * 5 + key))
  }
})

test('keys go to the partitions to which the Java client sends them', async () => {
  const [ours, theirs] = [await aTopic(7), await aTopic(7)]
  const keys = Array.from({ length: 60 }, (_, i) => `device-${i}${'é'.repeat(i % 4)}`)
  await withSink((sink) => sink.send(keys.map((key) => ({ topic: ours, key, value: key }))))
  await writeTopicWithJava(
    testBroker(),
    theirs,
    keys.map((key) => `${key}\t${key}`),
    'none',
    { hasKeys: true },
  )
  const place = async (topic: string) => {
    const records = await readTopicIndependently(testBroker(), topic, keys.length)
    return new Map(records.map(({ key, partition }) => [key, partition]))
  }
  expect(await place(ours)).toEqual(await place(theirs))
})

test('a named partition is kept to, and headers, times and empty values arrive', async () => {
  const topic = await aTopic(4)
  await withSink((sink) =>
    sink.send([
      { topic, partition: 3, key: 'k', value: 'v', headers: { 'tidewatch-fault': 'spike' }, timestampMs: 1_234 },
      { topic, partition: 3, key: null, value: null, timestampMs: 10 },
    ]),
  )
  const records = await readTopicIndependently(testBroker(), topic, 2)
  expect(records.map(({ partition, offset }) => [partition, offset])).toEqual([
    [3, 0],
    [3, 1],
  ])
  expect(records[0]).toMatchObject({ key: 'k', value: 'v', headers: { 'tidewatch-fault': 'spike' } })
  const source = createRecordSource({ connection: testConnection(), log, topic, groupId: uniqueName('group') })
  const [first, second] = await readRecords(source, 2)
  await source.close()
  expect([first?.timestampMs, second?.timestampMs, second?.value]).toEqual([1_234, 10, null])
  expect(await admin.readOffsetsAt(topic, 1_000)).toEqual(
    new Map([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
    ]),
  )
})

test('a call larger than a request is split and arrives whole', async () => {
  const topic = await aTopic(2)
  const records = Array.from({ length: 5_000 }, (_, i): OutputRecord => ({
    topic,
    key: `k${i}`,
    value: 'x'.repeat(1_000),
  }))
  await withSink((sink) => sink.send(records))
  const offsets = await admin.readOffsets(topic)
  expect(offsets.reduce((sum, { logEndOffset }) => sum + logEndOffset, 0)).toBe(5_000)
})

test('a topic that takes less than usual gets smaller requests', async () => {
  const topic = await aTopic(1, { 'max.message.bytes': '20000' })
  const records = Array.from({ length: 200 }, (_, i): OutputRecord => ({
    topic,
    key: null,
    value: `${i}`.padEnd(1_000),
  }))
  await withSink(async (sink) => {
    await sink.send(records)
    await sink.send(records)
  })
  const values = (await readTopicIndependently(testBroker(), topic, 400)).map(({ value }) => Number(value))
  expect(values).toEqual([...records, ...records].map(({ value }) => Number(value)))
})

test('a record too large for its topic is an error that names the topic; the next call goes on', async () => {
  const topic = await aTopic()
  await withSink(async (sink) => {
    const huge = sink.send([{ topic, key: 'k', value: Buffer.alloc(2 * 1024 * 1024) }])
    await expect(huge).rejects.toThrow(RecordTooLarge)
    await expect(huge).rejects.toThrow(`larger than topic ${topic} takes`)
    await sink.send([{ topic, key: 'k', value: 'small' }])
  })
  expect((await readTopicIndependently(testBroker(), topic, 1)).map(({ value }) => value)).toEqual(['small'])
})

test.each([0, 1, 'all'] as const)('acks %s writes', async (acks) => {
  const topic = await aTopic()
  await withSink((sink) => sink.send([{ topic, key: 'k', value: 'v' }]), { acks })
  expect(await readTopicWithJava(testBroker(), topic, 1)).toEqual(['v'])
})

test('a missing topic is named, without waiting for it to appear', async () => {
  await withSink(async (sink) => {
    const lost = sink.send([{ topic: 'no-such-topic', key: 'k', value: 'v' }])
    await expect(lost).rejects.toThrow(TopicMissing)
    await expect(lost).rejects.toThrow('There is no topic no-such-topic')
  })
})

test('nothing is taken after close', async () => {
  const sink = createRecordSink({ connection: testConnection(), log })
  await sink.close()
  await expect(sink.send([{ topic: 't', key: null, value: 'v' }])).rejects.toMatchObject({ code: 'CLOSED' })
})
