import { describe, expect, test } from 'vitest'
import { FakeLog } from '../testing/fake-kafka.ts'
import { KafkaCheckpointStore, type StoredCheckpoint } from './checkpoint-store.ts'
import { computeMostChanged, maxIncrements } from './chain.ts'
import { decideKept } from './known-checkpoints.ts'

const aStore = (log: FakeLog) => new KafkaCheckpointStore({ topic: 'state', sink: log, reader: log })

async function all(store: KafkaCheckpointStore): Promise<[number, string][]> {
  const found: StoredCheckpoint[] = []
  for await (const one of store.find(0, Infinity)) found.push(one)
  return found.map(({ nextOffset, bytes }) => [nextOffset, Buffer.from(bytes).toString()])
}

/** Publishes a full one at the first offset and increments at the others. @returns the last one's id. */
async function publishChain(store: KafkaCheckpointStore, ...offsets: number[]): Promise<string> {
  let after: string | undefined
  for (const nextOffset of offsets) ({ id: after } = await store.publish(0, { nextOffset, pieces: [Buffer.from(`[${nextOffset}]`)], after }))
  return after!
}

/** Live keys, ids cut down to their offsets. */
const shortKeys = (log: FakeLog) => log.liveKeys.map((key) => key.replace(/-[0-9a-f]+/, '')).sort()

describe('increments', () => {
  test('come behind the full one, and the newest two checkpoints share what they have in common', async () => {
    const log = new FakeLog()
    await publishChain(aStore(log), 10, 20, 30)
    expect(await all(aStore(log))).toEqual([[30, '[10][20][30]'], [20, '[10][20]']])
    expect(shortKeys(log)).toEqual(['0/10/0', '0/20/0', '0/20/manifest', '0/30/0', '0/30/manifest'])
  })

  test('the last one of the chain before stays for as long as the newest two share a full one', async () => {
    const log = new FakeLog()
    const store = aStore(log)
    await publishChain(store, 10, 20, 30)
    await publishChain(store, 40, 50, 60)
    expect((await all(aStore(log))).map(([offset]) => offset)).toEqual([60, 50, 30])
    await publishChain(store, 70)
    expect(await all(aStore(log))).toEqual([[70, '[70]'], [60, '[40][50][60]']])
  })

  test.each([
    ['the full one', /^0\/40-.*\/0$/, [[30, '[10][20][30]']]],
    ['a link', /^0\/50-.*\/0$/, [[40, '[40]'], [30, '[10][20][30]']]],
    ['the last one', /^0\/60-.*\/0$/, [[50, '[40][50]'], [30, '[10][20][30]']]],
    ['its manifest', /^0\/60-.*\/manifest$/, [[50, '[40][50]'], [30, '[10][20][30]']]],
  ])('without %s what is whole is given all the same', async (_, lost, expected) => {
    const log = new FakeLog()
    const store = aStore(log)
    await publishChain(store, 10, 20, 30)
    await publishChain(store, 40, 50, 60)
    const key = log.liveKeys.find((one) => lost.test(one))!
    await log.send([{ topic: 'state', partition: 0, key, value: null }])
    // The manifest at 40 is deleted: nothing but its chunk is needed for those after it.
    expect(await all(aStore(log))).toEqual(expected.filter(([offset]) => offset !== 40))
  })

  test('are made to what was published here only', async () => {
    const log = new FakeLog()
    const id = await publishChain(aStore(log), 10)
    const other = aStore(new FakeLog())
    await expect(other.publish(0, { nextOffset: 20, pieces: [Buffer.from('x')], after: id })).rejects.toThrow('which the one at 20 is an increment to, is not there any more')
  })

  test('a predecessor that writes on while it is replaced takes nothing away from its heir', async () => {
    const log = new FakeLog()
    const zombie = aStore(log)
    const after = await publishChain(zombie, 10, 20)
    const heir = aStore(log)
    await all(heir)
    await publishChain(heir, 25, 40, 50)
    await zombie.publish(0, { nextOffset: 30, pieces: [Buffer.from('[30]')], after })
    await publishChain(zombie, 35)
    expect((await all(aStore(log))).slice(0, 2)).toEqual([[50, '[25][40][50]'], [40, '[25][40]']])
  })
})

