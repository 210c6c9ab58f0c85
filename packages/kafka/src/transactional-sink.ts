import { systemClock, type AppError, type Clock, type Logger } from '@tidewatch/kit'
import type { Transaction } from 'kafkajs'
import type { Compression } from './codecs/index.ts'
import type { KafkaConnection } from './connection.ts'
import {
  Closed,
  Fenced,
  isFenced,
  isProtocolError,
  KafkaFailed,
  reasonOf,
  RecordTooLarge,
  RequestTooLarge,
  toAppError,
  TopicMissing,
  TransactionTimedOut,
} from './errors.ts'
import { createPartitioning, maxRequestBytes, planRequests } from './outgoing.ts'
import type { CommittedPosition, OutputRecord, TopicPartition, TransactionalSink } from './ports.ts'
import { openProducer, sendRequest, type OpenProducer } from './producer.ts'

export interface TransactionalSinkOptions {
  connection: KafkaConnection
  log: Logger
  /** One id per input partition, the same in every process that may ever work on that partition. */
  transactionalId: string
  compression?: Compression
  /** The broker aborts a transaction that is open for longer; 60 s. */
  transactionTimeoutMs?: number
  clock?: Clock
}

type Positions = Parameters<TransactionalSink['commit']>[1]

/**
 * Short, because what is waited for inside a transaction is mostly the coordinator finishing the one before, which
 * takes it some milliseconds (CONCURRENT_TRANSACTIONS). In all about 15 s.
 */
const retry = { initialRetryTime: 10, multiplier: 1.6, maxRetryTime: 1_000, retries: 22 }

const movingErrors = ['NOT_COORDINATOR_FOR_GROUP', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'GROUP_LOAD_IN_PROGRESS']
const sizeErrors = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']
/** What requests shrink by where a topic takes less than usual, and where that ends: in a few steps each record goes alone. */
const shrinkFactor = 4
const minRequestBytes = 2_048
const defaultTimeoutMs = 60_000
const offsetAttempts = 30
const offsetPauseMs = 100

/** Writes in transactions; see the port. It connects at `init`, or at the first `commit` where that was left out. */
export function createTransactionalSink(options: TransactionalSinkOptions): TransactionalSink {
  return new KafkaTransactionalSink(options)
}

class KafkaTransactionalSink implements TransactionalSink {
  readonly #options: TransactionalSinkOptions
  readonly #clock: Clock
  readonly #partitioning = createPartitioning()
  #current: OpenProducer | undefined
  #fenced: AppError | undefined
  #isClosed = false
  #tail: Promise<void> = Promise.resolve()
  #maxBytes = maxRequestBytes

