import type { PartitionLag } from '@tidewatch/kafka'
import { addLook, emptyHistory, type LagHistory } from '../looks.ts'

/** One partition at one look: `[committed, end]`, and where the log starts if that is not 0. */
export type Offsets = readonly [committed: number | undefined, end: number, start?: number]

export function aPartition(partition: number, [committed, end, start = 0]: Offsets): PartitionLag {
  return { topic: 't', partition, logStartOffset: start, logEndOffset: end, committedOffset: committed, lag: Math.max(0, end - Math.max(committed ?? start, start)) }
}

/** Looks every five seconds; `at` tells the partitions and the detectors of each. */
export function watchFor(looks: number, at: (seconds: number) => { replicas?: number; partitions: readonly Offsets[] }, from: LagHistory = emptyHistory): LagHistory {
  const startMs = (from.looks.at(-1)?.atMs ?? -5_000) + 5_000
  return Array.from({ length: looks }, (_, i) => i).reduce((history, i) => {
    const atMs = startMs + i * 5_000
    const { replicas = 1, partitions } = at(atMs / 1_000)
    return addLook(history, { atMs, replicas, partitions: partitions.map((offsets, partition) => aPartition(partition, offsets)) })
  }, from)
}
