import { createLogger } from '@tidewatch/kit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createTopicAdmin, type TopicAdmin } from './admin.ts'
import { TopicConflict, TopicMissing } from './errors.ts'
import type { SourceEvent } from './ports.ts'
import { createRecordSink } from './sink.ts'
import { createRecordSource } from './source.ts'
import { testConnection, uniqueName } from './testing/test-broker.ts'
import { createTransactionalSink } from './transactional-sink.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
let admin: TopicAdmin

beforeAll(() => {
  admin = createTopicAdmin({ connection: testConnection(), log })
})
afterAll(() => admin.close())

test('ensureTopics creates what is missing with its configuration, raises partitions, and changes nothing else', async () => {
  const name = uniqueName('admin')
  await admin.ensureTopics([{ name, partitions: 2, replicationFactor: 1, config: { 'retention.ms': '-1' } }])
  await admin.ensureTopics([{ name, partitions: 4, config: { 'retention.ms': '5' } }])
  expect(await admin.readTopic(name)).toEqual({
    name,
    partitions: 4,
    replicationFactor: 1,
    config: { 'retention.ms': '-1' },
  })
  expect(await admin.readPartitionCount(name)).toBe(4)
})

test('ensureTopics can be asked twice at once', async () => {
  const topics = [{ name: uniqueName('admin'), partitions: 3 }]
  const other = createTopicAdmin({ connection: testConnection(), log })
  await Promise.all([admin.ensureTopics(topics), other.ensureTopics(topics)])
  await other.close()
  expect(await admin.readPartitionCount(topics[0]!.name)).toBe(3)
})

test('the offsets of many new topics can be asked for at once', async () => {
  for (let round = 0; round < 5; round++) {
    const names = Array.from({ length: 12 }, () => uniqueName('admin'))
    const asking = createTopicAdmin({ connection: testConnection(), log })
    try {
      await asking.ensureTopics(names.map((name) => ({ name, partitions: 2 })))
      const group = uniqueName('group')
      const others = Promise.all(names.flatMap((name) => [asking.readLag(group, name), asking.readTopic(name), asking.ensureTopics([{ name: `${name}-more`, partitions: 1 }])]))
      const answers = await Promise.all(names.map((name) => asking.readOffsets(name)))
      await others
      expect(answers.map((partitions) => partitions.length)).toEqual(answers.map(() => 2))
      expect((await Promise.all(names.map((name) => asking.readOffsetsAt(name, 0)))).map(({ size }) => size)).toEqual(names.map(() => 2))
    } finally {
      await asking.close()
    }
  }
})

test('ensureTopics never takes partitions away', async () => {
  const name = uniqueName('admin')
  await admin.ensureTopics([{ name, partitions: 3 }])
  const fewer = admin.ensureTopics([{ name, partitions: 2 }])
  await expect(fewer).rejects.toThrow(TopicConflict)
  await expect(fewer).rejects.toThrow(`Topic ${name} has 3 partitions, and 2 are asked for`)
})

test('configureTopic sets and resets what it is told to, and keeps what others have set', async () => {
  const name = uniqueName('admin')
  await admin.ensureTopics([{ name, partitions: 1, config: { 'retention.ms': '1000', 'max.message.bytes': '2000' } }])
  // The controller has it at once; the broker that is asked hears of it a moment later.
  const hasConfig = (config: Record<string, string>) => vi.waitFor(async () => expect((await admin.readTopic(name))?.config).toEqual(config), { timeout: 20_000 })
  await admin.configureTopic(name, { 'retention.ms': '5000', 'cleanup.policy': 'compact' })
  await hasConfig({ 'retention.ms': '5000', 'max.message.bytes': '2000', 'cleanup.policy': 'compact' })
  await admin.configureTopic(name, { 'cleanup.policy': null, 'segment.ms': null })
  await hasConfig({ 'retention.ms': '5000', 'max.message.bytes': '2000' })
})

test('configureTopic says what Kafka refuses', async () => {
  const name = uniqueName('admin')
  await expect(admin.configureTopic(name, { 'retention.ms': '1' })).rejects.toThrow(`There is no topic ${name}`)
  await admin.ensureTopics([{ name, partitions: 1 }])
  await expect(admin.configureTopic(name, { 'retention.ms': 'soon' })).rejects.toMatchObject({ code: 'KAFKA_REQUEST_INVALID' })
  await expect(admin.configureTopic(name, { 'no.such.key': '1' })).rejects.toMatchObject({ code: 'KAFKA_REQUEST_INVALID' })
})

