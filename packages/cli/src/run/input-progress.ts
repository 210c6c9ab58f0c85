import type { CommittedPosition, PartitionLag } from '@tidewatch/kafka'

/** How far a group has come in its input topic since a run began; from committed offsets, so it survives every process. */
export interface InputProgress {
  /** Records behind the group, counted from where it stood at the start. */
  consumed: number
  /** Records written to the topic behind the same places. */
  arrived: number
  lag: number
}

/** Where the group stood at the start of a run, by partition. */
export function computeBaseline(
  offsets: readonly { partition: number; logStartOffset: number; logEndOffset: number }[],
  committed: ReadonlyMap<number, CommittedPosition>,
  startFrom: 'Earliest' | 'Latest',
): Map<number, number> {
  return new Map(
    offsets.map(({ partition, logStartOffset, logEndOffset }) => {
      const fresh = startFrom === 'Earliest' ? logStartOffset : logEndOffset
      return [partition, Math.max(committed.get(partition)?.offset ?? fresh, logStartOffset)]
    }),
  )
}

/** Progress since the baseline. A partition that came later counts from its log's start. */
export function computeProgress(baseline: ReadonlyMap<number, number>, partitions: readonly Omit<PartitionLag, 'topic' | 'lag'>[]): InputProgress {
  const progress = { consumed: 0, arrived: 0, lag: 0 }
  for (const { partition, committedOffset, logStartOffset, logEndOffset } of partitions) {
    const from = baseline.get(partition) ?? logStartOffset
    const at = Math.max(committedOffset ?? from, from)
    progress.consumed += at - from
    progress.arrived += Math.max(0, logEndOffset - from)
    progress.lag += Math.max(0, logEndOffset - Math.max(at, logStartOffset))
  }
  return progress
}
