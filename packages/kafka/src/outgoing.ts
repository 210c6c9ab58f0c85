import type { Message, ICustomPartitioner } from 'kafkajs'
import type { WritableRecord } from './library/record-batch.ts'
import { partitionOf } from './murmur2.ts'
import type { OutputRecord } from './ports.ts'

/** A record as kafkajs takes it, with what our own writing of batches needs (`library/record-batch.ts`). */
export interface Outgoing extends Message, WritableRecord {
  key: Buffer | string | null
  value: Buffer | string | null
  timestamp: string
  headers?: Record<string, string | Buffer>
}

/** What goes out in one request. */
export type OutgoingByTopic = { topic: string; messages: Outgoing[] }[]

/**
 * Below the usual message.max.bytes (1 MiB), which holds for the records of one partition in one request together.
 * Here it bounds the whole request: which partition a record goes to is not known yet, and nothing is won by more.
 */
export const maxRequestBytes = 900 * 1024

/** What a record costs beside its key, value and headers, at most. */
const recordOverheadBytes = 24

/** Turns records into requests of bounded size, in order. A record too large for any goes alone, and fails alone. */
export function planRequests(
  records: readonly OutputRecord[],
  nowMs: number,
  maxBytes = maxRequestBytes,
): OutgoingByTopic[] {
  const requests: OutgoingByTopic[] = []
  let byTopic = new Map<string, Outgoing[]>()
  let bytes = 0
  const finish = () => {
    if (byTopic.size === 0) return
    requests.push(Array.from(byTopic, ([topic, messages]) => ({ topic, messages })))
    byTopic = new Map()
    bytes = 0
  }
  const toTimestamp = timestampWriter(nowMs)
  for (const record of records) {
    const message = toOutgoing(record, toTimestamp(record.timestampMs))
    const size = sizeOf(message)
    if (bytes + size > maxBytes) finish()
    bytes += size
    const messages = byTopic.get(record.topic)
    if (messages === undefined) byTopic.set(record.topic, [message])
    else messages.push(message)
  }
  finish()
  return requests
}

/** Bytes of a record on the wire, before compression, rounded up. */
export function sizeOf({ keyBytes, valueBytes, headers }: Outgoing): number {
  let bytes = recordOverheadBytes + keyBytes + valueBytes
  for (const name in headers) bytes += 10 + Buffer.byteLength(name) + Buffer.byteLength(headers[name]!)
  return bytes
}

function toOutgoing({ key, value, headers, partition }: OutputRecord, time: { ms: number; text: string }): Outgoing {
  const message: Outgoing = {
    key,
    value,
    keyBytes: key === null ? 0 : Buffer.byteLength(key),
    valueBytes: value === null ? 0 : Buffer.byteLength(value),
    timestamp: time.text,
    timestampMs: time.ms,
  }
  if (headers !== undefined) message.headers = headers
  if (partition !== undefined) message.partition = partition
  return message
}

/**
 * kafkajs sorts a batch's timestamps as words to find the first and the last, and takes 0 for none at all; in 13 digits
 * both come out right. One string serves all records of a millisecond.
 */
function timestampWriter(nowMs: number): (timestampMs: number | undefined) => { ms: number; text: string } {
  let last = { ms: -1, text: '' }
  return (timestampMs) => {
    const ms = Math.max(0, Math.floor(timestampMs ?? nowMs))
    if (ms !== last.ms) last = { ms, text: String(ms).padStart(13, '0') }
    return last
  }
}

/** Chooses partitions, and what changes with each request. */
export interface Partitioning {
  createPartitioner: ICustomPartitioner
  /** From here on records without a key go to the next partition. */
  advance(): void
}

/**
 * By the key, as the Java client has it. Records without a key go to one partition per request: fuller batches than
 * one by one.
 *
 * The choice is kept on the record, because kafkajs asks again at each of its attempts: a record without a key would
 * otherwise be written to a second partition.
 */
export function createPartitioning(): Partitioning {
  let keyless = Math.floor(Math.random() * 1_024)
  return {
    createPartitioner:
      () =>
      ({ partitionMetadata: { length }, message }) =>
        (message.partition ??= message.key === null || message.key === undefined ? keyless % length : partitionOf(message.key, length)),
    advance: () => void keyless++,
  }
}
