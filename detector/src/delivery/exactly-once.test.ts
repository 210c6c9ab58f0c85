import { nextTurn } from '@tidewatch/kit'
import { afterEach, describe, expect, test } from 'vitest'
import { aRunner, fill, startMs, stopRunners, stops, valuesOf } from '../testing/exactly-once-runner.ts'
import { FakeBroker, FakeLog, type TransactionFault } from '../testing/fake-kafka.ts'
import { transactionalIdOf } from './exactly-once.ts'

afterEach(stopRunners)

/** What comes out where nothing goes wrong. */
async function uninterrupted(records: number): Promise<string[]> {
  const broker = new FakeBroker('readings')
  fill(broker, 0, records)
  const { source, settle, stop } = aRunner(broker, new FakeLog())
  await source.assign([0])
  await source.deliver()
  await settle()
  await stop()
  const values = valuesOf(broker)
  expect(values.length).toBeGreaterThan(records / 20)
  return values
}

describe('a transaction that fails', () => {
  const faults: [string, (commit: number) => TransactionFault][] = [
    ['each one is refused once', (commit) => (commit % 2 === 0 ? 'refused' : undefined)],
    ['each one is in, and nobody is told', (commit) => (commit % 2 === 0 ? 'unanswered' : undefined)],
    ['refused, then unanswered, then well', (commit) => (['refused', 'unanswered', undefined] as const)[commit % 3]],
  ]
  test.each(faults)('%s: every verdict and dead letter is there once, in order', async (_, faultAt) => {
    const expected = await uninterrupted(400)
    const broker = new FakeBroker('readings')
    fill(broker, 0, 400)
    let commits = 0
    broker.onTransaction = () => faultAt(commits++)
    const { source, settle, metrics } = aRunner(broker, new FakeLog())
    await source.assign([0])
    await settle()
    for (let i = 0; i < 10; i++) {
      await source.deliver(0, 40)
      await settle()
    }
    expect(valuesOf(broker)).toEqual(expected)
    expect(broker.committed.get(0)?.offset).toBe(400)
    expect(metrics.transactionsFailed).toBeGreaterThan(5)
  })

  test('for two minutes: the process ends', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 100)
    const { source, running, clock } = aRunner(broker, new FakeLog())
    await source.assign([0])
    broker.onTransaction = () => 'refused'
    void source.deliver()
    void (async () => {
      for (let i = 0; i < 200; i++) {
        clock.advance(1_000)
        void source.idle()
        await nextTurn()
      }
    })()
    await expect(running).rejects.toThrow('the commit was refused')
  })

  test('while out of touch with the group it is not tried again: the partition may be another\'s', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 100)
    const { source, settle, config } = aRunner(broker, new FakeLog())
    await source.assign([0])
    broker.onTransaction = () => 'refused'
    source.isHeard = false
    await source.deliver()
    await settle()
    const epoch = broker.epochs.get(transactionalIdOf(config, 0))
    await settle()
    expect(broker.epochs.get(transactionalIdOf(config, 0))).toBe(epoch)
    broker.onTransaction = undefined
    source.isHeard = true
    await settle()
    expect(broker.committed.get(0)?.offset).toBe(100)
  })
})

test('a detector that is told to end while nobody answers does not wait for connections that nobody closes', async () => {
  const broker = new FakeBroker('readings')
  fill(broker, 0, 100)
  const { source, running, abort, settle } = aRunner(broker, new FakeLog())
  await source.assign([0])
  await settle()
  source.isHeard = false
  const close = source.close.bind(source)
  source.close = () => new Promise(() => {})
  broker.onTransaction = () => 'refused'
  await source.deliver()
  abort.abort()
  void source.idle()
  await expect(running).resolves.toBeUndefined()
  source.close = close
})

test('verdicts that come during a pause go out at its end, though the source says nothing more', async () => {
  const broker = new FakeBroker('readings')
  fill(broker, 0, 200)
  const { source, settle } = aRunner(broker, new FakeLog())
  await source.assign([0])
  await settle()
  await source.deliver(0, 100)
  await nextTurn()
  // While the transaction of the first half is just over.
  await source.deliver(0, 100)
  for (let i = 0; i < 20; i++) await nextTurn()
  expect(broker.committed.get(0)?.offset).toBe(200)
})

describe('more has come out than may wait', () => {
  /** A detector that can commit nothing, and has 6,000 dead letters. */
  async function aFullRunner() {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 100)
    const runner = aRunner(broker, new FakeLog())
    await runner.source.assign([0])
    broker.onTransaction = () => 'refused'
    runner.source.isHeard = false
    await runner.source.deliver()
    await runner.settle()
    expect(runner.source.paused).toEqual(new Set())
    for (let i = 0; i < 6_000; i++) broker.append(0, { value: Buffer.from('poison'), timestampMs: startMs })
    await runner.source.deliver()
    return { broker, ...runner }
  }

  test('the partition is paused, also while nothing can be tried, and goes on when all of it is in', async () => {
    const { broker, source, settle } = await aFullRunner()
    expect(source.paused).toEqual(new Set([0]))
    broker.onTransaction = undefined
    source.isHeard = true
    await settle()
    expect(source.paused).toEqual(new Set())
    expect(broker.committed.get(0)?.offset).toBe(6_100)
    expect(broker.outputs.filter(({ topic, value }) => topic === 'dead' && String(value) === 'poison')).toHaveLength(6_002)
  })

  test('a rebalance ends the pause: what it was for may be another\'s by now', async () => {
    const { broker, source, settle } = await aFullRunner()
    broker.committed.set(0, { offset: 50, metadata: '' })
    broker.onTransaction = undefined
    source.isHeard = true
    await source.assign([0])
    expect(source.paused).toEqual(new Set())
    await source.deliver()
    await settle()
    expect(broker.committed.get(0)?.offset).toBe(6_100)
  })
})

