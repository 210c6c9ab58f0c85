import type { AssignedPartition, CommittedPosition } from '@tidewatch/kafka'
import { createLogger, defineError, nextTurn } from '@tidewatch/kit'
import { afterEach, describe, expect, test } from 'vitest'
import { aConfig } from '../testing/a-config.ts'
import { aRunner, fill, stopRunners } from '../testing/exactly-once-runner.ts'
import { FakeBroker, FakeLog } from '../testing/fake-kafka.ts'
import { TopologyDriver } from '../testing/topology-driver.ts'
import { describeAssigned, GrowthWatch, raiseStatePartitions } from './growth-watch.ts'

afterEach(stopRunners)

const log = createLogger({ name: 'test', level: 'silent' })

/** A topic whose looks are answered when the test says so. */
function aTopic() {
  const looks: ((count: number | undefined) => void)[] = []
  const watch = new GrowthWatch({ readPartitionCount: () => new Promise((resolve) => looks.push(resolve)) }, 'readings')
  return { looks, watch }
}

describe('a look at the partitions', () => {
  test('passes with as many as were known, or none at all; refuses more with a sentence', async () => {
    const counts = [3, undefined, 5]
    const watch = new GrowthWatch({ readPartitionCount: async () => counts.shift() }, 'readings')
    await watch.check(3)
    await watch.check(3)
    await expect(watch.check(3)).rejects.toMatchObject({
      code: 'TOPIC_GROWN',
      message: 'Topic readings has 5 partitions now and had 3: keys may have moved in the middle of their windows. What was not committed is processed again, and such windows are not judged',
    })
  })

  test('is one for all who wait, and never one that had begun before they came', async () => {
    const { looks, watch } = aTopic()
    const first = watch.check(3)
    await nextTurn()
    expect(looks).toHaveLength(1)
    // Judged while the first look was under way: what it sees may be from before.
    const later = [watch.check(3), watch.check(3)]
    await nextTurn()
    expect(looks).toHaveLength(1)
    looks[0]!(3)
    await first
    await nextTurn()
    expect(looks).toHaveLength(2)
    looks[1]!(4)
    for (const one of later) await expect(one).rejects.toThrow('Topic readings has 4 partitions now')
  })

  test('that fails is told to those who wait for it, and the next one goes well', async () => {
    let failures = 1
    const watch = new GrowthWatch({ readPartitionCount: () => (failures-- > 0 ? Promise.reject(new Error('no broker')) : Promise.resolve(3)) }, 'readings')
    await expect(watch.check(3)).rejects.toThrow('no broker')
    await watch.check(3)
  })

  test('is not made where nobody knows how many there were', async () => {
    const { looks, watch } = aTopic()
    await watch.check(undefined)
    expect(looks).toEqual([])
  })
})

/** A commit of a detector that knew of so many partitions. */
function committedWith(partitions: number): CommittedPosition {
  const { topology } = new TopologyDriver({ config: aConfig() })
  topology.start(0)
  topology.meetPartitions(partitions)
  return topology.position()!
}

test.each<[string, Map<number, CommittedPosition>, boolean[]]>([
  ['a group that begins', new Map(), [false, false, false]],
  ['a group that was interrupted when it began', new Map([[0, committedWith(3)]]), [false, false, false]],
  ['a group that has known two', new Map([[0, committedWith(2)], [1, committedWith(2)]]), [false, false, true]],
  ['a partition that was added and is worked on already', new Map([[0, committedWith(2)], [1, committedWith(2)], [2, committedWith(3)]]), [false, false, false]],
  ['offsets set by hand', new Map([[0, { offset: 5, metadata: '' }]]), [false, false, false]],
])('which partitions were added: %s', (_, committed, isAdded) => {
  const assigned = [0, 1, 2].map((partition): AssignedPartition => ({ topic: 'readings', partition, committed: committed.get(partition), logStartOffset: 0, logEndOffset: 9 }))
  expect(describeAssigned(assigned, 3, committed)).toEqual(assigned.map((one, i) => ({ ...one, partitionCount: 3, isAdded: isAdded[i] })))
})

describe('the topic of checkpoints', () => {
  const AccessDenied = defineError('KAFKA_ACCESS_DENIED', { retry: 'never' })
  const anAdmin = (count: number | undefined, ensure: (raise: () => void) => void) => {
    const state = { count }
    return { state, readPartitionCount: async () => state.count, ensureTopics: async () => ensure(() => (state.count = 4)) }
  }

  test('gets as many partitions as the input, where it has fewer', async () => {
    const admin = anAdmin(3, (raise) => raise())
    await raiseStatePartitions(admin, 'state', 4, log)
    expect(admin.state.count).toBe(4)
  })

  test.each([4, 9, undefined])('is left alone with %s', async (count) => {
    await raiseStatePartitions(anAdmin(count, () => { throw new Error('not expected') }), 'state', 4, log)
  })

  test('was raised by another detector at the same moment', async () => {
    await raiseStatePartitions(anAdmin(3, (raise) => { raise(); throw new Error('there are 4 already') }), 'state', 4, log)
  })

  test('may not be raised by us: that is said', async () => {
    const admin = anAdmin(3, () => { throw new AccessDenied('Could not create the topics state: not authorized') })
    await expect(raiseStatePartitions(admin, 'state', 4, log)).rejects.toMatchObject({
      code: 'TOPIC_MISSING',
      message: 'Topic state for checkpoints has 3 partitions, and the input has 4: raise it to as many (we may not: Could not create the topics state: not authorized)',
    })
  })
})

describe('the input gets more partitions', () => {
  test('before a commit: nothing of it is committed, and the process ends', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 300)
    const { source, settle, running } = aRunner(broker, new FakeLog())
    await source.assign([0])
    await source.deliver(0, 200)
    await settle()
    const outputs = broker.outputs.length
    const { offset } = broker.committed.get(0)!
    broker.logs.push([])
    void source.deliver(0, 100)
    void settle()
    await expect(running).rejects.toMatchObject({ code: 'TOPIC_GROWN' })
    expect([broker.outputs.length, broker.committed.get(0)?.offset]).toEqual([outputs, offset])
  })

  test('and the group tells it first: what was not committed is processed again, and the new partition from its first record', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 100)
    const { source, settle, metrics } = aRunner(broker, new FakeLog(), { startFrom: 'Latest' })
    await source.assign([0])
    await settle()
    fill(broker, 100, 200)
    await source.deliver()
    await settle()
    broker.logs.push([])
    fill(broker, 200, 260, 1)
    await source.assign([0, 1])
    await source.deliver(0)
    await source.deliver(1)
    await settle()
    expect([...broker.committed].map(([partition, { offset, metadata }]) => [partition, offset, (JSON.parse(metadata) as { p: number; g: unknown }).p, (JSON.parse(metadata) as { g: number[][] }).g.map(([from, until]) => [from, until])])).toEqual([
      [0, 200, 2, [[200, null]]],
      [1, 60, 2, [[0, null]]],
    ])
    expect(metrics.takeovers).toEqual({ checkpoint: 1, restorePoint: 0, nothing: 2 })
  })
})
