import { systemClock, type AppError, type Clock, type Logger } from '@tidewatch/kit'
import { createTopicAdmin } from './admin.ts'
import type { Compression } from './codecs/index.ts'
import type { KafkaConnection } from './connection.ts'
import { Closed, isProtocolError, RecordTooLarge, toAppError, TopicMissing } from './errors.ts'
import { createPartitioning, maxRequestBytes, planRequests, sizeOf, type OutgoingByTopic } from './outgoing.ts'
import type { OutputRecord, RecordSink } from './ports.ts'
import { openProducer, sendRequest, type OpenProducer } from './producer.ts'

export interface RecordSinkOptions {
  connection: KafkaConnection
  log: Logger
  /** Who must have a record before it counts as written: all in-sync replicas, the leader, nobody; 'all'. */
  acks?: 'all' | 1 | 0
  compression?: Compression
  /** `send` gives up after about so long without an acknowledgement; 120 s. */
  deliveryTimeoutMs?: number
  clock?: Clock
}

/** What a broker answers when it no longer knows the producer's last sequence number: nothing was written. */
const sequenceErrors = [
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'DUPLICATE_SEQUENCE_NUMBER',
]
const sizeErrors = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']

const retryPauseMs = 2_000

/**
 * Writes records, each at least once: idempotently, so that an attempt that is repeated writes once, unless the
 * producer has to be replaced in the middle of a request.
 *
 * Calls are worked off one after another, which keeps the order per key also for callers that do not wait. It connects
 * at the first call.
 */
export function createRecordSink(options: RecordSinkOptions): RecordSink {
  return new KafkaRecordSink(options)
}

class KafkaRecordSink implements RecordSink {
  readonly #options: RecordSinkOptions
  readonly #clock: Clock
  readonly #deliveryTimeoutMs: number
  readonly #acks: number
  readonly #compression: Compression
  readonly #partitioning = createPartitioning()
  readonly #knownTopics = new Set<string>()
  #current: Promise<OpenProducer> | undefined
  #tail: Promise<void> = Promise.resolve()
  #isClosed = false
  /** Halved when a topic takes less than usual. */
  #maxBytes = maxRequestBytes

  constructor(options: RecordSinkOptions) {
    const { acks = 'all', compression = 'none', deliveryTimeoutMs = 120_000, clock = systemClock } = options
    this.#options = options
    this.#clock = clock
    this.#deliveryTimeoutMs = deliveryTimeoutMs
    this.#acks = acks === 'all' ? -1 : acks
    this.#compression = compression
  }

  send(records: readonly OutputRecord[]): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Closed('The sink was closed; nothing was sent'))
    if (records.length === 0) return this.#tail
    const sent = this.#tail.then(() => this.#sendAll(records))
    // A call that fails does not fail the next one.
    this.#tail = sent.catch(() => {})
    return sent
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#tail
    const current = this.#current
    this.#current = undefined
    const open = await current?.catch(() => undefined)
    await open?.close()
  }

  async #sendAll(records: readonly OutputRecord[]): Promise<void> {
    const deadlineMs = this.#clock.now() + this.#deliveryTimeoutMs
    await this.#requireTopics(records)
    for (const request of planRequests(records, this.#clock.now(), this.#maxBytes)) {
      this.#partitioning.advance()
      await this.#deliver(request, deadlineMs)
    }
  }

  /** Asked once per topic, because kafkajs hopes for a topic to appear until its attempts are used up. */
  async #requireTopics(records: readonly OutputRecord[]): Promise<void> {
    const topics = new Set<string>()
    for (const { topic } of records) if (!this.#knownTopics.has(topic)) topics.add(topic)
    if (topics.size === 0) return
    const admin = createTopicAdmin(this.#options)
    try {
      for (const topic of topics) {
        if ((await admin.readPartitionCount(topic)) === undefined) throw topicMissing(topic)
        this.#knownTopics.add(topic)
      }
    } finally {
      await admin.close()
    }
  }

  async #deliver(request: OutgoingByTopic, deadlineMs: number): Promise<void> {
    let left = request
    while (left.length > 0) {
      try {
        left = await this.#untilDeadline(deadlineMs, async () => {
          const { producer } = await this.#open()
          const { missing } = await sendRequest(producer, left, { acks: this.#acks, compression: this.#compression })
          return missing
        })
      } catch (error) {
        // Never used again: kafkajs takes back its sequence numbers, and the broker would take the next, different
        // records under the same numbers for the ones that it may have written already.
        await this.#drop()
        const names = left.map(({ topic }) => topic).join(', ')
        if (isProtocolError(error, sizeErrors)) return this.#deliverSmaller(left, deadlineMs, error)
        if (isProtocolError(error, ['UNKNOWN_TOPIC_OR_PARTITION'])) throw topicMissing(names, error)
        if (!isProtocolError(error, sequenceErrors)) throw toAppError(error, `Could not write to ${names}`)
        this.#options.log.warn({ err: error, topics: names }, 'Producer lost its place and was replaced')
      }
    }
  }

  /** A topic may take less than usual. One record alone that is too large is the caller's business. */
  async #deliverSmaller(request: OutgoingByTopic, deadlineMs: number, cause: unknown): Promise<void> {
    const count = request.reduce((sum, { messages }) => sum + messages.length, 0)
    const [first] = request
    if (first === undefined) return
    if (count === 1) {
      const bytes = sizeOf(first.messages[0]!)
      throw new RecordTooLarge(
        `A record of about ${bytes} bytes is larger than topic ${first.topic} takes: ` +
          'raise its max.message.bytes, or send less',
        { cause },
      )
    }
    this.#maxBytes = Math.max(1_024, Math.floor(this.#maxBytes / 2))
    for (const { topic, messages } of request) {
      const half = Math.ceil(messages.length / 2)
      for (const part of [messages.slice(0, half), messages.slice(half)]) {
        if (part.length > 0) await this.#deliver([{ topic, messages: part }], deadlineMs)
      }
    }
  }

  /** kafkajs counts attempts, not time, and its attempts have attempts within: this is what really ends them. */
  async #untilDeadline<Result>(deadlineMs: number, run: () => Promise<Result>): Promise<Result> {
    const { promise: expiry, reject } = Promise.withResolvers<never>()
    const seconds = this.#deliveryTimeoutMs / 1_000
    const timer = setTimeout(
      () => reject(new Error(`no acknowledgement within ${seconds} s`)),
      Math.max(1, deadlineMs - this.#clock.now()),
    )
    try {
      return await Promise.race([run(), expiry])
    } finally {
      clearTimeout(timer)
    }
  }

  #open(): Promise<OpenProducer> {
    const retries = Math.ceil(this.#deliveryTimeoutMs / retryPauseMs) + 5
    this.#current ??= openProducer(this.#options, {
      idempotent: this.#acks === -1,
      createPartitioner: this.#partitioning.createPartitioner,
      metadataMaxAge: 30_000,
      retry: { initialRetryTime: 100, maxRetryTime: retryPauseMs, retries },
    })
    return this.#current
  }

  async #drop(): Promise<void> {
    const current = this.#current
    this.#current = undefined
    const open = await current?.catch(() => undefined)
    open?.drop()
  }
}

function topicMissing(topic: string, cause?: unknown): AppError {
  return new TopicMissing(`There is no topic ${topic} to write to: create it, or correct the name`, { cause })
}
