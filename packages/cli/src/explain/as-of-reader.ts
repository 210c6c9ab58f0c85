import type { PartitionReader } from '@tidewatch/kafka'

/**
 * A log as it was when it ended earlier. Checkpoints that were deleted since lie in the log until it is compacted: who looks no further
 * than to the time when they were live can still read them.
 *
 * @param end the first offset that was not there yet.
 */
export function readAsOf(reader: PartitionReader, end: number): PartitionReader {
  return {
    async readBounds(topic, partition) {
      const { logStartOffset, logEndOffset } = await reader.readBounds(topic, partition)
      const asOf = Math.min(end, logEndOffset)
      return { logStartOffset: Math.min(logStartOffset, asOf), logEndOffset: asOf }
    },
    read: (topic, partition, { from, to }) => reader.read(topic, partition, { from, to: Math.min(to, end) }),
    // Whoever lent the reader closes it.
    close: async () => {},
  }
}