  constructor(options: TransactionalSinkOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  init(): Promise<void> {
    return this.#inTurn(async () => {
      this.#fenced = undefined
      this.#drop()
      await this.#open()
    })
  }

  commit(records: readonly OutputRecord[], positions: Positions): Promise<void> {
    return this.#inTurn(() => this.#commit(records, positions))
  }

  close(): Promise<void> {
    const closed = this.#inTurn(async () => {
      const current = this.#current
      this.#current = undefined
      await current?.close()
    })
    this.#isClosed = true
    return closed
  }

  /** One thing after another: a producer has one transaction at a time. */
  #inTurn(run: () => Promise<void>): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Closed('The transactional sink was closed; nothing was committed'))
    const done = this.#tail.then(run)
    this.#tail = done.catch(() => {})
    return done
  }

  async #commit(records: readonly OutputRecord[], { groupId, positions }: Positions): Promise<void> {
    // The producer that came after us would be fenced in turn if we began anew by ourselves.
    if (this.#fenced !== undefined) throw this.#fenced
    // Of the request that is under way: how many records are in those before it, and in it.
    const sent = { before: 0, now: 0 }
    let beganMs = this.#clock.now()
    try {
      const { producer } = this.#current ?? (await this.#open())
      beganMs = this.#clock.now()
      const transaction = await producer.transaction()
      for (const request of planRequests(records, this.#clock.now(), this.#maxBytes)) {
        this.#partitioning.advance()
        sent.before += sent.now
        sent.now = request.reduce((sum, { messages }) => sum + messages.length, 0)
        const { missing, isRepeated } = await sendRequest(transaction, request, {
          acks: -1,
          compression: this.#options.compression ?? 'none',
        })
        if (missing.length > 0 || isRepeated) throw new KafkaFailed('a leader moved while the records were written')
      }
      if (positions.length > 0) await this.#sendOffsets(transaction, groupId, positions)
      await transaction.commit()
    } catch (error) {
      // After a failure kafkajs' producer is stuck in its state for ever, and whether a late request of ours still
      // reaches the broker is unknown: only a new epoch, which the next producer asks for, shuts it out.
      this.#drop()
      if (isProtocolError(error, sizeErrors)) throw this.#classifySize(error, records.slice(sent.before, sent.before + sent.now))
      throw this.#classify(error, records, this.#clock.now() - beganMs)
    }
  }

  /** Again while the group's coordinator is on the move, which kafkajs means to do but knows by other names. */
  async #sendOffsets(transaction: Transaction, groupId: string, positions: Positions['positions']): Promise<void> {
    const topics = toOffsets(positions)
    for (let attempt = 1; ; attempt++) {
      try {
        return await transaction.sendOffsets({ consumerGroupId: groupId, topics })
      } catch (error) {
        if (attempt === offsetAttempts || !isProtocolError(error, movingErrors)) throw error
        await this.#clock.sleep(offsetPauseMs)
      }
    }
  }

  /** The empty transaction makes kafkajs ask for its epoch now: that is what aborts and fences the predecessor's. */
  async #open(): Promise<OpenProducer> {
    const { transactionalId, transactionTimeoutMs = defaultTimeoutMs } = this.#options
    let open: OpenProducer | undefined
    try {
      open = await openProducer(this.#options, {
        transactionalId,
        transactionTimeout: transactionTimeoutMs,
        createPartitioner: this.#partitioning.createPartitioner,
        metadataMaxAge: 30_000,
        retry,
      })
      await (await open.producer.transaction()).abort()
    } catch (error) {
      open?.drop()
      throw toAppError(error, `Could not begin as ${transactionalId}`)
    }
    this.#current = open
    return open
  }

  #drop(): void {
    this.#current?.drop()
    this.#current = undefined
  }

  /** Where several were refused together, fewer are sent at once from now on, until each that is refused stands alone. */
  #classifySize(error: unknown, refused: readonly OutputRecord[]): AppError {
    const topics = [...new Set(refused.map(({ topic }) => topic))].join(', ')
    const [record] = refused
    if (refused.length === 1 && record !== undefined) {
      const message = `A record is larger than its topic takes (one of ${topics}): raise its max.message.bytes`
      return new RecordTooLarge(message, { cause: error, record })
    }
    this.#maxBytes = this.#maxBytes <= minRequestBytes ? 0 : Math.floor(this.#maxBytes / shrinkFactor)
    const message = `${refused.length} records in one request are more than a topic takes (one of ${topics}): the next attempt sends fewer at once`
    return new RequestTooLarge(message, { cause: error })
  }

  #classify(error: unknown, records: readonly OutputRecord[], tookMs: number): AppError {
    const { transactionalId, transactionTimeoutMs = defaultTimeoutMs } = this.#options
    // The coordinator shuts out a producer whose transaction took too long just as it does one that was replaced.
    if (isFenced(error) && tookMs >= transactionTimeoutMs) {
      const message = `A transaction of ${transactionalId} took ${Math.round(tookMs / 1_000)} s, and the broker ends those that are open for ${transactionTimeoutMs / 1_000} s: nothing of it is in`
      return new TransactionTimedOut(message, { cause: error })
    }
    if (isFenced(error)) {
      const message =
        `Another process works as ${transactionalId} now (or a transaction took longer than the broker allows): ` +
        `this one must stop (${reasonOf(error)})`
      this.#fenced = new Fenced(message, { cause: error })
      return this.#fenced
    }
    const topics = [...new Set(records.map(({ topic }) => topic))].join(', ')
    if (isProtocolError(error, ['UNKNOWN_TOPIC_OR_PARTITION'])) {
      return new TopicMissing(`One of the topics ${topics} is not there: create it, or correct the name`, {
        cause: error,
      })
    }
    return toAppError(error, `Could not commit a transaction of ${transactionalId}`)
  }
}

function toOffsets(positions: readonly (TopicPartition & CommittedPosition)[]) {
  const byTopic = new Map<string, { partition: number; offset: string; metadata: string }[]>()
  for (const { topic, partition, offset, metadata } of positions) {
    const partitions = byTopic.get(topic) ?? []
    partitions.push({ partition, offset: String(offset), metadata })
    byTopic.set(topic, partitions)
  }
  return Array.from(byTopic, ([topic, partitions]) => ({ topic, partitions }))
}
