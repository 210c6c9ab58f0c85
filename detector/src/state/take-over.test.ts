import type { AssignedPartition, CommittedPosition } from '@tidewatch/kafka'
import { createLogger } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { SnapshotDamaged, SnapshotOfAnotherConfiguration, SnapshotOfAnotherVersion } from '../snapshot/errors.ts'
import { aConfig, TopologyDriver } from '../testing/index.ts'
import { FakeLog } from '../testing/fake-kafka.ts'
import { KafkaCheckpointStore } from './checkpoint-store.ts'
import { takeOver, type OtherVersions } from './take-over.ts'

const config = aConfig()
const startMs = Date.UTC(2026, 0, 1)
const log = createLogger({ name: 'test', level: 'silent' })

/** A partition of which checkpoints were published at 20 and 40, and of which 50 records are committed. */
async function aPartition(): Promise<{ state: FakeLog; committed: CommittedPosition }> {
  const state = new FakeLog()
  const store = new KafkaCheckpointStore({ topic: 'state', sink: state, reader: state })
  const driver = new TopologyDriver({ config, nowMs: startMs })
  for (let i = 0; i < 50; i++) {
    driver.nowMs += 1_000
    driver.send({ value: { sensor_id: `d${i % 3}`, timestamp: new Date(driver.nowMs).toISOString(), metric: 'a', value: i } })
    const { nextOffset } = driver.topology
    if (nextOffset % 20 === 0) await store.publish(0, { nextOffset, pieces: [driver.topology.snapshot()], after: undefined })
  }
  return { state, committed: driver.topology.position()! }
}

/** @param failing by offset: what becomes of the snapshot taken there. */
async function takeOverFrom(given: Awaited<ReturnType<typeof aPartition>>, { otherVersions = 'refuse', failing = () => undefined }: { otherVersions?: OtherVersions; failing?: (offset: number) => Error | undefined } = {}) {
  const { state, committed } = given
  const assigned: AssignedPartition = { topic: config.topic, partition: 0, committed, logStartOffset: 0, logEndOffset: 50 }
  const store = new KafkaCheckpointStore({ topic: 'state', sink: state, reader: state })
  const createTopology = () => {
    const { topology } = new TopologyDriver({ config, nowMs: startMs })
    const restore = topology.restore.bind(topology)
    topology.restore = (bytes) => {
      const restored = restore(bytes)
      const error = failing(restored.nextOffset)
      if (error !== undefined) throw error
      return restored
    }
    return topology
  }
  const { from, restoredOffset } = await takeOver({ assigned, startFrom: 'Earliest', createTopology, store, otherVersions, log })
  return { from, restoredOffset }
}

const otherVersion = new SnapshotOfAnotherVersion('The snapshot has the layout 9, and this detector reads 2.')
const refusal = 'Partition 0 was not taken over. The snapshot has the layout 9, and this detector reads 2. To start without: TIDEWATCH_OTHER_CHECKPOINTS=startFresh'

describe('a partition is taken over', () => {
  test('from the newest checkpoint', async () => {
    expect(await takeOverFrom(await aPartition())).toEqual({ from: 'checkpoint', restoredOffset: 40 })
  })

  test.each([
    ['damaged', new SnapshotDamaged('damaged')],
    ['of another version, as after a way back', otherVersion],
  ])('from the one before where the newest is %s', async (_, error) => {
    expect(await takeOverFrom(await aPartition(), { failing: (offset) => (offset === 40 ? error : undefined) })).toEqual({ from: 'checkpoint', restoredOffset: 20 })
  })

  test('from the one before where the manifest of the newest tells another offset than its snapshot', async () => {
    const given = await aPartition()
    const stored = new KafkaCheckpointStore({ topic: 'state', sink: given.state, reader: given.state })
    for await (const { nextOffset, bytes } of stored.find(0, 20)) await stored.publish(0, { nextOffset: nextOffset + 25, pieces: [bytes], after: undefined })
    expect(await takeOverFrom(given)).toEqual({ from: 'checkpoint', restoredOffset: 40 })
  })

  test.each([
    ['damaged', new SnapshotDamaged('damaged')],
    ['of another configuration, which somebody has changed on purpose', new SnapshotOfAnotherConfiguration('changed')],
  ])('fresh, with open windows, where all are %s', async (_, error) => {
    expect(await takeOverFrom(await aPartition(), { failing: () => error })).toEqual({ from: 'restorePoint', restoredOffset: undefined })
  })
})

describe('where all checkpoints are of another version', () => {
  const failing = (): Error => otherVersion

  test('the partition is refused, with both versions and what to do', async () => {
    await expect(takeOverFrom(await aPartition(), { failing })).rejects.toMatchObject({ code: SnapshotOfAnotherVersion.code, message: refusal })
  })

  test('and one that is damaged beside them changes nothing', async () => {
    const given = await aPartition()
    await expect(takeOverFrom(given, { failing: (offset) => (offset === 40 ? new SnapshotDamaged('damaged') : otherVersion) })).rejects.toThrow(refusal)
  })

  test('it begins fresh where that is asked for', async () => {
    expect(await takeOverFrom(await aPartition(), { otherVersions: 'startFresh', failing })).toEqual({ from: 'restorePoint', restoredOffset: undefined })
  })

  test('nothing is deleted by a refusal, so the version that wrote them takes up where it was', async () => {
    const given = await aPartition()
    await expect(takeOverFrom(given, { failing })).rejects.toThrow(refusal)
    expect(await takeOverFrom(given)).toEqual({ from: 'checkpoint', restoredOffset: 40 })
  })

  test('records of another layout on the topic are refused in the same way', async () => {
    const { committed } = await aPartition()
    const state = new FakeLog()
    await state.send([{ topic: 'state', partition: 0, key: '0/40-x/manifest', value: '{"v":1,"id":"40-x","nextOffset":40,"chunks":1,"bytes":5}' }])
    await expect(takeOverFrom({ state, committed })).rejects.toThrow('The checkpoints of partition 0 on state have the layout 1, and this detector reads 2.')
    expect(await takeOverFrom({ state, committed }, { otherVersions: 'startFresh' })).toEqual({ from: 'restorePoint', restoredOffset: undefined })
  })
})

test('an error that says nothing of the checkpoint goes on', async () => {
  await expect(takeOverFrom(await aPartition(), { failing: () => new Error('no memory') })).rejects.toThrow('no memory')
})
