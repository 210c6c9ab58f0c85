import { defineError } from '@tidewatch/kit'
import { cursorOver, type CommittedPosition, type KafkaRecord, type OutputRecord, type PartitionReader, type RecordSink, type RecordSource, type SourceEvent, type TopicPartition, type TransactionalSink } from '@tidewatch/kafka'

const Fenced = defineError('FENCED', { retry: 'never' })
const KafkaFailed = defineError('KAFKA_FAILED', { retry: 'backoff' })
const RebalanceInProgress = defineError('REBALANCE_IN_PROGRESS', { retry: 'never' })

/** `refused`: nothing is in. `unanswered`: all is in, and whoever asked for it is not told. */
export type TransactionFault = 'refused' | 'unanswered' | undefined

/** One topic and one group in memory: what a broker would keep. */
export class FakeBroker {
  readonly topic: string
  readonly logs: KafkaRecord[][]
  /** Offsets that are markers, as `partition/offset`. */
  readonly markers = new Set<string>()
  readonly committed = new Map<number, CommittedPosition>()
  readonly commits: (TopicPartition & CommittedPosition)[][] = []
  /** What transactions have made visible. */
  readonly outputs: OutputRecord[] = []
  /** Of each transactional id. */
  readonly epochs = new Map<string, number>()
  /** Asked at each commit of a transaction: where it goes wrong, if it does. */
  onTransaction: ((transactionalId: string) => TransactionFault | Promise<TransactionFault>) | undefined

  constructor(topic: string, partitions = 1) {
    this.topic = topic
    this.logs = Array.from({ length: partitions }, () => [])
  }

  append(partition: number, record: Partial<KafkaRecord> & { value: Buffer | null }): void {
    const log = this.logs[partition]!
    log.push({ topic: this.topic, partition, timestampMs: 0, key: null, headers: {}, ...record, offset: log.length })
  }

  /** A transaction's marker: it takes an offset and is no record. */
  appendMarker(partition: number): void {
    this.markers.add(`${partition}/${this.logs[partition]!.length}`)
    this.append(partition, { value: null })
  }
}

/**
 * A member of the group that is told by its test what happens: which partitions it gets, when records come, when
 * nothing comes. Events are handed out one at a time, as by the real source.
 */
export class FakeSource implements RecordSource {
  readonly #broker: FakeBroker
  readonly #script: (SourceEvent | Error)[] = []
  readonly #positions = new Map<number, number>()
  #generation = 0
  #wake: (() => void) | undefined
  #isAsked = false
  #whenAsked: (() => void)[] = []
  /** What `isAlive` says. */
  isHeard = true
  isClosed = false
  /** Partitions of which nothing is fetched for now. */
  readonly paused = new Set<number>()
  /** Throw this from the next commit. */
  failCommit: Error | undefined

  constructor(broker: FakeBroker) {
    this.#broker = broker
  }

