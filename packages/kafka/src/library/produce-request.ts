import { codecs } from '../codecs/index.ts'
import { requireInside } from './insides.ts'
import { writeBatch, type WritableRecord } from './record-batch.ts'
import { Pieces } from './request.ts'

interface Encoder {
  buffer: Buffer
  writeString(text: string | null): Encoder
  writeInt16(value: number): Encoder
  writeInt32(value: number): Encoder
}

const Encoder = requireInside<new (size?: number) => Encoder>('protocol/encoder')
const { Produce: apiKey } = requireInside<{ Produce: number }>('protocol/requests/apiKeys')
const codecByType = new Map(Object.values(codecs).map(({ type, codec }) => [type as number, codec]))

interface ProduceFields {
  acks: number
  timeout: number
  transactionalId?: string | null
  /** A decimal string from the broker, or one of kafkajs' boxes around a BigInt. */
  producerId?: string | number | { value: bigint }
  producerEpoch?: number
  compression?: number
  topicData: { topic: string; partitions: { partition: number; messages: WritableRecord[]; firstSequence: number }[] }[]
}

/**
 * In the place of kafkajs' Produce request (version 3, on which its later ones build): the same fields, with the records
 * written straight into one buffer per partition.
 */
export function produceRequest({
  acks,
  timeout,
  transactionalId = null,
  producerId = -1,
  producerEpoch = 0,
  compression = 0,
  topicData,
}: ProduceFields) {
  const codec = codecByType.get(compression)
  const fields = {
    compression,
    compress: (records: Buffer) => codec!.compress({ buffer: records }),
    isTransactional: Boolean(transactionalId),
    producerId: BigInt(typeof producerId === 'object' ? producerId.value : producerId),
    producerEpoch,
  }
  return {
    apiKey,
    apiVersion: 3,
    apiName: 'Produce',
    expectResponse: () => acks !== 0,
    encode: async () => {
      const pieces: Buffer[] = []
      let encoder = new Encoder()
        .writeString(transactionalId)
        .writeInt16(acks)
        .writeInt32(timeout)
        .writeInt32(topicData.length)
      for (const { topic, partitions } of topicData) {
        encoder.writeString(topic).writeInt32(partitions.length)
        for (const { partition, messages, firstSequence } of partitions) {
          const batch = await writeBatch(messages, { ...fields, baseSequence: firstSequence })
          pieces.push(encoder.writeInt32(partition).writeInt32(batch.length).buffer, batch)
          encoder = new Encoder(64)
        }
      }
      return new Pieces(pieces)
    },
  }
}

interface Grouping<Message> {
  topic: string
  partitionMetadata: unknown[]
  messages: Message[]
  partitioner: (choice: { topic: string; partitionMetadata: unknown[]; message: Message }) => number
}

/** In the place of kafkajs' own, which copies a partition's list for each record that it adds to it. */
export function groupMessagesPerPartition<Message>({
  topic,
  partitionMetadata,
  messages,
  partitioner,
}: Grouping<Message>): Record<number, Message[]> {
  const groups: Record<number, Message[]> = {}
  if (partitionMetadata.length === 0) return groups
  for (const message of messages) {
    const partition = partitioner({ topic, partitionMetadata, message })
    const group = groups[partition]
    if (group === undefined) groups[partition] = [message]
    else group.push(message)
  }
  return groups
}
