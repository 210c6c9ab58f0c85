import type { SimulatorConfig } from '@tidewatch/api'
import { createRecordSink, type OutputRecord, type RecordSink, type TopicAdmin } from '@tidewatch/kafka'
import type { Logger } from '@tidewatch/kit'
import { createSimulation } from '@tidewatch/simulator'
import type { TopicCompression } from './options.ts'
import type { RunPlan } from './plan.ts'

const batchSize = 10_000

/** A device that nobody has: its one reading at each partition's end moves the watermark, and its windows stay open. */
const sentinelDevice = 'end_of_topic'

/** The records of the plan: what the sample's fleet sends, without faults, and the last one of each partition. Records carry the moment of loading, payloads the event time. */
export function* generateRecords(topic: string, partitions: number, fleet: SimulatorConfig, plan: RunPlan): Generator<OutputRecord, void, undefined> {
  const { devices: count, durationMs, startMs, sentinelMs } = plan
  if (!('count' in fleet.devices)) throw new Error('The sample of system C lists its devices; it must have a count of them')
  const { idPattern } = fleet.devices
  const simulation = createSimulation({ ...fleet, devices: { count, idPattern }, faults: [], durationMs, messages: undefined, shards: 1 }, { shard: 0, nowMs: startMs })
  for (const { key, value } of simulation) yield { topic, key, value }
  const value = JSON.stringify({ sensor_id: sentinelDevice, timestamp: new Date(sentinelMs).toISOString(), metric: 'temperature', value: 22, meta: { unit: '°C', location: '' } })
  for (let partition = 0; partition < partitions; partition++) yield { topic, partition, key: sentinelDevice, value }
}

/** Creates the topic and writes the records. @param onRecord told of each. @returns how many there are. */
export async function loadTopic(
  { admin, brokers, log }: { admin: TopicAdmin; brokers: string; log: Logger },
  { topic, partitions, compression }: { topic: string; partitions: number; compression: TopicCompression },
  records: Iterable<OutputRecord>,
  onRecord: (record: OutputRecord) => void,
): Promise<number> {
  await admin.ensureTopics([{ name: topic, partitions, config: { 'retention.ms': '-1' } }])
  const sink = createRecordSink({ connection: { brokers, clientId: 'load' }, log, compression })
  let count = 0
  try {
    let batch: OutputRecord[] = []
    for (const record of records) {
      onRecord(record)
      count++
      batch.push(record)
      if (batch.length === batchSize) batch = await send(sink, batch)
    }
    await send(sink, batch)
  } finally {
    await sink.close()
  }
  return count
}

async function send(sink: RecordSink, batch: readonly OutputRecord[]): Promise<OutputRecord[]> {
  await sink.send(batch)
  return []
}

/** Adds the readings of the plan to what windows are expected of; the sentinel's are in no window that closes. */
export function readingOf(record: OutputRecord): { device: string; eventTimeMs: number; value: number } | undefined {
  const { sensor_id: device, timestamp, value } = JSON.parse(String(record.value)) as { sensor_id: string; timestamp: string; value: number }
  return device === sentinelDevice ? undefined : { device, eventTimeMs: Date.parse(timestamp), value }
}