  /** A (re)balance gave us these partitions. */
  assign(partitions: number[]): Promise<void> {
    const { topic, logs, committed } = this.#broker
    this.#generation++
    return this.#tell({
      kind: 'assigned',
      partitions: partitions.map((partition) => ({ topic, partition, committed: committed.get(partition), logStartOffset: 0, logEndOffset: logs[partition]!.length })),
      start: (offsets) => {
        this.#positions.clear()
        for (const { partition, offset } of offsets) this.#positions.set(partition, offset)
      },
    })
  }

  /** Everything that lies in the log from where the reader is, `atMost` records. */
  async deliver(partition = 0, atMost = Infinity, isStale = false): Promise<void> {
    await this.#settled()
    const log = this.#broker.logs[partition]!
    const from = this.#positions.get(partition)!
    const fetched = log.slice(from, from + Math.min(atMost, log.length))
    const nextOffset = from + fetched.length
    const records = fetched.filter(({ offset }) => !this.#broker.markers.has(`${partition}/${offset}`))
    this.#positions.set(partition, nextOffset)
    const generation = this.#generation
    await this.#tell({ kind: 'batch', batch: { topic: this.#broker.topic, partition, records, cursor: () => cursorOver(records), nextOffset, highWatermark: log.length, isStale: () => isStale || generation !== this.#generation } })
  }

  idle(): Promise<void> {
    return this.#tell({ kind: 'idle' })
  }

  fail(error: Error): void {
    this.#script.push(error)
    this.#wake?.()
  }

  /** Commits are refused from now on, as while the group is rebalancing, and batches are stale. */
  revoke(): void {
    this.#generation++
    this.failCommit = new RebalanceInProgress('the group is rebalancing')
  }

  async commit(positions: (TopicPartition & CommittedPosition)[]): Promise<void> {
    const { failCommit } = this
    this.failCommit = undefined
    if (failCommit !== undefined) throw failCommit
    this.#broker.commits.push(positions)
    for (const { partition, offset, metadata } of positions) this.#broker.committed.set(partition, { offset, metadata })
  }

  pause(partitions: TopicPartition[]): void {
    for (const { partition } of partitions) this.paused.add(partition)
  }

  resume(partitions: TopicPartition[]): void {
    for (const { partition } of partitions) this.paused.delete(partition)
  }

  isAlive(): boolean {
    return this.isHeard
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<SourceEvent> {
    for (;;) {
      this.#isAsked = true
      for (const resolve of this.#whenAsked.splice(0)) resolve()
      while (this.#script.length === 0) {
        if (this.isClosed) return
        await new Promise<void>((resolve) => (this.#wake = resolve))
      }
      this.#isAsked = false
      const next = this.#script.shift()!
      if (next instanceof Error) throw next
      yield next
    }
  }

  /** Hands out an event and waits until the reader asks for the one after it. */
  #tell(event: SourceEvent): Promise<void> {
    this.#script.push(event)
    this.#isAsked = false
    this.#wake?.()
    return this.#settled()
  }

  #settled(): Promise<void> {
    return this.#isAsked && this.#script.length === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenAsked.push(resolve))
  }
}

/** Keeps what was written. */
export class FakeSink implements RecordSink {
  readonly records: OutputRecord[] = []
  /** Called before each write; throwing refuses it, waiting delays its acknowledgement. */
  onSend: ((records: readonly OutputRecord[]) => Promise<void> | void) | undefined

  async send(records: readonly OutputRecord[]): Promise<void> {
    await this.onSend?.(records)
    this.records.push(...records)
  }

  of(topic: string): OutputRecord[] {
    return this.records.filter((record) => record.topic === topic)
  }

  async close(): Promise<void> {}
}

/** Writes transactions to a broker in memory: the last one to call `init` with an id is the only one whose commits count. */
export class FakeTransactionalSink implements TransactionalSink {
  readonly #broker: FakeBroker
  readonly #transactionalId: string
  #epoch: number | undefined

  constructor(broker: FakeBroker, transactionalId: string) {
    this.#broker = broker
    this.#transactionalId = transactionalId
  }

  async init(): Promise<void> {
    const { epochs } = this.#broker
    this.#epoch = (epochs.get(this.#transactionalId) ?? 0) + 1
    epochs.set(this.#transactionalId, this.#epoch)
  }

  async commit(records: readonly OutputRecord[], { positions }: { groupId: string; positions: (TopicPartition & CommittedPosition)[] }): Promise<void> {
    const { epochs, outputs, committed, commits } = this.#broker
    if (this.#epoch === undefined) await this.init()
    const fault = await this.#broker.onTransaction?.(this.#transactionalId)
    if (this.#epoch !== epochs.get(this.#transactionalId)) throw new Fenced(`another one works as ${this.#transactionalId} now`)
    if (fault !== 'refused') {
      outputs.push(...records)
      commits.push(positions)
      for (const { partition, offset, metadata } of positions) committed.set(partition, { offset, metadata })
    }
    if (fault === undefined) return
    // As the real one: the producer is gone, and the next commit would begin with a new one.
    this.#epoch = undefined
    throw new KafkaFailed(`the commit was ${fault}`)
  }

  async close(): Promise<void> {}
}

/** A compacted topic in memory, written and read by partition. */
export class FakeLog implements RecordSink, PartitionReader {
  readonly records: KafkaRecord[] = []
  /** Called before each write; throwing refuses it. */
  onSend: ((records: readonly OutputRecord[]) => void) | undefined
  /** Stretches that were read. */
  readonly reads: { from: number; to: number }[] = []

  async send(records: readonly OutputRecord[]): Promise<void> {
    this.onSend?.(records)
    for (const { topic, partition = 0, key, value } of records) {
      const offset = this.#of(partition).length
      this.records.push({ topic, partition, offset, timestampMs: 0, key: toBuffer(key), value: toBuffer(value), headers: undefined })
    }
  }

  async readBounds(_topic: string, partition: number): Promise<{ logStartOffset: number; logEndOffset: number }> {
    return { logStartOffset: 0, logEndOffset: this.#of(partition).length }
  }

  async read(_topic: string, partition: number, range: { from: number; to: number }): Promise<KafkaRecord[]> {
    this.reads.push(range)
    return this.#of(partition).slice(range.from, range.to)
  }

  /** The keys whose newest value is no tombstone. */
  get liveKeys(): string[] {
    const newest = new Map(this.records.map(({ key, value }) => [String(key), value]))
    return [...newest].filter(([, value]) => value !== null).map(([key]) => key)
  }

  async close(): Promise<void> {}

  #of(partition: number): KafkaRecord[] {
    return this.records.filter((record) => record.partition === partition)
  }
}

const toBuffer = (content: Buffer | string | null): Buffer | null => (typeof content === 'string' ? Buffer.from(content) : content)
