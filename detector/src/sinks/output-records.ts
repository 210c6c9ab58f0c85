import type { DetectorConfig } from '@tidewatch/api'
import type { KafkaRecord, OutputRecord } from '@tidewatch/kafka'
import type { Rejection } from '../ingest/rejection.ts'
import type { EmittedClusterEvent, EmittedVerdict } from '../effects.ts'

/**
 * Turns effects into the records that are written, in order: verdicts (an anomaly goes to both topics), then dead letters, then
 * late records. Verdicts are keyed by their device; the others keep the key they had.
 */
export function verdictRecords(verdicts: readonly EmittedVerdict[], config: Pick<DetectorConfig, 'outputs' | 'faultHeader'>): OutputRecord[] {
  const { anomalies, scores } = config.outputs
  const records: OutputRecord[] = []
  for (const { verdict, device, fault } of verdicts) {
    const value = JSON.stringify(verdict)
    if (verdict.is_anomaly) records.push(verdictRecord(anomalies, device, value, fault, config.faultHeader))
    if (scores !== undefined) records.push(verdictRecord(scores, device, value, fault, config.faultHeader))
  }
  return records
}

function verdictRecord(topic: string, key: string, value: string, fault: string | undefined, faultHeader: string): OutputRecord {
  return fault === undefined ? { topic, key, value } : { topic, key, value, headers: { [faultHeader]: fault } }
}

/** An event of clusters, keyed by its device as verdicts are. */
export function clusterEventRecord({ event, device }: EmittedClusterEvent, topic: string): OutputRecord {
  return { topic, key: device, value: JSON.stringify(event) }
}

/** A late record as it was, with the headers it had. */
export function lateRecord(record: KafkaRecord, topic: string): OutputRecord {
  return { topic, key: record.key, value: record.value, headers: { ...originalHeaders(record), ...sourceHeaders(record) }, timestampMs: record.timestampMs }
}

/** What a broker takes by default (message.max.bytes, 1 MiB and 12 bytes), less the frame around a batch and its record. */
export const maxDeadLetterBytes = 1_048_588 - 128

/** What becomes a dead letter, and why. */
export interface Refused {
  record: KafkaRecord
  rejection: Pick<Rejection, 'error'> & { reason: string }
}

/** No more of the reason than this goes into a header. */
const maxErrorLength = 1_000

/**
 * A dead letter: key and value are the bytes that came, headers say why and where from.
 *
 * A record near the limit of what a broker takes would pass it by the headers that are added, and could never
 * be written. Its value is then cut off, and `tidewatch-truncated` says how much of it is there; where the headers
 * alone are too much, the original ones are left out.
 */
export function deadLetterRecord({ record, rejection }: Refused, topic: string, maxBytes = maxDeadLetterBytes): OutputRecord {
  const ours = {
    'tidewatch-reason': rejection.reason,
    'tidewatch-error': rejection.error.slice(0, maxErrorLength),
    ...sourceHeaders(record),
  }
  let headers: Record<string, string | Buffer> = { ...originalHeaders(record), ...ours }
  const keyBytes = record.key?.length ?? 0
  const valueBytes = record.value?.length ?? 0
  let room = maxBytes - keyBytes - headerBytes(headers)
  if (valueBytes <= room) return { topic, key: record.key, value: record.value, headers }

  // Room for the header that says so.
  room -= 64
  if (room < 0) {
    headers = ours
    room = maxBytes - keyBytes - headerBytes(headers) - 64
  }
  const isKeyKept = room >= 0
  if (!isKeyKept) room += keyBytes
  const keptBytes = Math.max(0, Math.min(valueBytes, room))
  return {
    topic,
    key: isKeyKept ? record.key : null,
    value: record.value?.subarray(0, keptBytes) ?? null,
    headers: { ...headers, 'tidewatch-truncated': `${keptBytes} of ${valueBytes} bytes${isKeyKept ? '' : ', key left out'}` },
  }
}

function sourceHeaders({ topic, partition, offset }: KafkaRecord): Record<string, string> {
  return { 'tidewatch-source-topic': topic, 'tidewatch-source-partition': String(partition), 'tidewatch-source-offset': String(offset) }
}

/** Of a repeated header the last one: an output record has each name once. */
function originalHeaders({ headers = {} }: KafkaRecord): Record<string, string | Buffer> {
  const result: Record<string, string | Buffer> = {}
  for (const [name, value] of Object.entries(headers)) {
    const one = Array.isArray(value) ? value.at(-1) : value
    if (one !== undefined && one !== null) result[name] = one
  }
  return result
}

function headerBytes(headers: Record<string, string | Buffer>): number {
  let bytes = 0
  // Both lengths before name and value are varints of at most three bytes here.
  for (const [name, value] of Object.entries(headers)) bytes += 6 + Buffer.byteLength(name) + Buffer.byteLength(value)
  return bytes
}
