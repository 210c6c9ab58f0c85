import { describe, expect, test } from 'vitest'
import { FakeLog } from '../testing/fake-kafka.ts'
import { KafkaCheckpointStore, type StoredCheckpoint } from './checkpoint-store.ts'
import { maxChunkBytes } from './checkpoint-records.ts'

const aStore = (log: FakeLog) => new KafkaCheckpointStore({ topic: 'state', sink: log, reader: log })
const bytesOf = (text: string) => [Buffer.from(text)]

async function all(store: KafkaCheckpointStore, partition = 0, upToOffset = Infinity): Promise<[number, string][]> {
  const found: StoredCheckpoint[] = []
  for await (const one of store.find(partition, upToOffset)) found.push(one)
  return found.map(({ nextOffset, bytes }) => [nextOffset, Buffer.from(bytes).toString()])
}

/** Publishes some, as one process would. */
async function publish(log: FakeLog, ...offsets: number[]): Promise<KafkaCheckpointStore> {
  const store = aStore(log)
  for (const nextOffset of offsets) await store.publish(0, { nextOffset, pieces: bytesOf(`state at ${nextOffset}`), after: undefined })
  return store
}

describe('a partition\'s checkpoints', () => {
  test('the newest comes first, the one before it is kept, older ones are deleted', async () => {
    const log = new FakeLog()
    await publish(log, 10, 20, 30, 40)
    expect(await all(aStore(log))).toEqual([
      [40, 'state at 40'],
      [30, 'state at 30'],
    ])
    expect(log.liveKeys).toHaveLength(4)
  })

  test('the next process goes on deleting where the one before stopped', async () => {
    const log = new FakeLog()
    await publish(log, 10, 20)
    const next = aStore(log)
    // It stops reading at the first.
    for await (const { nextOffset } of next.find(0, 25)) {
      expect(nextOffset).toBe(20)
      break
    }
    await next.publish(0, { nextOffset: 30, pieces: bytesOf('state at 30'), after: undefined })
    expect((await all(aStore(log))).map(([offset]) => offset)).toEqual([30, 20])
    expect(log.liveKeys).toHaveLength(4)
  })

  test('one that ends behind what is committed is not given', async () => {
    const log = new FakeLog()
    await publish(log, 10, 20)
    expect(await all(aStore(log), 0, 19)).toEqual([[10, 'state at 10']])
    expect(await all(aStore(log), 0, 9)).toEqual([])
  })

  test('one whose manifest or a chunk of which is missing is not given', async () => {
    const log = new FakeLog()
    const store = await publish(log, 10, 20)
    let writes = 0
    log.onSend = () => {
      if (++writes === 1) throw new Error('no broker')
    }
    await expect(store.publish(0, { nextOffset: 30, pieces: bytesOf('lost'), after: undefined })).rejects.toThrow('no broker')
    expect((await all(aStore(log))).map(([offset]) => offset)).toEqual([20, 10])
    const chunk = log.liveKeys.find((key) => /^0\/20-.*\/0$/.test(key))!
    await log.send([{ topic: 'state', partition: 0, key: chunk, value: null }])
    expect((await all(aStore(log))).map(([offset]) => offset)).toEqual([10])
  })

  test('a late one of a process that was thought dead spoils nothing', async () => {
    const log = new FakeLog()
    const zombie = await publish(log, 10, 20)
    const heir = aStore(log)
    await all(heir)
    await heir.publish(0, { nextOffset: 50, pieces: bytesOf('state at 50'), after: undefined })
    await heir.publish(0, { nextOffset: 60, pieces: bytesOf('state at 60'), after: undefined })
    await zombie.publish(0, { nextOffset: 25, pieces: bytesOf('late'), after: undefined })
    expect((await all(aStore(log))).map(([offset]) => offset).slice(0, 2)).toEqual([60, 50])
  })

  test('large ones are cut into chunks that a topic takes, and put together again', async () => {
    const log = new FakeLog()
    const store = aStore(log)
    const pieces = [Buffer.alloc(maxChunkBytes * 2 + 5, 'a'), Buffer.alloc(10, 'b')]
    expect(await store.publish(0, { nextOffset: 5, pieces, after: undefined })).toMatchObject({ bytes: maxChunkBytes * 2 + 15 })
    expect(Math.max(...log.records.map(({ value }) => value?.length ?? 0))).toBe(maxChunkBytes)
    const [[, content]] = (await all(aStore(log))) as [[number, string]]
    expect(content).toBe(Buffer.concat(pieces).toString())
  })

  test('partitions keep apart', async () => {
    const log = new FakeLog()
    const store = await publish(log, 10)
    await store.publish(1, { nextOffset: 7, pieces: bytesOf('other'), after: undefined })
    expect(await all(aStore(log), 1)).toEqual([[7, 'other']])
    expect(await all(aStore(log), 2)).toEqual([])
  })

  test('finding the newest reads the end of a long log only', async () => {
    const log = new FakeLog()
    const store = aStore(log)
    for (let offset = 0; offset < 300; offset++) await store.publish(0, { nextOffset: offset, pieces: bytesOf('x'), after: undefined })
    for await (const { nextOffset } of aStore(log).find(0, Infinity)) {
      expect(nextOffset).toBe(299)
      break
    }
    expect(log.reads).toHaveLength(1)
  })
})
