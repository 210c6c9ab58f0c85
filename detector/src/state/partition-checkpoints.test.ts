import { createLogger, createRegistry, systemClock } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { DetectorMetrics } from '../metrics.ts'
import { aConfig, TopologyDriver } from '../testing/index.ts'
import { FakeLog } from '../testing/fake-kafka.ts'
import { maxIncrements } from './chain.ts'
import { KafkaCheckpointStore } from './checkpoint-store.ts'
import { PartitionCheckpoints } from './partition-checkpoints.ts'

const config = aConfig({ model: { kind: 'microClusters', parameters: { warmUp: 3 } }, warmUp: 3, window: { kind: 'tumbling', sizeMs: 10_000 } })
const startMs = Date.UTC(2026, 0, 1)

/** A partition of 40 devices, with its checkpoints. */
function aPartition() {
  const state = new FakeLog()
  const metrics = new DetectorMetrics(createRegistry(), config.topic)
  const store = new KafkaCheckpointStore({ topic: 'state', sink: state, reader: state })
  const checkpoints = new PartitionCheckpoints({ store, partition: 0, intervalMs: 1, restoredOffset: undefined, metrics, clock: systemClock, log: createLogger({ name: 'test', level: 'silent' }) })
  const driver = new TopologyDriver({ config, nowMs: startMs })
  /** So many devices send something, then a checkpoint is written. */
  const round = async (devices: number): Promise<void> => {
    for (let device = 0; device < devices; device++) {
      driver.nowMs += 100
      driver.send({ value: { sensor_id: `d${device}`, timestamp: new Date(driver.nowMs).toISOString(), metric: 'a', value: device } })
    }
    const { topology } = driver
    checkpoints.publish(topology, topology.nextOffset, Promise.resolve([...topology.snapshotInSlices()]))
    await checkpoints.settled
  }
  /** Of the newest checkpoint: its offset, and that its state is the driver's. */
  const restoreNewest = async () => {
    for await (const { nextOffset, bytes } of new KafkaCheckpointStore({ topic: 'state', sink: state, reader: state }).find(0, Infinity)) {
      const { topology } = new TopologyDriver({ config, nowMs: startMs })
      topology.restore(bytes)
      return { nextOffset, isSame: Buffer.compare(topology.snapshot(), driver.topology.snapshot()) === 0 }
    }
    return undefined
  }
  const manifests = () => state.records.filter(({ key, value }) => value !== null && key!.toString().endsWith('/manifest')).map(({ value }) => JSON.parse(value!.toString().slice(9)) as { nextOffset: number; parts: { bytes: number }[] })
  return { state, metrics, round, restoreNewest, manifests }
}

const partsOf = ({ parts }: { parts: unknown[] }) => parts.length

describe('checkpoints of a partition', () => {
  test('are increments while few devices have changed, and a full one when many have', async () => {
    const { round, restoreNewest, manifests, metrics } = aPartition()
    for (const devices of [0, 40, 4, 4, 4, 40, 2]) await round(devices)
    // The first is of the empty state.
    expect(manifests().map(partsOf)).toEqual([1, 1, 2, 3, 4, 1, 2])
    expect(await restoreNewest()).toEqual({ nextOffset: 94, isSame: true })
    const newest = manifests().at(-1)!
    expect(newest.parts[1]!.bytes).toBeLessThan(newest.parts[0]!.bytes / 4)
    expect(metrics.checkpointBytes.get(0)).toBe(newest.parts.reduce((sum, { bytes }) => sum + bytes, 0))
    expect(metrics.checkpoints).toBe(7)
  })

  test('have no more increments behind one another than a restore should read', async () => {
    const { round, restoreNewest, manifests } = aPartition()
    await round(40)
    for (let i = 0; i < maxIncrements + 3; i++) await round(0)
    const lengths = manifests().map(partsOf)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(maxIncrements + 1)
    expect(lengths.filter((length) => length === 1).length).toBeGreaterThan(1)
    expect(await restoreNewest()).toEqual({ nextOffset: 40, isSame: true })
  })

  test('one that cannot be written is left out, and the next increment holds its changes too', async () => {
    const { state, round, restoreNewest, manifests, metrics } = aPartition()
    await round(40)
    await round(3)
    state.onSend = () => {
      throw new Error('no broker')
    }
    await round(9)
    state.onSend = undefined
    expect(metrics.checkpointsFailed).toBe(1)
    expect(await restoreNewest()).toEqual({ nextOffset: 43, isSame: false })
    await round(1)
    expect(manifests().map(partsOf)).toEqual([1, 2, 3])
    expect(await restoreNewest()).toEqual({ nextOffset: 53, isSame: true })
  })
})
