import { systemClock, type Logger } from '@tidewatch/kit'
import { createRecordSource, type KafkaConnection, type KafkaRecord, type RecordSource } from '@tidewatch/kafka'

/** Follows a topic from given offsets on, without ever committing: only to be looked at. */
export class TopicTail {
  readonly topic: string
  readonly groupId: string
  readonly #source: RecordSource
  readonly #positions: Map<number, number>
  readonly take: (record: KafkaRecord) => void
  #reading: Promise<void>
  #error: unknown

  constructor(options: {
    connection: KafkaConnection
    log: Logger
    groupId: string
    topic: string
    from: ReadonlyMap<number, number>
    take: (record: KafkaRecord) => void
  }) {
    const { connection, log, groupId, topic, from, take } = options
    this.topic = topic
    this.groupId = groupId
    this.#positions = new Map(from)
    this.take = take
    this.#source = createRecordSource({ connection, log, groupId, topic })
    this.#reading = this.#read().catch((error: unknown) => {
      this.#error = error
    })
  }

  /** Waits until everything before these offsets was seen; false when that took too long or reading has failed. */
  async reach(ends: ReadonlyMap<number, number>, timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs
    const isThere = () => [...ends].every(([partition, end]) => (this.#positions.get(partition) ?? 0) >= end)
    while (!isThere()) {
      if (this.#error !== undefined || Date.now() > deadline) return false
      await systemClock.sleep(50)
    }
    return true
  }

  async close(): Promise<void> {
    await this.#source.close()
    await this.#reading
  }

  async #read(): Promise<void> {
    for await (const event of this.#source) {
      if (event.kind === 'assigned') {
        event.start(event.partitions.map(({ topic, partition, logStartOffset }) => ({ topic, partition, offset: Math.max(this.#positions.get(partition) ?? 0, logStartOffset) })))
      } else if (event.kind === 'batch') {
        const { records, partition, nextOffset } = event.batch
        for (const record of records) {
          if (record.offset >= (this.#positions.get(partition) ?? 0)) this.take(record)
        }
        // Beyond the markers of transactions too, which are no records and count for the topic's end.
        this.#positions.set(partition, Math.max(nextOffset, this.#positions.get(partition) ?? 0))
      }
    }
  }
}
