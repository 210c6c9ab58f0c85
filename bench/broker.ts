import { createTopicAdmin, startEmbeddedKafka, type EmbeddedKafkaOptions, type TopicAdmin } from '@tidewatch/kafka'
import { createLogger } from '@tidewatch/kit'

const log = createLogger({ name: 'bench', level: 'error' })

/** A broker of a benchmark's own. */
export interface BenchBroker {
  brokers: string
  admin: TopicAdmin
}

/** Starts a broker, and stops it when the work is done or has failed. */
export async function withBroker<Result>(work: (broker: BenchBroker) => Promise<Result>, options: EmbeddedKafkaOptions = {}): Promise<Result> {
  const kafka = await startEmbeddedKafka(options)
  const admin = createTopicAdmin({ connection: { brokers: kafka.brokers, clientId: 'bench' }, log })
  try {
    return await work({ brokers: kafka.brokers, admin })
  } finally {
    await admin.close()
    await kafka.stop()
  }
}

/** How many records of a topic a group has committed, where all partitions begin at 0. */
export async function countCommitted(admin: Pick<TopicAdmin, 'readCommitted'>, groupId: string, topic: string): Promise<number> {
  return [...(await admin.readCommitted(groupId, topic)).values()].reduce((sum, { offset }) => sum + offset, 0)
}
