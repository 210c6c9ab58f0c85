import { createPartitionReader, createRecordSink, createTopicAdmin } from '@tidewatch/kafka'
import { testConnection, uniqueName } from '@tidewatch/kafka/testing'
import { createLogger } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { describePieces } from '../snapshot/header.ts'
import { aConfig, TopologyDriver } from '../testing/index.ts'
import { KafkaCheckpointStore } from './checkpoint-store.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
const config = aConfig({ model: { kind: 'microClusters', parameters: { warmUp: 3 } }, warmUp: 3, window: { kind: 'tumbling', sizeMs: 600_000 } })
const startMs = Date.UTC(2026, 0, 1)

test('a full checkpoint of many chunks and increments to it come back from a compacted topic as they were, and what an interrupted one left is deleted', async () => {
  const connection = testConnection()
  const topic = uniqueName('state')
  const admin = createTopicAdmin({ connection, log })
  await admin.ensureTopics([{ name: topic, partitions: 1, config: { 'cleanup.policy': 'compact' } }])
  const aStore = () => new KafkaCheckpointStore({ topic, sink: createRecordSink({ connection, log, compression: 'zstd' }), reader: createPartitionReader({ connection, log }) })
  const driver = new TopologyDriver({ config, nowMs: startMs })
  const send = (devices: number) => {
    for (let device = 0; device < devices; device++) driver.send({ value: { sensor_id: `sensor-${device}`, timestamp: new Date(startMs + device).toISOString(), metric: 'a', value: device } })
  }
  const first = aStore()
  let after: string | undefined
  const parts: boolean[] = []
  for (const devices of [6_000, 50, 3]) {
    send(devices)
    const pieces = [...driver.topology.snapshotInSlices()]
    const { isIncrement, trailer } = describePieces(pieces)
    parts.push(isIncrement)
    ;({ id: after } = await first.publish(0, { nextOffset: driver.topology.nextOffset, pieces, after: isIncrement ? after : undefined }))
    driver.topology.followWith(trailer, 0.5)
  }
  expect(parts).toEqual([false, true, true])
  await first.close()
  const orphan = createRecordSink({ connection, log })
  await orphan.send([{ topic, partition: 0, key: '0/7000-interrupted/0', value: Buffer.from('a chunk without a manifest') }])
  await orphan.close()

  const second = aStore()
  const found: number[] = []
  for await (const { nextOffset, bytes } of second.find(0, Infinity)) {
    found.push(nextOffset)
    const { topology } = new TopologyDriver({ config, nowMs: startMs })
    expect(topology.restore(bytes)).toEqual({ nextOffset })
    if (found.length === 1) expect(Buffer.compare(topology.snapshot(), driver.topology.snapshot())).toBe(0)
  }
  expect(found).toEqual([6_053, 6_050])
  await second.publish(0, { nextOffset: 6_053, pieces: [driver.topology.snapshot()], after: undefined })
  await second.close()

  const reader = createPartitionReader({ connection, log })
  const { logEndOffset } = await reader.readBounds(topic, 0)
  const live = new Map((await reader.read(topic, 0, { from: 0, to: logEndOffset })).map(({ key, value }) => [key!.toString(), value !== null]))
  expect(live.get('0/7000-interrupted/0')).toBe(false)
  expect([...live].filter(([key, isLive]) => isLive && key.endsWith('/manifest'))).toHaveLength(2)
  await reader.close()
  await admin.close()
})
