import type { KafkaRecord, RecordSource } from '../ports.ts'

/** Reads a source from the oldest record on until it has seen `count` records; the source stays open. */
export async function readRecords(source: RecordSource, count: number): Promise<KafkaRecord[]> {
  const records: KafkaRecord[] = []
  for await (const event of source) {
    if (event.kind === 'assigned') {
      event.start(event.partitions.map((one) => ({ ...one, offset: one.committed?.offset ?? one.logStartOffset })))
    }
    if (event.kind === 'batch') records.push(...event.batch.records)
    if (records.length >= count) break
  }
  return records
}
