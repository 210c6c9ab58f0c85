import { createLogger } from '@tidewatch/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTopicAdmin, type TopicAdmin } from './admin.ts'
import { Fenced, KafkaFailed, type RecordTooLarge } from './errors.ts'
import { createPartitionReader } from './partition-reader.ts'
import type { OutputRecord } from './ports.ts'
import { readTopicIndependently } from './testing/independent-reader.ts'
import { readTopicWithJava } from './testing/java-tools.ts'
import { testBroker, testConnection, uniqueName } from './testing/test-broker.ts'
import { createTransactionalSink } from './transactional-sink.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
let admin: TopicAdmin

beforeAll(() => {
  admin = createTopicAdmin({ connection: testConnection(), log })
})
afterAll(() => admin.close())

async function aTopic(partitions = 1): Promise<string> {
  const name = uniqueName('txn')
  await admin.ensureTopics([{ name, partitions }])
  return name
}

/** Committed values of a topic's only partition, up to its end. */
async function readValues(topic: string): Promise<string[]> {
  const reader = createPartitionReader({ connection: testConnection(), log })
  const { logEndOffset } = await reader.readBounds(topic, 0)
  const records = await reader.read(topic, 0, { from: 0, to: logEndOffset })
  await reader.close()
  return records.map(({ value }) => String(value))
}

const aSink = (transactionalId: string) =>
  createTransactionalSink({ connection: testConnection(), log, transactionalId })

test('records and input positions become visible together, transaction after transaction', async () => {
  const [input, output, groupId] = [await aTopic(2), await aTopic(3), uniqueName('group')]
  const sink = aSink(uniqueName('id'))
  await sink.init()
  for (let i = 0; i < 20; i++) {
    await sink.commit(
      [
        { topic: output, key: `k${i}`, value: `v${i}`, headers: { n: String(i) } },
        { topic: output, key: null, value: `w${i}` },
      ],
      { groupId, positions: [{ topic: input, partition: 1, offset: i + 1, metadata: `checkpoint ${i}` }] },
    )
  }
  await sink.close()

  const records = await readTopicIndependently(testBroker(), output, 40)
  const expected = Array.from({ length: 20 }, (_, i) => [`v${i}`, `w${i}`]).flat()
  expect(records.map(({ value }) => value).sort()).toEqual(expected.sort())
  expect(await admin.readCommitted(groupId, input)).toEqual(new Map([[1, { offset: 20, metadata: 'checkpoint 19' }]]))
})

test('positions alone and records alone are transactions too', async () => {
  const [input, output, groupId] = [await aTopic(), await aTopic(), uniqueName('group')]
  const sink = aSink(uniqueName('id'))
  await sink.commit([], { groupId, positions: [{ topic: input, partition: 0, offset: 7, metadata: '' }] })
  await sink.commit([{ topic: output, key: 'a', value: 'b' }], { groupId, positions: [] })
  await sink.commit([], { groupId, positions: [] })
  await sink.close()
  expect((await admin.readCommitted(groupId, input)).get(0)?.offset).toBe(7)
  expect(await readTopicIndependently(testBroker(), output, 1)).toHaveLength(1)
})

test('a newer holder of the id fences the older one, which stays out', async () => {
  const [input, output, groupId, id] = [await aTopic(), await aTopic(), uniqueName('group'), uniqueName('id')]
  const commit = (sink: ReturnType<typeof aSink>, value: string, offset: number) =>
    sink.commit([{ topic: output, key: 'k', value }], {
      groupId,
      positions: [{ topic: input, partition: 0, offset, metadata: value }],
    })
  const older = aSink(id)
  await older.init()
  await commit(older, 'first', 1)
  const newer = aSink(id)
  await newer.init()

  await expect(commit(older, 'zombie', 2)).rejects.toThrow(Fenced)
  await expect(commit(older, 'zombie', 3)).rejects.toMatchObject({ code: 'FENCED', retry: 'never' })
  await commit(newer, 'second', 4)
  await Promise.all([older.close(), newer.close()])

  expect((await readTopicIndependently(testBroker(), output, 2)).map(({ value }) => value)).toEqual(['first', 'second'])
  expect((await admin.readCommitted(groupId, input)).get(0)).toEqual({ offset: 4, metadata: 'second' })
})

