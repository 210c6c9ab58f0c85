import type { TopicAdmin } from '@tidewatch/kafka'
import { expect, test } from 'vitest'

/** What the operator relies on of a `TopicAdmin`: runs against the fake and against a real Kafka. */
export function describeTopicAdmin({ admin, uniqueName }: { admin: () => TopicAdmin; uniqueName: (prefix: string) => string }): void {
  test('a topic is made with its configuration, and made again without harm', async () => {
    const name = uniqueName('contract')
    const topic = { name, partitions: 2, replicationFactor: 1, config: { 'retention.ms': '60000' } }
    await admin().ensureTopics([topic])
    await admin().ensureTopics([topic])
    expect(await admin().readTopic(name)).toEqual(topic)
    expect(await admin().readPartitionCount(name)).toBe(2)
  })

  test('partitions are raised, never lowered', async () => {
    const name = uniqueName('contract')
    await admin().ensureTopics([{ name, partitions: 2 }])
    await admin().ensureTopics([{ name, partitions: 3 }])
    expect(await admin().readPartitionCount(name)).toBe(3)
    await expect(admin().ensureTopics([{ name, partitions: 1 }])).rejects.toMatchObject({ code: 'TOPIC_CONFLICT' })
  })

  test('keys are set and reset, others stay', async () => {
    const name = uniqueName('contract')
    await admin().ensureTopics([{ name, partitions: 1, config: { 'retention.ms': '1000', 'max.message.bytes': '2000' } }])
    await admin().configureTopic(name, { 'retention.ms': null, 'segment.ms': '60000' })
    expect((await admin().readTopic(name))?.config).toEqual({ 'max.message.bytes': '2000', 'segment.ms': '60000' })
    await expect(admin().configureTopic(name, { 'retention.ms': 'soon' })).rejects.toMatchObject({ code: 'KAFKA_REQUEST_INVALID' })
  })

  test('what is not there is undefined or an error, and deleting it is neither', async () => {
    const name = uniqueName('contract')
    expect([await admin().readTopic(name), await admin().readPartitionCount(name)]).toEqual([undefined, undefined])
    await expect(admin().readLag('no-such-group', name)).rejects.toMatchObject({ code: 'TOPIC_MISSING' })
    await expect(admin().configureTopic(name, {})).rejects.toMatchObject({ code: 'TOPIC_MISSING' })
    await admin().deleteTopics([name])
    await admin().deleteGroups([uniqueName('no-such-group')])
  })

  test('a deleted topic is gone, and a group that never committed has everything before it', async () => {
    const name = uniqueName('contract')
    await admin().ensureTopics([{ name, partitions: 1 }])
    expect(await admin().readLag(uniqueName('group'), name)).toEqual([{ topic: name, partition: 0, logStartOffset: 0, logEndOffset: 0, committedOffset: undefined, lag: 0 }])
    await admin().deleteTopics([name])
    expect(await admin().readTopic(name)).toBeUndefined()
  })
}