test('ensureTopics says what Kafka refuses', async () => {
  const name = uniqueName('admin')
  await expect(admin.ensureTopics([{ name, partitions: 1, replicationFactor: 3 }])).rejects.toThrow(
    'Replication-factor is invalid',
  )
  const malformed = admin.ensureTopics([{ name, partitions: 1, config: { 'retention.ms': 'soon' } }])
  await expect(malformed).rejects.toMatchObject({ code: 'KAFKA_REQUEST_INVALID', retry: 'never' })
  await expect(admin.ensureTopics([{ name: 'not a name', partitions: 1 }])).rejects.toMatchObject({ retry: 'never' })
})

test('what is not there is undefined, or an error that names it', async () => {
  expect(await admin.readTopic('no-such-topic')).toBeUndefined()
  expect(await admin.readPartitionCount('no-such-topic')).toBeUndefined()
  await expect(admin.readOffsets('no-such-topic')).rejects.toThrow(TopicMissing)
  await expect(admin.readLag('g', 'no-such-topic')).rejects.toThrow('There is no topic no-such-topic')
})

test('deleting what is not there is not an error', async () => {
  const name = uniqueName('admin')
  await admin.ensureTopics([{ name, partitions: 1 }])
  await admin.deleteTopics([name, 'no-such-topic'])
  expect(await admin.readTopic(name)).toBeUndefined()
  await admin.deleteGroups(['no-such-group'])
})

test('a group with members is not deleted; one without is', async () => {
  const [topic, groupId] = [uniqueName('admin'), uniqueName('group')]
  await admin.ensureTopics([{ name: topic, partitions: 1 }])
  const source = createRecordSource({ connection: testConnection(), log, topic, groupId })
  const events: AsyncIterator<SourceEvent, undefined> = source[Symbol.asyncIterator]()
  const { value } = await events.next()
  if (value?.kind === 'assigned') value.start([{ topic, partition: 0, offset: 0 }])
  await source.commit([{ topic, partition: 0, offset: 0, metadata: 'm' }])
  await expect(admin.deleteGroups([groupId])).rejects.toThrow('group')
  await source.close()
  await admin.deleteGroups([groupId])
  expect((await admin.readCommitted(groupId, topic)).size).toBe(0)
})

test('offsets, offsets by time, committed positions and lag', async () => {
  const [topic, groupId] = [uniqueName('admin'), uniqueName('group')]
  await admin.ensureTopics([{ name: topic, partitions: 2 }])
  const sink = createRecordSink({ connection: testConnection(), log })
  const times = [1_000, 2_000, 3_000, 4_000]
  await sink.send(times.map((timestampMs) => ({ topic, partition: 1, key: 'k', value: 'v', timestampMs })))
  await sink.close()
  const transactions = createTransactionalSink({ connection: testConnection(), log, transactionalId: uniqueName('id') })
  await transactions.commit([], { groupId, positions: [{ topic, partition: 1, offset: 3, metadata: 'three' }] })
  await transactions.close()

  expect(await admin.readOffsets(topic)).toEqual([
    { partition: 0, logStartOffset: 0, logEndOffset: 0 },
    { partition: 1, logStartOffset: 0, logEndOffset: 4 },
  ])
  expect((await admin.readOffsetsAt(topic, 2_500)).get(1)).toBe(2)
  expect((await admin.readOffsetsAt(topic, 9_000)).get(1)).toBe(4)
  // A transaction is in when its markers are written, which nobody waits for at its end.
  await vi.waitFor(async () => expect(await admin.readCommitted(groupId, topic)).toEqual(new Map([[1, { offset: 3, metadata: 'three' }]])), { timeout: 20_000 })
  expect(await admin.readLag(groupId, topic)).toEqual([
    { topic, partition: 0, logStartOffset: 0, logEndOffset: 0, committedOffset: undefined, lag: 0 },
    { topic, partition: 1, logStartOffset: 0, logEndOffset: 4, committedOffset: 3, lag: 1 },
  ])
})