test('after an error nothing of the transaction is seen, and the next one is made by a new producer', async () => {
  const [input, output, groupId] = [await aTopic(), await aTopic(), uniqueName('group')]
  const sink = aSink(uniqueName('id'))
  await sink.init()
  const position = (offset: number) => ({ groupId, positions: [{ topic: input, partition: 0, offset, metadata: '' }] })
  const tooMuchMetadata = {
    groupId,
    positions: [{ topic: input, partition: 0, offset: 5, metadata: 'x'.repeat(5_000) }],
  }
  for (let i = 0; i < 3; i++) {
    await expect(sink.commit([{ topic: output, key: 'k', value: `lost ${i}` }], tooMuchMetadata)).rejects.toMatchObject(
      {
        code: 'KAFKA_REQUEST_INVALID',
      },
    )
    await sink.commit([{ topic: output, key: 'k', value: `kept ${i}` }], position(i + 1))
  }
  await sink.close()
  expect(await readTopicWithJava(testBroker(), output)).toEqual(['kept 0', 'kept 1', 'kept 2'])
  expect((await admin.readCommitted(groupId, input)).get(0)?.offset).toBe(3)
})

test('a record larger than its topic takes is named with its topic', async () => {
  const output = await aTopic()
  const sink = aSink(uniqueName('id'))
  const huge = { topic: output, key: 'k', value: Buffer.alloc(2 * 1024 * 1024) }
  await expect(sink.commit([huge], { groupId: 'g', positions: [] })).rejects.toThrow(output)
  await sink.close()
})

test('nothing more is taken after close', async () => {
  const sink = aSink(uniqueName('id'))
  await sink.close()
  await expect(sink.init()).rejects.toMatchObject({ code: 'CLOSED' })
  expect(new KafkaFailed('').retry).toBe('backoff')
})

test('a topic that takes less than usual: fewer go out at once, until one that is refused stands alone and is named', async () => {
  const [input, groupId, output] = [await aTopic(), uniqueName('group'), uniqueName('narrow')]
  await admin.ensureTopics([{ name: output, partitions: 1, config: { 'max.message.bytes': '10000' } }])
  const sink = aSink(uniqueName('id'))
  const small = Array.from({ length: 100 }, (_, i) => ({ topic: output, key: null, value: `${i}-${'x'.repeat(900)}` }))
  const large = { topic: output, key: null, value: 'y'.repeat(20_000) }
  const commit = (records: OutputRecord[], offset: number) =>
    sink.commit(records, { groupId, positions: [{ topic: input, partition: 0, offset, metadata: '' }] })
  const codes: unknown[] = []
  let named: unknown
  for (let attempt = 0; attempt < 10 && named === undefined; attempt++) {
    const error = await commit([...small, large, ...small], 1).catch((thrown: unknown) => thrown)
    codes.push((error as { code: unknown }).code)
    named = (error as RecordTooLarge).record
  }
  expect(named).toBe(large)
  expect(codes.length).toBeLessThan(7)
  expect(codes).toEqual([...codes.slice(1).map(() => 'REQUEST_TOO_LARGE'), 'RECORD_TOO_LARGE'])
  // Nothing of the attempts is in; what fits is, with the next one.
  await commit([...small, ...small], 2)
  await sink.close()
  // By Java's reader: one producer has aborted several times within what the other one fetches at once.
  expect((await readTopicWithJava(testBroker(), output)).map((value) => Number(value.split('-')[0]))).toEqual([...small.keys(), ...small.keys()])
  expect((await admin.readCommitted(groupId, input)).get(0)?.offset).toBe(2)
})

test('a transaction that was open for longer than the broker allows is told from one that was fenced', async () => {
  const [input, output, groupId] = [await aTopic(), await aTopic(), uniqueName('group')]
  const sink = createTransactionalSink({ connection: testConnection(), log, transactionalId: uniqueName('id'), transactionTimeoutMs: 1_000 })
  await sink.init()
  const position = { partition: 0, offset: 5, metadata: '' }
  // Looked at after the records are out: the process stands still for as long as it takes the broker (every 10 s) to find and end the transaction.
  const standingStill = {
    ...position,
    get topic() {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 13_000)
      return input
    },
  }
  const records = [{ topic: output, key: null, value: 'v' }]
  await expect(sink.commit(records, { groupId, positions: [standingStill] })).rejects.toMatchObject({
    code: 'TRANSACTION_TIMED_OUT',
    retry: 'backoff',
    message: expect.stringMatching(/took 1[3-9] s, and the broker ends those that are open for 1 s: nothing of it is in$/) as string,
  })
  expect((await admin.readCommitted(groupId, input)).get(0)).toBeUndefined()
  await sink.init()
  await sink.commit(records, { groupId, positions: [{ ...position, topic: input }] })
  await sink.close()
  expect((await admin.readCommitted(groupId, input)).get(0)?.offset).toBe(5)
  expect(await readValues(output)).toEqual(['v'])
})
