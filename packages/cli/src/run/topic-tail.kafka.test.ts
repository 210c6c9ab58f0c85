import { createTopicAdmin, createTransactionalSink } from '@tidewatch/kafka'
import { testConnection, uniqueName } from '@tidewatch/kafka/testing'
import { createLogger } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { TopicTail } from './topic-tail.ts'

const log = createLogger({ name: 'test', level: 'fatal' })

test('the end of a topic that transactions have written is reached, although a marker is the last of it', async () => {
  const connection = testConnection()
  const topic = uniqueName('tail')
  const admin = createTopicAdmin({ connection, log })
  const sink = createTransactionalSink({ connection, log, transactionalId: topic })
  const seen: string[] = []
  await admin.ensureTopics([{ name: topic, partitions: 1 }])
  const tail = new TopicTail({ connection, log, groupId: uniqueName('tail'), topic, from: new Map([[0, 0]]), take: ({ value }) => void seen.push(String(value)) })
  try {
    await sink.init()
    const groupId = uniqueName('tail')
    for (const value of ['first', 'second']) await sink.commit([{ topic, key: 'k', value }], { groupId, positions: [{ topic, partition: 0, offset: 0, metadata: '' }] })
    const [{ logEndOffset } = { logEndOffset: 0 }] = await admin.readOffsets(topic)
    expect(logEndOffset).toBe(4)
    expect(await tail.reach(new Map([[0, logEndOffset]]), 60_000)).toBe(true)
    expect(seen).toEqual(['first', 'second'])
    expect(await tail.reach(new Map([[0, logEndOffset + 1]]), 100)).toBe(false)
  } finally {
    await tail.close()
    await sink.close()
    await admin.close()
  }
})
