import type { DetectorConfig } from '@tidewatch/api'
import { KafkaCheckpointStore, type StoredCheckpoint } from '@tidewatch/detector'
import type { PartitionReader, RecordSink } from '@tidewatch/kafka'
import { codeOf, messageOf } from '@tidewatch/kit'
import { readAsOf } from './as-of-reader.ts'
import type { Beginning, Refusal } from './explanation.ts'
import type { FoundVerdict, Logs } from './find-verdict.ts'
import type { Replay } from './replay.ts'

export type Begun = { ok: true; beginning: Beginning } | { ok: false; reason: Refusal; message: string }

/** Nothing is published here. */
const noSink: RecordSink = { send: () => Promise.reject(new Error('checkpoints are only read here')), close: async () => {} }

const passedOver = ['SNAPSHOT_DAMAGED', 'SNAPSHOT_OF_ANOTHER_VERSION']

/**
 * Brings a replay to a state before a verdict:
 *
 *     checkpoints    C1      C2 X    C3        X: deleted since, and not compacted away yet
 *     log            ...|first ... last|.. closed ...
 *     begins with            C2                the newest that was there when the verdict was written and begins no later than its first record
 *     else           0                         the whole log, where it is all there
 */
export async function beginReplay(replay: Replay, { verdict, timestampMs }: FoundVerdict, config: DetectorConfig, { reader, admin }: Logs): Promise<Begun> {
  const { partition, first, last } = verdict.offsets
  const { logStartOffset } = await reader.readBounds(config.topic, partition)
  if (first < logStartOffset) {
    return { ok: false, reason: 'RecordsGone', message: `The verdict was computed from records ${first} to ${last} of ${config.topic}/${partition}, and the log begins at ${logStartOffset}: the others are gone (retention.ms or retention.bytes of the topic, or records were deleted by hand)` }
  }
  const problems: string[] = []
  for await (const { nextOffset, bytes } of findCheckpoints(config, { reader, admin }, { partition, first, last, timestampMs })) {
    if (nextOffset < logStartOffset) continue
    try {
      return { ok: true, beginning: { kind: 'checkpoint', offset: replay.restore(bytes) } }
    } catch (error) {
      if (codeOf(error) === 'SNAPSHOT_OF_ANOTHER_CONFIGURATION') return { ok: false, reason: 'ConfigurationChanged', message: `${messageOf(error)} To explain this verdict, give the manifest as it was then` }
      if (!passedOver.includes(codeOf(error) ?? '')) throw error
      problems.push(messageOf(error))
    }
  }
  if (logStartOffset === 0 && config.startFrom === 'Earliest') {
    replay.startAt(0)
    return { ok: true, beginning: { kind: 'log', offset: 0 } }
  }
  const why = logStartOffset > 0 ? `the log begins at ${logStartOffset}, so what the model had learned before is gone` : 'the pipeline began at the end of the log as it was then (startFrom: Latest)'
  const passed = problems.length === 0 ? '' : ` (passed over: ${problems.join(' ')})`
  return { ok: false, reason: 'NoCheckpoint', message: `No checkpoint at or before record ${last} is left on ${config.checkpoint.topic}${passed}, and ${why}. Checkpoints before the newest two are there until their topic is compacted, some minutes: explain anomalies soon after they were found` }
}

/** Checkpoints to begin with, best first: those of the time of the verdict, then those of today. */
async function* findCheckpoints(config: DetectorConfig, { reader, admin }: Logs, wanted: { partition: number; first: number; last: number; timestampMs: number }): AsyncGenerator<StoredCheckpoint> {
  const { topic } = config.checkpoint
  const { partition, first, last, timestampMs } = wanted
  const partitions = await admin.readPartitionCount(topic)
  if (partitions === undefined || partition >= partitions) return
  const then = (await admin.readOffsetsAt(topic, timestampMs)).get(partition)
  const storeOf = (from: PartitionReader) => new KafkaCheckpointStore({ topic, sink: noSink, reader: from })
  const stores = [...(then === undefined ? [] : [storeOf(readAsOf(reader, then))]), storeOf(readAsOf(reader, Infinity))]
  // One that was taken in the middle of the window holds the readings before it as well; only they cannot be counted one by one.
  for (const upTo of first === last ? [first] : [first, last]) for (const store of stores) yield* store.find(partition, upTo)
}
