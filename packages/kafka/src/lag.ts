import type { CommittedPosition, PartitionLag } from './ports.ts'

/** How far a log reaches. */
export interface PartitionOffsets {
  partition: number
  logStartOffset: number
  logEndOffset: number
}

/**
 * How many records a group has still to process, by partition.
 *
 * Records that retention has deleted are not counted (kedacore/keda#7936), and where the group has never committed,
 * everything that is left in the log is: the group has it all before it. A group that starts at the end of the log
 * has committed that end, or has nothing to do yet; `whenUncommitted: 'none'` is for that one.
 */
export function computeLag(
  topic: string,
  offsets: readonly PartitionOffsets[],
  committed: ReadonlyMap<number, CommittedPosition>,
  { whenUncommitted = 'all' }: { whenUncommitted?: 'all' | 'none' } = {},
): PartitionLag[] {
  return offsets.map(({ partition, logStartOffset, logEndOffset }) => {
    const committedOffset = committed.get(partition)?.offset
    const from = committedOffset ?? (whenUncommitted === 'all' ? logStartOffset : logEndOffset)
    // A topic that was deleted and made again can end before the offset that was committed for the old one.
    const lag = Math.max(0, logEndOffset - Math.max(from, logStartOffset))
    return { topic, partition, logStartOffset, logEndOffset, committedOffset, lag }
  })
}
