import { FetchedRecords } from '../library/fetched-records.ts'
import { readHeads, writeBatch } from '../library/record-batch.ts'
import type { KafkaRecord, RecordCursor } from '../ports.ts'

/** Records without headers, whose offsets follow each other, as a fetch brings them: packed into one batch, and gone through in its bytes. */
export async function asFetched(records: readonly KafkaRecord[]): Promise<RecordCursor> {
  const writable = records.map(({ key, value, timestampMs }) => ({ key, value, timestampMs, keyBytes: key?.length ?? 0, valueBytes: value?.length ?? 0 }))
  const data = await writeBatch(writable, { compression: 0, compress: async (bytes) => bytes, isTransactional: false, producerId: -1n, producerEpoch: 0, baseSequence: 0 })
  const [first] = records
  data.writeBigInt64BE(BigInt(first?.offset ?? 0), 0)
  return new FetchedRecords(readHeads(data), first?.topic ?? '', first?.partition ?? 0, 0)
}
