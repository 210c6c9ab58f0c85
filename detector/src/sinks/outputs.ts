import type { DetectorConfig } from '@tidewatch/api'
import type { KafkaRecord, OutputRecord } from '@tidewatch/kafka'
import type { Effects, EmittedClusterEvent, EmittedVerdict } from '../effects.ts'
import { clusterEventRecord, deadLetterRecord, lateRecord, verdictRecords, type Refused } from './output-records.ts'

/** One record that is to be written, and what may stand in its place where its topic takes no record as large. */
export interface Output {
  record: OutputRecord
  /** Largest first. Each says why it is there, and which record it comes of. */
  smaller: () => OutputRecord[]
  /** The record of the input that it comes of. */
  source: Pick<KafkaRecord, 'topic' | 'partition' | 'offset'>
}

/** What a dead letter is cut to where its topic takes less than brokers do by default. */
const smallDeadLetterBytes = 8 * 1024

/** No more than this of the reason is in the smallest form. */
const shortErrorLength = 120

/**
 * All records that effects come to, in order: verdicts, dead letters, late records, events of clusters.
 *
 * A record that its topic refuses as too large must not stop the partition, nor keep others from being written. So there are smaller
 * forms of each: of a verdict, a late record and an event a dead letter (`outputTooLarge`), of a dead letter one that is cut.
 */
export function planOutputs({ verdicts, deadLetters, late, clusterEvents }: Effects, config: Pick<DetectorConfig, 'outputs' | 'faultHeader'>): Output[] {
  const { outputs } = config
  const planned: Output[] = []
  for (const emitted of verdicts) {
    for (const record of verdictRecords([emitted], config)) {
      planned.push({ record, source: sourceOf(emitted.verdict), smaller: () => tooLarge(asSource(emitted.verdict, emitted, record), record.topic, outputs.deadLetters) })
    }
  }
  for (const deadLetter of deadLetters) {
    planned.push({ record: deadLetterRecord(deadLetter, outputs.deadLetters), source: deadLetter.record, smaller: () => cut({ record: deadLetter.record, rejection: deadLetter.rejection }, outputs.deadLetters) })
  }
  if (outputs.late !== undefined) {
    const topic = outputs.late
    for (const record of late) planned.push({ record: lateRecord(record, topic), source: record, smaller: () => tooLarge(record, topic, outputs.deadLetters) })
  }
  if (outputs.clusterEvents !== undefined) {
    for (const emitted of clusterEvents) {
      const record = clusterEventRecord(emitted, outputs.clusterEvents)
      planned.push({ record, source: sourceOf(emitted.event), smaller: () => tooLarge(asSource(emitted.event, emitted, record), record.topic, outputs.deadLetters) })
    }
  }
  return planned
}

/** A dead letter in place of a record that is too large for the topic where it belongs. */
function tooLarge(record: KafkaRecord, topic: string, deadLetters: string): OutputRecord[] {
  const bytes = (record.value?.length ?? 0) + (record.key?.length ?? 0)
  const error = `the record for ${topic} is larger than this topic takes (${bytes} bytes without its headers): raise its max.message.bytes`
  return cut({ record, rejection: { reason: 'outputTooLarge', error } }, deadLetters)
}

function cut(refused: Refused, deadLetters: string): OutputRecord[] {
  const { reason, error } = refused.rejection
  const short = { record: { ...refused.record, value: null }, rejection: { reason, error: error.slice(0, shortErrorLength) } }
  return [deadLetterRecord(refused, deadLetters, smallDeadLetterBytes), deadLetterRecord(short, deadLetters, 0)]
}

function sourceOf({ offsets }: Pick<EmittedVerdict['verdict'], 'offsets'>): Output['source'] {
  return { topic: offsets.topic, partition: offsets.partition, offset: offsets.last }
}

/** A verdict or an event as if it had come as a record: its dead letter names the last record that it was computed from. */
function asSource(told: Parameters<typeof sourceOf>[0], { device, timestampMs }: EmittedVerdict | EmittedClusterEvent, { value }: OutputRecord): KafkaRecord {
  return { ...sourceOf(told), timestampMs, key: Buffer.from(device), value: Buffer.from(value ?? ''), headers: undefined }
}
