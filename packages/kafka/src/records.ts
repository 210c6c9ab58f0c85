import type { Batch } from 'kafkajs'
import { FetchedBatch } from './library/fetched-batch.ts'
import type { KafkaRecord } from './ports.ts'

/** The records of a batch, decoded now; from kafkajs' own batch where its version is not the one we know. */
export function toRecords(batch: Batch | FetchedBatch): KafkaRecord[] {
  if (batch instanceof FetchedBatch) return batch.readRecords()
  const { topic, partition, messages } = batch
  return messages.map(({ offset, timestamp, key, value, headers }) => ({
    topic,
    partition,
    offset: Number(offset),
    timestampMs: Number(timestamp),
    key,
    value,
    headers,
  }))
}
