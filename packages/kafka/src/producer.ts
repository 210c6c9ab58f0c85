import { systemClock, type Logger } from '@tidewatch/kit'
import type { Producer, ProducerConfig, RecordMetadata } from 'kafkajs'
import { codecs, type Compression } from './codecs/index.ts'
import { createClient, type KafkaConnection } from './connection.ts'
import type { Outgoing, OutgoingByTopic } from './outgoing.ts'

/** A connected kafkajs producer with everything that belongs to it alone. */
export interface OpenProducer {
  producer: Producer
  /** Cuts the connections: whatever is under way fails. Used after errors, when nothing it says is of interest. */
  drop(): void
  /** Disconnects in order. */
  close(): Promise<void>
}

const disconnectTimeoutMs = 5_000

/** Makes a producer and connects it. One request in flight, because kafkajs numbers sequences per request. */
export async function openProducer(
  { connection, log }: { connection: KafkaConnection; log: Logger },
  config: ProducerConfig,
): Promise<OpenProducer> {
  const client = createClient(connection, log, config.retry === undefined ? {} : { retry: config.retry })
  const producer = client.kafka.producer({ allowAutoTopicCreation: false, maxInFlightRequests: 1, ...config })
  const drop = () => {
    client.destroy()
    // Ends its timers; there is nothing left to wait for.
    producer.disconnect().catch(() => {})
  }
  try {
    await producer.connect()
  } catch (error) {
    drop()
    throw error
  }
  return {
    producer,
    drop,
    async close() {
      await Promise.race([producer.disconnect().catch(() => {}), systemClock.sleep(disconnectTimeoutMs)])
      client.destroy()
    },
  }
}

/** What was acknowledged of a request. */
export interface Acknowledgement {
  /** The records of partitions of which the answer says nothing. */
  missing: OutgoingByTopic
  /** True where a partition was written twice. */
  isRepeated: boolean
}

/** Sends one request (kafkajs may make several of it, one per leader) and checks the answer. */
export async function sendRequest(
  sender: Pick<Producer, 'sendBatch'>,
  request: OutgoingByTopic,
  { acks, compression }: { acks: number; compression: Compression },
): Promise<Acknowledgement> {
  const answer = await sender.sendBatch({
    acks,
    compression: codecs[compression].type,
    // kafkajs writes into these objects, and the request may be needed again.
    topicMessages: request.map(({ topic, messages }) => ({ topic, messages })),
  })
  return acks === 0 ? { missing: [], isRepeated: false } : checkAnswer(request, answer)
}

/**
 * Where leaders move between two attempts of kafkajs, it may pass over the records of one partition without a word, or
 * write those of another twice; the answer shows both.
 */
export function checkAnswer(request: OutgoingByTopic, answer: readonly RecordMetadata[]): Acknowledgement {
  const written = new Set<string>()
  let isRepeated = false
  for (const { topicName, partition } of answer) {
    const name = `${topicName}/${partition}`
    isRepeated ||= written.has(name)
    written.add(name)
  }
  const missing: OutgoingByTopic = []
  for (const { topic, messages } of request) {
    const partitions = new Set<number>()
    for (const { partition } of messages) partitions.add(partition!)
    for (const partition of partitions) if (written.has(`${topic}/${partition}`)) partitions.delete(partition)
    if (partitions.size === 0) continue
    const left: Outgoing[] = messages.filter(({ partition }) => partitions.has(partition!))
    missing.push({ topic, messages: left })
  }
  return { missing, isRepeated }
}
