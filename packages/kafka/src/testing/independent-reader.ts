import { Consumer } from '@platformatic/kafka'
import { uniqueName } from './test-broker.ts'

export interface IndependentRecord {
  partition: number
  offset: number
  key: string | undefined
  value: string | undefined
  headers: Record<string, string>
}

/** How long nothing more may come before what has come counts as all. */
const quietMs = 700

/**
 * Reads a topic from its beginning, committed transactions only, by a client that shares no code with ours: until
 * `count` records have come and then nothing for a while (so that one too many is seen), or nothing at all comes.
 *
 * Not to be trusted where one producer has aborted more than one transaction: @platformatic/kafka 2.12.1 keeps only one
 * aborted range per producer and fetch, and shows the records of the others. `readTopicWithJava` is right there.
 */
export async function readTopicIndependently(
  brokers: string,
  topic: string,
  count: number,
): Promise<IndependentRecord[]> {
  const groupId = uniqueName('independent')
  const consumer = new Consumer({ groupId, clientId: groupId, bootstrapBrokers: brokers.split(','), autocommit: false })
  const records: IndependentRecord[] = []
  try {
    // 1 is read_committed.
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', isolationLevel: 1, maxWaitTime: 100 })
    let lastAtMs = Date.now()
    stream.on('data', ({ partition, offset, key, value, headers }) => {
      lastAtMs = Date.now()
      const texts = [...headers].map(([name, text]) => [String(name), String(text)])
      records.push({
        partition,
        offset: Number(offset),
        key: key?.toString(),
        value: value?.toString(),
        headers: Object.fromEntries(texts),
      })
    })
    const deadlineMs = Date.now() + 20_000
    while (Date.now() < deadlineMs && (records.length < count || Date.now() - lastAtMs < quietMs)) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await stream.close()
  } finally {
    await consumer.close(true)
  }
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
}
