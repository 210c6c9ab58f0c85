/**
 * The ports between Tidewatch and Kafka. Nothing outside this package names the client library, so a second
 * one can stand behind the same ports.
 */

export interface TopicPartition {
  topic: string
  partition: number
}

/**
 * One record as it lies in the log.
 *
 * Offsets are plain numbers: they stay exact up to 2^53, which a partition that takes a million records a
 * second reaches after 285 years.
 */
export interface KafkaRecord extends TopicPartition {
  offset: number
  /** CreateTime or LogAppendTime, by the topic's configuration; milliseconds since the epoch. */
  timestampMs: number
  key: Buffer | null
  value: Buffer | null
  /** Undefined where the record has none; a repeated header gives an array. */
  headers: Record<string, Buffer | string | (Buffer | string)[] | undefined> | undefined
}

/**
 * A record where it lies in the memory of a fetch: nothing of it is copied or made into objects before somebody asks.
 * Good until its cursor moves on.
 */
export interface RecordView extends TopicPartition {
  readonly offset: number
  readonly timestampMs: number
  /** What key and value are part of. */
  readonly bytes: Buffer
  /** Where the key begins and ends in `bytes`; both -1 where it is null. */
  readonly keyStart: number
  readonly keyEnd: number
  /** Where the value begins and ends in `bytes`; both -1 where it is null. */
  readonly valueStart: number
  readonly valueEnd: number
  /** Decoded at each call. */
  readonly headers: KafkaRecord['headers']
  /** The record as an object of its own, to be kept. */
  toRecord(): KafkaRecord
}

/** Goes through records one after the other, in offset order. */
export interface RecordCursor extends RecordView {
  /** Moves on to the next record, the first one at first. @returns false behind the last one; nothing else may be asked then. */
  next(): boolean
}

/** Where a group stands in a partition, and the words that the last commit left beside it (at most 4,096 bytes). */
export interface CommittedPosition {
  /** The next offset to process. */
  offset: number
  metadata: string
}

/** A partition that has just been given to us, and what is known of it. */
export interface AssignedPartition extends TopicPartition {
  /** Undefined where the group has never committed for it (or the commit has expired). */
  committed: CommittedPosition | undefined
  /** The offset of the oldest record that retention has left. */
  logStartOffset: number
  /** The offset that the next record to be written will get. */
  logEndOffset: number
}

/**
 * What a source tells its reader, in order:
 * - `assigned`: the WHOLE assignment after a (re)balance, before any of its records. Nothing is fetched until
 *   the reader has answered with `start`, once, naming the offset at which each partition begins.
 *   Partitions kept from before are in it too; the reader decides whether what it holds of them is still good.
 * - `batch`: records of one partition, in offset order, without gaps that matter. Only what the reader has asked
 *   for makes room for more, beyond a bounded part that is fetched ahead: that is the back-pressure.
 */
export type SourceEvent =
  | { kind: 'assigned'; partitions: AssignedPartition[]; start(offsets: (TopicPartition & { offset: number })[]): void }
  | { kind: 'batch'; batch: RecordBatch }
  /** Nothing has arrived for a while: a chance to act on the clock. */
  | { kind: 'idle' }

export interface RecordBatch extends TopicPartition {
  /** Its records as objects of their own: empty where a fetch has brought nothing but markers of transactions, records of aborted ones, or what compaction left. */
  readonly records: KafkaRecord[]
  /** The same records, without an object for each. */
  cursor(): RecordCursor
  /** The offset after the batch, and after the markers and gaps at its end: where a commit belongs that covers all of it. */
  nextOffset: number
  /** The log's end when the batch was fetched; the reader has caught up when it equals `nextOffset`. */
  highWatermark: number
  /** True once the partition was taken away: what is left of the batch must not be processed. */
  isStale(): boolean
}

/** Records of one topic, read as a member of a consumer group, with commits when the reader says so. */
export interface RecordSource extends AsyncIterable<SourceEvent> {
  /**
   * Commits positions for partitions of the current assignment.
   *
   * @throws RebalanceInProgress when the group is rebalancing or the partition is no longer ours: nothing was
   *   committed, the next event says what we own now.
   */
  commit(positions: (TopicPartition & CommittedPosition)[]): Promise<void>
  /** Stops fetching these partitions until `resume`. */
  pause(partitions: TopicPartition[]): void
  resume(partitions: TopicPartition[]): void
  /** True while the member is in its group and has polled lately: the liveness of the process. */
  isAlive(): boolean
  /** Ends the iteration, leaves the group at once and disconnects. */
  close(): Promise<void>
}

export interface OutputRecord {
  topic: string
  /** Undefined: by the key's murmur2 hash, as the Java client does. */
  partition?: number
  key: Buffer | string | null
  value: Buffer | string | null
  headers?: Record<string, string | Buffer>
  /** CreateTime; the moment of sending where undefined. */
  timestampMs?: number
}

/** Where records are written: resolves when the brokers have acknowledged all of them, in the order given. */
export interface RecordSink {
  send(records: readonly OutputRecord[]): Promise<void>
  close(): Promise<void>
}

/**
 * Writes and input positions in one transaction. After any error the producer underneath is gone and a new
 * one is made (and fenced in) before the next `commit`.
 */
export interface TransactionalSink {
  /** Fences every earlier holder of the same transactional id; must come before the committed offset is read. */
  init(): Promise<void>
  /** All of it becomes visible to read_committed readers, or none of it. */
  commit(
    records: readonly OutputRecord[],
    positions: { groupId: string; positions: (TopicPartition & CommittedPosition)[] },
  ): Promise<void>
  close(): Promise<void>
}

/** How far a group is behind in one partition. */
export interface PartitionLag extends TopicPartition {
  logStartOffset: number
  logEndOffset: number
  committedOffset: number | undefined
  /** Records still to be processed: end - max(committed, log start), never negative. */
  lag: number
}
