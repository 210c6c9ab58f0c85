import { createLogger } from '@tidewatch/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTopicAdmin, type TopicAdmin } from './admin.ts'
import { createPartitionReader, type PartitionReader } from './partition-reader.ts'
import { createRecordSink } from './sink.ts'
import { testConnection, uniqueName } from './testing/test-broker.ts'
import { createTransactionalSink } from './transactional-sink.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
let admin: TopicAdmin
let reader: PartitionReader

beforeAll(() => {
  admin = createTopicAdmin({ connection: testConnection(), log })
  reader = createPartitionReader({ connection: testConnection(), log })
})
afterAll(async () => {
  await reader.close()
  await admin.close()
})

test('reads just the stretch that is asked for, of just that partition', async () => {
  const topic = uniqueName('stretch')
  await admin.ensureTopics([{ name: topic, partitions: 2 }])
  const sink = createRecordSink({ connection: testConnection(), log, compression: 'zstd' })
  for (const partition of [0, 1]) await sink.send(Array.from({ length: 500 }, (_, i) => ({ topic, partition, key: `k${i}`, value: `${partition}/${i}` })))
  await sink.close()
  expect(await reader.readBounds(topic, 1)).toEqual({ logStartOffset: 0, logEndOffset: 500 })
  const records = await reader.read(topic, 1, { from: 100, to: 103 })
  expect(records.map(({ partition, offset, value }) => [partition, offset, value?.toString()])).toEqual([
    [1, 100, '1/100'],
    [1, 101, '1/101'],
    [1, 102, '1/102'],
  ])
  expect(await reader.read(topic, 0, { from: 0, to: 500 })).toHaveLength(500)
  expect(await reader.read(topic, 0, { from: 500, to: 500 })).toEqual([])
})

test('leaves out what was aborted, and ends at markers', async () => {
  const topic = uniqueName('stretch')
  await admin.ensureTopics([{ name: topic, partitions: 1 }])
  const sink = createTransactionalSink({ connection: testConnection(), log, transactionalId: uniqueName('id') })
  const nowhere = { groupId: uniqueName('group'), positions: [] }
  await sink.commit([{ topic, key: 'k', value: 'kept' }], nowhere)
  await expect(sink.commit([{ topic, key: 'k', value: 'lost' }, { topic, key: 'k', value: Buffer.alloc(2_000_000) }], nowhere)).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' })
  await sink.init()
  await sink.close()
  const { logEndOffset } = await reader.readBounds(topic, 0)
  expect((await reader.read(topic, 0, { from: 0, to: logEndOffset })).map(({ value }) => value?.toString())).toEqual(['kept'])
})

test('says which topic or partition is missing', async () => {
  const topic = uniqueName('missing')
  await expect(reader.readBounds(topic, 0)).rejects.toThrow(topic)
  await admin.ensureTopics([{ name: topic, partitions: 1 }])
  await expect(reader.readBounds(topic, 3)).rejects.toThrow(`Topic ${topic} has no partition 3: raise its partitions to those of the input topic`)
})
