import { codecs } from '../codecs/index.ts'
import type { RecordCursor } from '../ports.ts'
import { requireInside } from './insides.ts'
import { FetchedRecords } from './fetched-records.ts'
import { isAbortMarker, magicOf, readHeads, type BatchHead } from './record-batch.ts'

interface Decoder {
  readInt32(): number
  canReadBytes(count: number): boolean
  readBytes(count: number): Buffer
  offset: number
}

const decodeOldMessages = requireInside<(decoder: Decoder) => Promise<unknown>>(
  'protocol/requests/fetch/v4/decodeMessages',
)
const codecByType = new Map(Object.values(codecs).map(({ type, codec }) => [type as number, codec]))

/**
 * In the place of kafkajs' own: finds and unpacks the batches of a fetch, but leaves their records for the moment in
 * which they are wanted. What is dropped after a rebalance is never decoded.
 */
export async function decodeMessages(decoder: Decoder): Promise<unknown> {
  const start = decoder.offset
  const size = decoder.readInt32()
  if (size <= 0 || !decoder.canReadBytes(size)) return []
  const data = decoder.readBytes(size)
  if (magicOf(data) !== 2) {
    // Message sets of before Kafka 0.11 keep kafkajs' way; Kafka 4 has none.
    decoder.offset = start
    return decodeOldMessages(decoder)
  }
  const heads = readHeads(data)
  for (const head of heads) {
    if (head.compression === 0) continue
    const codec = codecByType.get(head.compression)
    if (codec === undefined)
      throw new Error(`batch at offset ${head.baseOffset} has an unknown compression ${head.compression}`)
    head.records = await codec.decompress(head.records)
  }
  return heads
}

interface PartitionData {
  partition: number
  highWatermark: string
  abortedTransactions: { producerId: string; firstOffset: string }[] | null
  messages: BatchHead[]
}

/** In the place of kafkajs' Batch: what a fetch has brought of one partition. */
export class FetchedBatch {
  readonly topic: string
  readonly partition: number
  readonly highWatermark: string
  readonly fetchedOffset: string
  /** Only its length is asked for, by kafkajs' own reports. */
  readonly messages: { length: number }
  /** Of all records that it holds, unpacked. */
  readonly bytes: number
  readonly #fromOffset: number
  readonly #all: BatchHead[]
  readonly #visible: BatchHead[]

  constructor(
    topic: string,
    fetchedOffset: string,
    { partition, highWatermark, abortedTransactions, messages }: PartitionData,
  ) {
    this.topic = topic
    this.partition = partition
    this.highWatermark = highWatermark
    this.fetchedOffset = fetchedOffset
    this.#fromOffset = Number(fetchedOffset)
    // A batch that was packed as a whole is given as a whole, also for an offset in its middle.
    this.#all = messages.filter(({ lastOffset }) => lastOffset >= this.#fromOffset)
    this.#visible = withoutAborted(messages, abortedTransactions ?? []).filter(
      ({ lastOffset }) => lastOffset >= this.#fromOffset,
    )
    this.bytes = this.#all.reduce((sum, { records }) => sum + records.length, 0)
    this.messages = { length: this.#visible.reduce((sum, { count }) => sum + count, 0) }
  }

  /** Goes through the records; there are none where compaction has left none of those that were asked for. */
  cursor(): RecordCursor {
    return new FetchedRecords(this.#visible, this.topic, this.partition, this.#fromOffset)
  }

  /** What holds nothing but markers is no empty batch: the reader's position must move past it as well. */
  isEmpty(): boolean {
    return this.isEmptyIncludingFiltered()
  }

  isEmptyIncludingFiltered(): boolean {
    return this.#all.length === 0
  }

  /** Never: kafkajs would move on past such a batch by itself, and nobody would hear of it. */
  isEmptyDueToFiltering(): boolean {
    return false
  }

  firstOffset(): string | null {
    const [first] = this.#all
    return first === undefined ? null : String(Math.max(first.baseOffset, this.#fromOffset))
  }

  /** The end of the last batch, beyond records that were compacted away and control records: the next fetch follows it. */
  lastOffset(): string {
    const last = this.#all.at(-1)
    return String(last === undefined ? Number(this.highWatermark) - 1 : last.lastOffset)
  }

  offsetLag(): string {
    return String(Number(this.highWatermark) - 1 - Number(this.lastOffset()))
  }

  offsetLagLow(): string {
    return this.isEmptyIncludingFiltered() ? '0' : String(Number(this.highWatermark) - 1 - Number(this.firstOffset()))
  }
}

/**
 * Without control batches and those of aborted transactions. The broker lists where each aborted transaction begins;
 * its marker in the log ends it. A producer may have several of them in one fetch.
 *
 * @see org.apache.kafka.clients.consumer.internals.CompletedFetch#nextFetchedRecord
 */
function withoutAborted(
  heads: readonly BatchHead[],
  aborted: readonly { producerId: string; firstOffset: string }[],
): BatchHead[] {
  const begins = aborted
    .map(({ producerId, firstOffset }) => ({ producerId: BigInt(producerId), firstOffset: Number(firstOffset) }))
    .sort((a, b) => a.firstOffset - b.firstOffset)
  const open = new Set<bigint>()
  let next = 0
  return heads.filter((head) => {
    for (; next < begins.length && begins[next]!.firstOffset <= head.lastOffset; next++)
      open.add(begins[next]!.producerId)
    if (head.isControl) {
      if (isAbortMarker(head)) open.delete(head.producerId)
      return false
    }
    return !(head.isTransactional && open.has(head.producerId))
  })
}
