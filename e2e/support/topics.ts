import { randomUUID } from 'node:crypto'
import { createRecordSource, createTopicAdmin, type KafkaRecord, type TopicAdmin } from '@tidewatch/kafka'
import { createLogger } from '@tidewatch/kit'

const log = createLogger({ name: 'stories', level: 'fatal' })

/** The admin's view of Kafka; whoever opens it closes it. */
export function openAdmin(external: string): TopicAdmin {
  return createTopicAdmin({ connection: { brokers: external, clientId: 'stories' }, log })
}

/** Asks one question of Kafka's admin. */
export async function askKafka<T>(external: string, ask: (admin: TopicAdmin) => Promise<T>): Promise<T> {
  const admin = openAdmin(external)
  try {
    return await ask(admin)
  } finally {
    await admin.close()
  }
}

/**
 * Reads a topic from its oldest record on until there are enough.
 *
 * @throws Error after the time, with how many there were.
 */
export async function readTopic(external: string, topic: string, isEnough: (records: readonly KafkaRecord[]) => boolean, timeoutMs = 60_000): Promise<KafkaRecord[]> {
  const deadline = Date.now() + timeoutMs
  const source = createRecordSource({ connection: { brokers: external, clientId: 'stories' }, log, groupId: `stories-${randomUUID()}`, topic })
  const records: KafkaRecord[] = []
  try {
    for await (const event of source) {
      if (event.kind === 'assigned') event.start(event.partitions.map((one) => ({ ...one, offset: one.logStartOffset })))
      if (event.kind === 'batch') records.push(...event.batch.records)
      if (isEnough(records)) return records
      if (Date.now() > deadline) break
    }
  } finally {
    await source.close()
  }
  throw new Error(`After ${timeoutMs / 1_000} s there were ${records.length} records on ${topic}, which was not enough`)
}

/** How many records a topic holds: the sum over its partitions of end minus beginning. */
export async function countRecords(external: string, topic: string): Promise<number> {
  const offsets = await askKafka(external, (admin) => admin.readOffsets(topic))
  return offsets.reduce((sum, { logStartOffset, logEndOffset }) => sum + logEndOffset - logStartOffset, 0)
}
