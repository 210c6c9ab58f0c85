import { requireInside } from './insides.ts'

interface Partition {
  topic: string
  partition: number
}

interface ConsumerGroup {
  cluster: {
    fetchTopicsOffset(
      topics: { topic: string; partitions: { partition: number }[]; fromBeginning: boolean }[],
    ): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>
  }
  logger: { warn(message: string, extra: object): void }
  seek(position: Partition & { offset: string }): void
  recoverFromOffsetOutOfRange(error: Partition): Promise<void>
}

/**
 * Where retention has overtaken a reader, kafkajs commits the offset -2 for the group, which wipes out the committed
 * position and the words beside it. Instead, go on at the oldest record that is left and leave commits to the reader.
 */
export function installOutOfRangeRecovery(): void {
  const { prototype } = requireInside<{ prototype: ConsumerGroup }>('consumer/consumerGroup')
  prototype.recoverFromOffsetOutOfRange = async function (this: ConsumerGroup, { topic, partition }) {
    const [answer] = await this.cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning: true }])
    const offset = answer?.partitions[0]?.offset
    if (offset === undefined) return
    this.logger.warn('Offset is no longer in the log, going on at its start', { topic, partition, offset })
    this.seek({ topic, partition, offset })
  }
}
