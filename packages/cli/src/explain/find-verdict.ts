import type { PartitionReader, TopicAdmin } from '@tidewatch/kafka'
import type { Verdict } from '@tidewatch/detector'
import { parseVerdict } from './verdict-text.ts'

/** A verdict as it lies on its topic. */
export interface FoundVerdict {
  verdict: Verdict
  topic: string
  partition: number
  offset: number
  /** When it was written. */
  timestampMs: number
}

export interface Logs {
  reader: PartitionReader
  admin: Pick<TopicAdmin, 'readOffsets' | 'readOffsetsAt' | 'readCommitted' | 'readPartitionCount'>
}

/** Offsets that are read at a time. */
const stretch = 2_000

/**
 * Looks for a verdict by its id, in these topics one after the other, the newest first. Topics that are not there are passed over.
 *
 * @returns undefined where none has it (any more), with how many records were looked at.
 */
export async function findVerdict({ reader, admin }: Logs, topics: readonly string[], id: string): Promise<{ found: FoundVerdict | undefined; looked: number }> {
  let looked = 0
  for (const topic of topics) {
    if ((await admin.readPartitionCount(topic)) === undefined) continue
    for (const { partition, logStartOffset, logEndOffset } of await admin.readOffsets(topic)) {
      for (let to = logEndOffset; to > logStartOffset; to -= stretch) {
        const records = await reader.read(topic, partition, { from: Math.max(logStartOffset, to - stretch), to })
        looked += records.length
        for (const { value, offset, timestampMs } of records.toReversed()) {
          // Most are not the one: only what holds the id is parsed.
          if (value === null || !value.includes(id)) continue
          const verdict = parseVerdict(value.toString())
          if (verdict?.id === id) return { found: { verdict, topic, partition, offset, timestampMs }, looked }
        }
      }
    }
  }
  return { found: undefined, looked }
}
