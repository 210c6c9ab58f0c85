import type { Batch } from 'kafkajs'
import { FetchedBatch } from './library/fetched-batch.ts'
import type { KafkaRecord, RecordCursor, RecordView } from './ports.ts'

/** Goes through the records of a batch; of kafkajs' own one where its version is not the one we know. */
export function cursorOf(batch: Batch | FetchedBatch): RecordCursor {
  if (batch instanceof FetchedBatch) return batch.cursor()
  const { topic, partition, messages } = batch
  return cursorOver(
    messages.map(({ offset, timestamp, key, value, headers }) => ({
      topic,
      partition,
      offset: Number(offset),
      timestampMs: Number(timestamp),
      key,
      value,
      headers,
    })),
  )
}

/** All records that a cursor goes through, as objects of their own. */
export function toRecords(cursor: RecordCursor): KafkaRecord[] {
  const records: KafkaRecord[] = []
  while (cursor.next()) records.push(cursor.toRecord())
  return records
}

/** Goes through records that are objects already. */
export function cursorOver(records: readonly KafkaRecord[]): RecordCursor {
  return new RecordList(records)
}

/** A record that is an object already, as the hot path takes it. */
export function viewOf(record: KafkaRecord): RecordView {
  const cursor = new RecordList([record])
  cursor.next()
  return cursor
}

const nothing = Buffer.alloc(0)

class RecordList implements RecordCursor {
  readonly #records: readonly KafkaRecord[]
  #next = 0
  #record: KafkaRecord | undefined
  bytes: Buffer = nothing
  keyStart = -1
  keyEnd = -1
  valueStart = -1
  valueEnd = -1

  constructor(records: readonly KafkaRecord[]) {
    this.#records = records
  }

  next(): boolean {
    const record = this.#records[this.#next++]
    if (record === undefined) return false
    this.#record = record
    const { key, value } = record
    // Views name one memory for both.
    this.bytes = key === null ? (value ?? nothing) : value === null ? key : Buffer.concat([value, key])
    this.valueStart = value === null ? -1 : 0
    this.valueEnd = value === null ? -1 : value.length
    this.keyStart = key === null ? -1 : (value?.length ?? 0)
    this.keyEnd = key === null ? -1 : this.keyStart + key.length
    return true
  }

  get topic(): string {
    return this.#record!.topic
  }

  get partition(): number {
    return this.#record!.partition
  }

  get offset(): number {
    return this.#record!.offset
  }

  get timestampMs(): number {
    return this.#record!.timestampMs
  }

  get headers(): KafkaRecord['headers'] {
    return this.#record!.headers
  }

  toRecord(): KafkaRecord {
    return this.#record!
  }
}