describe('a partition that changes hands', () => {
  test('a detector that was replaced without knowing writes nothing more and ends', async () => {
    const expected = await uninterrupted(300)
    const broker = new FakeBroker('readings')
    fill(broker, 0, 300)
    const state = new FakeLog()
    const zombie = aRunner(broker, state)
    await zombie.source.assign([0])
    await zombie.source.deliver(0, 120)
    await zombie.settle()
    const heir = aRunner(broker, state)
    await heir.source.assign([0])
    void zombie.source.deliver(0, 50)
    void (async () => {
      for (let i = 0; i < 10; i++) {
        zombie.clock.advance(1_000)
        void zombie.source.idle()
        await nextTurn()
      }
    })()
    await expect(zombie.running).rejects.toThrow('another one works as')
    await heir.source.deliver()
    await heir.settle()
    expect(valuesOf(broker)).toEqual(expected)
  })

  test('one that is told of the rebalance in time drops the partition and goes on', async () => {
    const expected = await uninterrupted(300)
    const broker = new FakeBroker('readings', 2)
    fill(broker, 0, 300)
    const state = new FakeLog()
    const first = aRunner(broker, state)
    await first.source.assign([0, 1])
    await first.source.deliver(0, 130)
    const second = aRunner(broker, state)
    await second.source.assign([0])
    await first.source.assign([1])
    await first.settle()
    await second.source.deliver()
    await second.settle()
    expect(valuesOf(broker)).toEqual(expected)
    expect(broker.committed.get(0)?.offset).toBe(300)
  })

  test('one that gets it back untouched goes on with what is not out yet', async () => {
    const expected = await uninterrupted(300)
    const broker = new FakeBroker('readings')
    fill(broker, 0, 300)
    const { source, settle, metrics } = aRunner(broker, new FakeLog())
    await source.assign([0])
    broker.onTransaction = () => 'unanswered'
    await source.deliver(0, 130)
    await source.assign([0])
    broker.onTransaction = undefined
    await source.deliver()
    await settle()
    expect(valuesOf(broker)).toEqual(expected)
    expect(metrics.tallies.records).toBe(300)
  })
})

describe('a process that dies', () => {
  test.each([
    ['after each commit', undefined],
    ['in the middle of each transaction', 'refused'],
    ['when each transaction is in, before it knows', 'unanswered'],
  ] as const)('%s: every verdict of an uninterrupted run is there once, with the same score', async (_, fault) => {
    const expected = await uninterrupted(300)
    const broker = new FakeBroker('readings')
    fill(broker, 0, 300)
    const state = new FakeLog()
    for (let life = 0; life < 60 && (broker.committed.get(0)?.offset ?? 0) < 300; life++) {
      const { source, settle } = aRunner(broker, state)
      await source.assign([0])
      // The replay first, where there is one; then some records in the open.
      const before = broker.committed.get(0)?.offset ?? 0
      while ((broker.committed.get(0)?.offset ?? 0) <= before && before < 300) {
        await source.deliver(0, 23)
        await settle()
      }
      broker.onTransaction = () => fault
      await source.deliver(0, 17)
      await nextTurn()
      broker.onTransaction = undefined
      // Nothing is told to the old one any more: it is dead, and its place is taken by the next.
      stops.length = 0
    }
    expect(valuesOf(broker)).toEqual(expected)
  })

  test('on a signal: commits what it has, leaves a checkpoint of just that, and the next one replays nothing', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 300)
    const state = new FakeLog()
    const first = aRunner(broker, state)
    await first.source.assign([0])
    await first.source.deliver(0, 123)
    first.abort.abort()
    void first.source.idle()
    await first.running
    expect(broker.committed.get(0)?.offset).toBe(123)
    expect(state.liveKeys.some((key) => key.startsWith('0/123-'))).toBe(true)
    const second = aRunner(broker, state)
    await second.source.assign([0])
    await second.source.deliver()
    await second.settle()
    expect(second.metrics.takeovers).toEqual({ checkpoint: 1, restorePoint: 0, nothing: 0 })
    expect(second.metrics.tallies.records).toBe(177)
    expect(valuesOf(broker)).toEqual(await uninterrupted(300))
  })
})

test('a checkpoint is taken before the first record, at the interval after that, and two are kept', async () => {
  const broker = new FakeBroker('readings')
  fill(broker, 0, 400)
  const state = new FakeLog()
  const { source, settle } = aRunner(broker, state)
  await source.assign([0])
  const manifests = () => state.liveKeys.filter((key) => key.endsWith('/manifest')).map((key) => key.replace(/-.*\//, '/'))
  expect(manifests()).toEqual(['0/0/manifest'])
  for (let i = 0; i < 10; i++) {
    await source.deliver(0, 40)
    await settle()
    await settle()
  }
  expect(manifests()).toEqual([expect.stringMatching(/^0\/(240|280|320|360)\/manifest$/), '0/400/manifest'])
})