describe('what is left behind is deleted', () => {
  const isWhole = async (log: FakeLog, offset: number) => {
    const next = aStore(log)
    await all(next)
    await publishChain(next, offset)
    return shortKeys(log)
  }

  test('chunks of a checkpoint that was interrupted, by the next holder', async () => {
    const log = new FakeLog()
    const store = aStore(log)
    await publishChain(store, 10)
    let writes = 0
    log.onSend = () => {
      if (++writes === 3) throw new Error('killed')
    }
    await expect(store.publish(0, { nextOffset: 20, pieces: [Buffer.from('a'), Buffer.from('b'), Buffer.from('c')], after: undefined })).rejects.toThrow('killed')
    log.onSend = undefined
    expect(shortKeys(log)).toEqual(['0/10/0', '0/10/manifest', '0/20/0', '0/20/1'])
    expect(await isWhole(log, 30)).toEqual(['0/10/0', '0/10/manifest', '0/30/0', '0/30/manifest'])
  })

  test('or by the same one, with the next checkpoint', async () => {
    const log = new FakeLog()
    const store = aStore(log)
    await publishChain(store, 10)
    let writes = 0
    log.onSend = () => {
      if (++writes === 2) throw new Error('no broker')
    }
    await expect(publishChain(store, 20)).rejects.toThrow('no broker')
    log.onSend = undefined
    await publishChain(store, 30)
    expect(shortKeys(log)).toEqual(['0/10/0', '0/10/manifest', '0/30/0', '0/30/manifest'])
  })

  test('checkpoints whose tombstones were not written any more', async () => {
    const log = new FakeLog()
    const store = aStore(log)
    await publishChain(store, 10)
    await publishChain(store, 20)
    log.onSend = (records) => {
      if (records.some(({ value }) => value === null)) throw new Error('killed')
    }
    await expect(publishChain(store, 30)).rejects.toThrow('killed')
    log.onSend = undefined
    expect(await isWhole(log, 40)).toEqual(['0/30/0', '0/30/manifest', '0/40/0', '0/40/manifest'])
  })

  test('what lies further back than a restore reads, and what a predecessor wrote after it', async () => {
    const log = new FakeLog()
    const stray = aStore(log)
    await publishChain(stray, 5)
    const store = aStore(log)
    for (let offset = 100; offset < 140; offset++) await publishChain(store, offset)
    // As if the ones before had never known of it.
    const [chunk, manifest] = log.records
    const copies = [chunk!, manifest!].map(({ key, value }) => ({ topic: 'state', partition: 0, key, value }))
    const rest = log.records.splice(0)
    await log.send(copies)
    for (const { key, value } of rest) if (!key!.toString().startsWith('0/5-')) await log.send([{ topic: 'state', partition: 0, key, value }])
    const next = aStore(log)
    for await (const { nextOffset } of next.find(0, Infinity)) {
      expect(nextOffset).toBe(139)
      break
    }
    await log.send([{ topic: 'state', partition: 0, key: '0/138-late/0', value: Buffer.from('late') }])
    await publishChain(next, 150)
    expect(shortKeys(log)).toEqual(['0/139/0', '0/139/manifest', '0/150/0', '0/150/manifest'])
  })

  test('so the log holds no more keys after many checkpoints than after a few', async () => {
    const log = new FakeLog()
    const store = aStore(log)
    for (let round = 0; round < 30; round++) await publishChain(store, ...Array.from({ length: 17 }, (_, i) => round * 100 + i))
    // Two whole chains at most, and three manifests.
    expect(log.liveKeys.length).toBeLessThanOrEqual(2 * 17 + 3)
  })
})

test('checkpoints of a layout that cannot be read here are named, after those that can', async () => {
  const log = new FakeLog()
  await publishChain(aStore(log), 10)
  await log.send([{ topic: 'state', partition: 0, key: '0/20-x/manifest', value: '{"v":1,"id":"20-x","nextOffset":20,"chunks":1,"bytes":5}' }])
  const found: number[] = []
  const look = async () => {
    for await (const { nextOffset } of aStore(log).find(0, Infinity)) found.push(nextOffset)
  }
  await expect(look()).rejects.toThrow('The checkpoints of partition 0 on state have the layout 1, and this detector reads 2. Run the detector that wrote them, or start without them: models warm up again.')
  expect(found).toEqual([10])
})

describe('which stay beside the newest', () => {
  const one = (id: string, nextOffset: number, ...parts: string[]) => ({ id, nextOffset, parts: [...parts, id].map((part) => ({ id: part, chunks: 1, bytes: 1 })) })

  test.each([
    ['nothing else', one('a', 1), [], []],
    ['the one before', one('c', 3), [one('a', 1), one('b', 2)], ['b']],
    ['the one before, and the newest with another full one', one('d', 4, 'c'), [one('a', 1), one('b', 2), one('c', 3)], ['c', 'b']],
    ['the one before, which has another full one', one('d', 4), [one('b', 2), one('c', 3, 'b')], ['c']],
    ['none that ends further on', one('b', 2), [one('a', 1), one('z', 9)], ['a']],
  ])('%s', (_, newest, others, kept) => {
    expect(decideKept(newest, others).map(({ id }) => id)).toEqual(kept)
  })
})

describe('an increment or a full one', () => {
  test.each([
    ['an increment is worth it up to half of the groups', { increments: 0, fullBytes: 1_000, incrementBytes: 0 }, 0.5],
    ['all increments together are no larger than the full one', { increments: 3, fullBytes: 1_000, incrementBytes: 800 }, 0.2],
    ['a full one when they are', { increments: 3, fullBytes: 1_000, incrementBytes: 1_200 }, 0],
    ['a full one when there are many', { increments: maxIncrements, fullBytes: 1_000, incrementBytes: 10 }, 0],
  ])('%s', (_, chain, mostChanged) => {
    expect(computeMostChanged(chain)).toBeCloseTo(mostChanged, 12)
  })
})
