import { AppError, systemClock, type Logger } from '@tidewatch/kit'
import { createTopicAdmin } from './admin.ts'
import { createClient, type Client, type KafkaConnection } from './connection.ts'
import { Closed, isHopeless, isProtocolError, toAppError, TopicMissing } from './errors.ts'
import { FetchedBatch } from './library/fetched-batch.ts'
import type { KafkaRecord } from './ports.ts'
import { toRecords } from './records.ts'

/**
 * Reads a stretch of one partition by offsets, without a consumer group: no joining, nothing committed, no right to a group needed.
 * Committed transactions only.
 */
export interface PartitionReader {
  /** Where the log begins (what retention or compaction has left) and ends. @throws TopicMissing */
  readBounds(topic: string, partition: number): Promise<{ logStartOffset: number; logEndOffset: number }>
  /**
   * The records from `from` (inclusive) to `to` (exclusive), those that are there. All of them are held in memory.
   *
   * @throws TopicMissing, AccessDenied, or KafkaFailed when brokers stay silent for 30 s.
   */
  read(topic: string, partition: number, range: { from: number; to: number }): Promise<KafkaRecord[]>
  close(): Promise<void>
}

interface Broker {
  fetch(request: object): Promise<{ responses: { topicName: string; partitions: ConstructorParameters<typeof FetchedBatch>[2][] }[] }>
}

/** What is used of kafkajs' own cluster. */
interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  refreshMetadata(): Promise<void>
  findLeaderForPartitions(topic: string, partitions: number[]): Record<string, number[]>
  findBroker(node: { nodeId: string }): Promise<Broker>
}

const readCommitted = 1
const maxBytes = 4 * 1024 * 1024
const maxWaitMs = 250
/** How long a read is tried again while leaders move and brokers restart. */
const readTimeoutMs = 30_000
const readPauseMs = 200

/** Connects at the first question. */
export function createPartitionReader(options: { connection: KafkaConnection; log: Logger }): PartitionReader {
  return new KafkaPartitionReader(options)
}

class KafkaPartitionReader implements PartitionReader {
  readonly #connection: KafkaConnection
  readonly #log: Logger
  readonly #admin: ReturnType<typeof createTopicAdmin>
  #current: Promise<{ client: Client; cluster: Cluster }> | undefined
  #isClosed = false

  constructor({ connection, log }: { connection: KafkaConnection; log: Logger }) {
    this.#connection = connection
    this.#log = log
    this.#admin = createTopicAdmin({ connection, log })
  }

  async readBounds(topic: string, partition: number): Promise<{ logStartOffset: number; logEndOffset: number }> {
    const found = (await this.#admin.readOffsets(topic)).find((one) => one.partition === partition)
    if (found === undefined) throw new TopicMissing(`Topic ${topic} has no partition ${partition}: raise its partitions to those of the input topic`)
    return { logStartOffset: found.logStartOffset, logEndOffset: found.logEndOffset }
  }

  async read(topic: string, partition: number, { from, to }: { from: number; to: number }): Promise<KafkaRecord[]> {
    const records: KafkaRecord[] = []
    let offset = from
    let deadlineMs = systemClock.now() + readTimeoutMs
    while (offset < to) {
      if (this.#isClosed) throw new Closed(`Could not read ${topic}: this reader was closed`)
      try {
        const batch = await this.#fetch(topic, partition, offset)
        for (const record of toRecords(batch.cursor())) if (record.offset < to) records.push(record)
        const next = batch.isEmptyIncludingFiltered() ? offset : Number(batch.lastOffset()) + 1
        // The last stable offset stands still while a transaction is open: that must end some time.
        if (next > offset) deadlineMs = systemClock.now() + readTimeoutMs
        else if (systemClock.now() > deadlineMs) throw new Error(`nothing more comes after offset ${offset}, and ${to} is wanted`)
        offset = next
      } catch (error) {
        if (error instanceof AppError && error.retry === 'never') throw error
        await this.#drop()
        if (isHopeless(error) || isProtocolError(error, ['OFFSET_OUT_OF_RANGE']) || systemClock.now() > deadlineMs) throw toAppError(error, `Could not read ${topic}/${partition} from offset ${offset}`)
        await systemClock.sleep(readPauseMs)
      }
    }
    return records
  }

  async #fetch(topic: string, partition: number, offset: number): Promise<FetchedBatch> {
    this.#current ??= this.#connect()
    const { cluster } = await this.#current
    await cluster.addTargetTopic(topic)
    const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]))
    if (leader === undefined || Number(leader) < 0) {
      await cluster.refreshMetadata()
      throw new Error(`partition ${partition} of ${topic} has no leader`)
    }
    const broker = await cluster.findBroker({ nodeId: leader })
    const { responses } = await broker.fetch({
      maxWaitTime: maxWaitMs,
      minBytes: 1,
      maxBytes,
      isolationLevel: readCommitted,
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes }] }],
    })
    const data = responses.find(({ topicName }) => topicName === topic)?.partitions.find((one) => one.partition === partition)
    if (data === undefined) throw new Error(`the answer to a fetch of ${topic}/${partition} says nothing of it`)
    return new FetchedBatch(topic, String(offset), data)
  }

  async #connect(): Promise<{ client: Client; cluster: Cluster }> {
    const client = createClient(this.#connection, this.#log)
    const cluster = clusterOf(client)
    try {
      await cluster.connect()
    } catch (error) {
      client.destroy()
      throw error
    }
    return { client, cluster }
  }

  async #drop(): Promise<void> {
    const current = this.#current
    this.#current = undefined
    const open = await current?.catch(() => undefined)
    open?.client.destroy()
    await open?.cluster.disconnect().catch(() => {})
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([this.#admin.close(), this.#drop()])
  }
}

/** kafkajs gives fetches to consumers of a group only; what they are made of is behind a symbol of its client. */
function clusterOf({ kafka }: Client): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === 'private:Kafka:createCluster')
  const create = symbol === undefined ? undefined : (kafka as unknown as Record<symbol, (options: object) => Cluster>)[symbol]
  if (create === undefined) throw new Error('this version of kafkajs hides its cluster elsewhere: install the one that package.json names')
  return create({ metadataMaxAge: 30_000, allowAutoTopicCreation: false })
}
