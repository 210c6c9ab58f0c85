import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Consumer } from '@platformatic/kafka'
import { createLogger } from '@tidewatch/kit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createTopicAdmin, type TopicAdmin } from './admin.ts'
import { createClient } from './connection.ts'
import { RebalanceInProgress, TopicMissing } from './errors.ts'
import type { AssignedPartition, KafkaRecord, OutputRecord, RecordSource, SourceEvent } from './ports.ts'
import { createRecordSink } from './sink.ts'
import { createRecordSource } from './source.ts'
import type { RecordSourceOptions } from './source-options.ts'
import { readRecords } from './testing/read-records.ts'
import { testBroker, testConnection, uniqueName } from './testing/test-broker.ts'
import { createTransactionalSink } from './transactional-sink.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
let admin: TopicAdmin
const open: RecordSource[] = []

beforeAll(() => {
  admin = createTopicAdmin({ connection: testConnection(), log })
})
afterAll(() => admin.close())
afterEach(async () => {
  await Promise.all(open.splice(0).map((source) => source.close()))
})

async function aTopic(partitions = 1): Promise<string> {
  const name = uniqueName('source')
  await admin.ensureTopics([{ name, partitions }])
  return name
}

async function write(records: OutputRecord[]): Promise<void> {
  const sink = createRecordSink({ connection: testConnection(), log })
  await sink.send(records)
  await sink.close()
}

const numbered = (topic: string, count: number, partition = 0): OutputRecord[] =>
  Array.from({ length: count }, (_, i) => ({ topic, partition, key: `k${i % 10}`, value: String(i) }))

function aSource(topic: string, options: Partial<RecordSourceOptions> = {}): RecordSource {
  const source = createRecordSource({
    connection: testConnection(),
    log,
    topic,
    groupId: uniqueName('group'),
    ...options,
  })
  open.push(source)
  return source
}

const fromStart = (partitions: AssignedPartition[]) =>
  partitions.map((one) => ({ ...one, offset: one.committed?.offset ?? one.logStartOffset }))
const valuesOf = (records: KafkaRecord[]) => records.map(({ value }) => Number(value))
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

/** The next event of a source that has not ended. */
async function take(events: AsyncIterator<SourceEvent>): Promise<SourceEvent> {
  const result = await events.next()
  if (result.done === true) throw new Error('the source has ended')
  return result.value
}

/** Asks for events until one of a kind comes. */
async function next<Kind extends SourceEvent['kind']>(
  events: AsyncIterator<SourceEvent>,
  kind: Kind,
): Promise<SourceEvent & { kind: Kind }> {
  for (;;) {
    const event = await take(events)
    if (event.kind === kind) return event as SourceEvent & { kind: Kind }
    if (event.kind === 'assigned') event.start(fromStart(event.partitions))
  }
}

test('a record comes as it was written: offset, time, key, value, headers', async () => {
  const topic = await aTopic()
  await write([
    {
      topic,
      key: 'a',
      value: 'one',
      headers: { fault: 'spike', raw: Buffer.from([1, 2]) },
      timestampMs: 1_700_000_000_123,
    },
    { topic, key: null, value: null, timestampMs: 5 },
    { topic, key: Buffer.from([0xff]), value: '', timestampMs: 0 },
  ])
  const [first, second, third] = await readRecords(aSource(topic), 3)
  expect(first).toMatchObject({ topic, partition: 0, offset: 0, timestampMs: 1_700_000_000_123 })
  expect([first?.key, first?.value].map(String)).toEqual(['a', 'one'])
  expect(first?.headers).toEqual({ fault: Buffer.from('spike'), raw: Buffer.from([1, 2]) })
  expect(second).toMatchObject({ offset: 1, timestampMs: 5, key: null, value: null })
  expect(third).toMatchObject({ offset: 2, timestampMs: 0, key: Buffer.from([0xff]), value: Buffer.alloc(0) })
})

test('the assignment tells what was committed, with its metadata, and where the log begins and ends', async () => {
  const [topic, groupId] = [await aTopic(2), uniqueName('group')]
  await write(numbered(topic, 10))
  const first = aSource(topic, { groupId })
  const events = first[Symbol.asyncIterator]()
  const assigned = await next(events, 'assigned')
  const { partitions } = assigned
  expect(partitions).toEqual([
    { topic, partition: 0, committed: undefined, logStartOffset: 0, logEndOffset: 10 },
    { topic, partition: 1, committed: undefined, logStartOffset: 0, logEndOffset: 0 },
  ])
  assigned.start(fromStart(partitions))
  await first.commit([{ topic, partition: 0, offset: 3, metadata: 'before any batch' }])
  await next(events, 'batch')
  await first.commit([{ topic, partition: 0, offset: 4, metadata: '{"checkpoint":2}' }])
  await first.close()

  const again = await next(aSource(topic, { groupId })[Symbol.asyncIterator](), 'assigned')
  expect(again.partitions[0]?.committed).toEqual({ offset: 4, metadata: '{"checkpoint":2}' })
  expect(again.partitions[1]?.committed).toBeUndefined()
})

test('reading begins where the reader says, and nothing is fetched before', async () => {
  const topic = await aTopic()
  await write(numbered(topic, 10))
  const events = aSource(topic)[Symbol.asyncIterator]()
  const assigned = await next(events, 'assigned')
  // On a busy machine the source may say that nothing has come, before it has.
  const early = next(events, 'batch')
  expect(await Promise.race([early, sleep(700, 'nothing')])).toBe('nothing')
  assigned.start([{ topic, partition: 0, offset: 6 }])
  const event = await early
  expect(valuesOf(event.batch.records)).toEqual([6, 7, 8, 9])
  expect(event.batch.highWatermark).toBe(10)
})

test('a reader that starts at the end misses nothing that is written after it was told the end', async () => {
  const topic = await aTopic()
  await write(numbered(topic, 5))
  const events = aSource(topic)[Symbol.asyncIterator]()
  const assigned = await next(events, 'assigned')
  const { partitions } = assigned
  await write([{ topic, key: 'k', value: '5' }])
  assigned.start(partitions.map((one) => ({ ...one, offset: one.logEndOffset })))
  expect(valuesOf((await next(events, 'batch')).batch.records)).toEqual([5])
})

test('a start below the log start begins at the log start', async () => {
  const [topic, groupId] = [await aTopic(), uniqueName('group')]
  await write(numbered(topic, 10))
  await deleteRecordsBefore(topic, 7)
  const events = aSource(topic, { groupId })[Symbol.asyncIterator]()
  const assigned = await next(events, 'assigned')
  const { partitions } = assigned
  expect(partitions[0]?.logStartOffset).toBe(7)
  assigned.start([{ topic, partition: 0, offset: 2 }])
  expect(valuesOf((await next(events, 'batch')).batch.records)).toEqual([7, 8, 9])
})

test('a reader that retention overtakes goes on at the log start, and its commits are left alone', async () => {
  const [topic, groupId] = [await aTopic(), uniqueName('group')]
  await write(numbered(topic, 10))
  const source = aSource(topic, { groupId })
  const events = source[Symbol.asyncIterator]()
  const assigned = await next(events, 'assigned')
  await deleteRecordsBefore(topic, 5)
  assigned.start([{ topic, partition: 0, offset: 2 }])
  await source.commit([{ topic, partition: 0, offset: 2, metadata: 'kept' }])
  expect(valuesOf((await next(events, 'batch')).batch.records)).toEqual([5, 6, 7, 8, 9])
  expect((await admin.readCommitted(groupId, topic)).get(0)).toEqual({ offset: 2, metadata: 'kept' })
})

async function deleteRecordsBefore(topic: string, offset: number): Promise<void> {
  const client = createClient(testConnection(), log)
  const kafkajsAdmin = client.kafka.admin()
  await kafkajsAdmin.connect()
  await kafkajsAdmin.fetchTopicMetadata({ topics: [topic] })
  await kafkajsAdmin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] })
  await kafkajsAdmin.disconnect()
}

test('gaps of control records and aborted transactions do not hold a reader up', async () => {
  const topic = await aTopic()
  const sink = createTransactionalSink({ connection: testConnection(), log, transactionalId: uniqueName('id') })
  const tooMuchMetadata = [{ topic, partition: 0, offset: 0, metadata: 'x'.repeat(5_000) }]
  for (let i = 0; i < 5; i++) {
    await sink.commit([{ topic, key: 'k', value: String(i) }], { groupId: 'g', positions: [] })
    const lost = sink.commit([{ topic, key: 'k', value: 'aborted' }], { groupId: 'g', positions: tooMuchMetadata })
    await expect(lost).rejects.toThrow()
  }
  await sink.init()
  const source = aSource(topic, { maxBytesPerPartition: 200, maxBytes: 200 })
  const reading = readRecords(source, 6)
  await sink.commit([{ topic, key: 'k', value: '5' }], { groupId: 'g', positions: [] })
  const records = await reading
  await sink.close()
  expect(valuesOf(records)).toEqual([0, 1, 2, 3, 4, 5])
  expect(records.map(({ offset }) => offset)).toEqual([0, 4, 8, 12, 16, 20])
})

test.each([
  ['committed', false, 1],
  ['aborted', true, 0],
])('behind the last transaction, %s, the position to commit is the end of the log', async (_, isAborted, count) => {
  const topic = await aTopic()
  const sink = createTransactionalSink({ connection: testConnection(), log, transactionalId: uniqueName('id') })
  const positions = isAborted ? [{ topic, partition: 0, offset: 0, metadata: 'x'.repeat(5_000) }] : []
  await sink.commit([{ topic, key: 'k', value: '0' }], { groupId: 'g', positions }).catch((error: unknown) => {
    if (!isAborted) throw error
  })
  // Ends the transaction that is still open.
  await sink.init()
  const events = aSource(topic)[Symbol.asyncIterator]()
  let records = 0
  for (let nextOffset = 0, highWatermark = 1; nextOffset < highWatermark;) {
    const event = await take(events)
    if (event.kind === 'assigned') event.start(fromStart(event.partitions))
    if (event.kind !== 'batch') continue
    records += event.batch.records.length
    ;({ nextOffset, highWatermark } = event.batch)
  }
  await sink.close()
  expect(records).toBe(count)
})

test('a reader at the end gets idle events, and none before it has started', async () => {
  const topic = await aTopic()
  const source = aSource(topic, { idleAfterMs: 50 })
  const events = source[Symbol.asyncIterator]()
  const first = await take(events)
  if (first.kind !== 'assigned') throw new Error(`began with ${first.kind}`)
  const second = take(events)
  expect(await Promise.race([second, sleep(300, 'nothing')])).toBe('nothing')
  first.start(fromStart(first.partitions))
  expect(await second).toEqual({ kind: 'idle' })
  expect(await take(events)).toEqual({ kind: 'idle' })
})

test('a paused partition brings nothing until it is resumed, and then all of it', async () => {
  const topic = await aTopic(2)
  await write([...numbered(topic, 5, 0), ...numbered(topic, 5, 1)])
  const source = aSource(topic, { maxBytesPerPartition: 100 })
  const events = source[Symbol.asyncIterator]()
  const seen: [number, number][] = []
  source.pause([{ topic, partition: 1 }])
  const read = async (count: number) => {
    for (let isIdle = false; seen.length < count || !isIdle;) {
      const event = await take(events)
      isIdle = event.kind === 'idle'
      if (event.kind === 'assigned') event.start(fromStart(event.partitions))
      if (event.kind === 'batch') for (const one of event.batch.records) seen.push([one.partition, Number(one.value)])
    }
  }
  await read(5)
  expect(seen).toEqual(upTo(5).map((i) => [0, i]))
  source.resume([{ topic, partition: 1 }])
  await read(10)
  expect(seen.slice(5)).toEqual(upTo(5).map((i) => [1, i]))
})

test('what was fetched of a partition before it was paused comes after it is resumed: each record once, in order', async () => {
  const topic = await aTopic(2)
  await write([...numbered(topic, 2_000, 0), ...numbered(topic, 2_000, 1)])
  const source = aSource(topic, { maxBytesPerPartition: 2_000 })
  const events = source[Symbol.asyncIterator]()
  const seen: number[][] = [[], []]
  const read = async (isEnough: () => boolean) => {
    while (!isEnough()) {
      const event = await take(events)
      if (event.kind === 'assigned') event.start(fromStart(event.partitions))
      if (event.kind === 'batch') seen[event.batch.partition]!.push(...valuesOf(event.batch.records))
    }
  }
  await read(() => seen.some(({ length }) => length > 0))
  const paused = seen[0]!.length > 0 ? 1 : 0
  await sleep(500)
  source.pause([{ topic, partition: paused }])
  const before = seen[paused]!.length
  await read(() => seen[1 - paused]!.length === 2_000)
  await next(events, 'idle')
  expect(seen[paused]).toHaveLength(before)
  source.resume([{ topic, partition: paused }])
  await read(() => seen[paused]!.length >= 2_000)
  expect(seen).toEqual([upTo(2_000), upTo(2_000)])
})

test('a missing topic is named', async () => {
  const events = aSource('no-such-topic')[Symbol.asyncIterator]()
  const error = await events.next().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TopicMissing)
  expect(String(error)).toContain('There is no topic no-such-topic')
})

test('a consumer that cannot go on ends the iteration with an error', async () => {
  const [topic, groupId] = [await aTopic(), uniqueName('group')]
  // Another program's consumer under the same group id, with a protocol of its own.
  const stranger = new Consumer({ groupId, clientId: 'stranger', bootstrapBrokers: [testBroker()], autocommit: false })
  await stranger.consume({ topics: [topic] })
  const source = aSource(topic, { groupId })
  await expect(source[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'SOURCE_CRASHED', retry: 'never' })
  expect(source.isAlive()).toBe(false)
  const commit = source.commit([{ topic, partition: 0, offset: 1, metadata: '' }])
  await expect(commit).rejects.toMatchObject({ code: 'SOURCE_CRASHED' })
  await stranger.close(true)
})

test('back-pressure: a slow reader is waited for, with no more than one fetch read ahead', async () => {
  const topic = await aTopic()
  const value = Buffer.alloc(1_000, 'x')
  const records = Array.from({ length: 20_000 }, () => ({ topic, partition: 0, key: null, value }))
  await write(records)
  const source = aSource(topic, { maxBytes: 100_000, maxBytesPerPartition: 100_000 })
  const events = source[Symbol.asyncIterator]()
  const first = await next(events, 'batch')
  // The sink's requests are up to 900 KiB each, and the broker gives at least one of them whole.
  expect(first.batch.records.length).toBeLessThan(1_000)
  const before = process.memoryUsage()
  await sleep(1_500)
  const after = process.memoryUsage()
  expect(after.external + after.heapUsed - before.external - before.heapUsed).toBeLessThan(8 * 1024 * 1024)
  let count = first.batch.records.length
  while (count < records.length) count += (await next(events, 'batch')).batch.records.length
  expect(count).toBe(records.length)
})

test('a member that is killed leaves its partition to the other, which goes on from what was committed', async () => {
  const [topic, groupId] = [await aTopic(2), uniqueName('group')]
  await write([...numbered(topic, 100, 0), ...numbered(topic, 100, 1)])
  const events = aSource(topic, { groupId, heartbeatIntervalMs: 300 })[Symbol.asyncIterator]()
  await next(events, 'idle')

  const args = [
    fileURLToPath(import.meta.resolve('./testing/victim.ts')),
    testBroker(),
    topic,
    groupId,
    '40',
    'left here',
  ]
  const victim = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const shared = await untilAssigned(events, 1)
  shared.start(fromStart(shared.partitions))
  const lost = shared.partitions[0]!.partition === 0 ? 1 : 0
  const [said] = (await once(victim.stdout, 'data')) as [Buffer]
  expect(said.toString()).toBe(`committed ${lost}\n`)
  victim.kill('SIGKILL')

  const { partitions } = await untilAssigned(events, 2)
  expect(partitions.find(({ partition }) => partition === lost)?.committed).toEqual({
    offset: 40,
    metadata: 'left here',
  })
})

/** Events until the assignment has so many partitions; earlier ones are started. */
async function untilAssigned(events: AsyncIterator<SourceEvent>, count: number) {
  for (;;) {
    const event = await next(events, 'assigned')
    if (event.partitions.length === count) return event
    event.start(fromStart(event.partitions))
  }
}

test('close leaves the group at once: the other member has all partitions long before the session ends', async () => {
  const [topic, groupId] = [await aTopic(2), uniqueName('group')]
  const [leaver, stayer] = [aSource(topic, { groupId }), aSource(topic, { groupId, heartbeatIntervalMs: 300 })]
  const leaverEvents = leaver[Symbol.asyncIterator]()
  const stayerEvents = stayer[Symbol.asyncIterator]()
  await next(leaverEvents, 'assigned')
  const draining = (async () => {
    for await (const event of { [Symbol.asyncIterator]: () => leaverEvents }) {
      if (event.kind === 'assigned') event.start(fromStart(event.partitions))
    }
  })()
  const alone = await untilAssigned(stayerEvents, 1)
  alone.start(fromStart(alone.partitions))
  await leaver.close()
  await draining
  expect((await untilAssigned(stayerEvents, 2)).partitions).toHaveLength(2)
})

test('two members with slow records: every record is processed, with at most two assignments per change of members', async () => {
  const [topic, groupId] = [await aTopic(4), uniqueName('group')]
  await write([0, 1, 2, 3].flatMap((partition) => numbered(topic, 1_250, partition)))
  const done = new Set<string>()
  const options = { groupId, heartbeatIntervalMs: 300, maxBytesPerPartition: 2_000 }

  const run = async (source: RecordSource) => {
    let assignments = 0
    for await (const event of source) {
      if (event.kind === 'assigned') {
        assignments++
        event.start(fromStart(event.partitions))
      }
      if (event.kind === 'idle' && done.size === 5_000) break
      if (event.kind !== 'batch') continue
      for (const { partition, offset } of event.batch.records) {
        if (event.batch.isStale()) break
        // The slow record: a millisecond of waiting each.
        await sleep(1)
        done.add(`${partition}/${offset}`)
      }
      const { partition } = event.batch
      const last = event.batch.records.at(-1)
      if (last === undefined || event.batch.isStale()) continue
      try {
        await source.commit([{ topic, partition, offset: last.offset + 1, metadata: '' }])
      } catch (error) {
        if (!(error instanceof RebalanceInProgress)) throw error
      }
    }
    return assignments
  }

  const first = run(aSource(topic, options))
  while (done.size < 500) await sleep(50)
  const second = run(aSource(topic, options))
  const assignments = await Promise.all([first, second])
  expect(done.size).toBe(5_000)
  // The first member was alone, then the second came: two changes. The second met only its own coming.
  expect(assignments[0]).toBeLessThanOrEqual(4)
  expect(assignments[1]).toBeLessThanOrEqual(2)
})

test('after a rebalance the old batch is stale and its commit is refused', async () => {
  const [topic, groupId] = [await aTopic(2), uniqueName('group')]
  await write([...numbered(topic, 10, 0), ...numbered(topic, 10, 1)])
  const first = aSource(topic, { groupId, heartbeatIntervalMs: 300 })
  const events = first[Symbol.asyncIterator]()
  const { batch } = await next(events, 'batch')
  expect(batch.isStale()).toBe(false)
  const second = aSource(topic, { groupId })
  const assigned = next(second[Symbol.asyncIterator](), 'assigned')
  while (!batch.isStale()) await sleep(20)
  const position = { topic, partition: batch.partition, offset: 5, metadata: '' }
  await expect(first.commit([position])).rejects.toThrow(RebalanceInProgress)
  await next(events, 'assigned')
  await expect(first.commit([position])).rejects.toThrow(RebalanceInProgress)
  expect((await assigned).partitions).toHaveLength(1)
  expect((await admin.readCommitted(groupId, topic)).size).toBe(0)
})

test('new partitions are seen, and read from their beginning', async () => {
  const topic = await aTopic(1)
  const source = aSource(topic, { metadataMaxAgeMs: 300 })
  const events = source[Symbol.asyncIterator]()
  await next(events, 'idle')
  await admin.ensureTopics([{ name: topic, partitions: 2 }])
  await write(numbered(topic, 3, 1))
  const assigned = await untilAssigned(events, 2)
  assigned.start(fromStart(assigned.partitions))
  expect(valuesOf((await next(events, 'batch')).batch.records)).toEqual([0, 1, 2])
})

test('the source is alive while it hears from Kafka and its reader asks for events', async () => {
  const topic = await aTopic()
  const options = { heartbeatIntervalMs: 200, aliveWithinMs: 1_000, maxPollIntervalMs: 1_500 }
  const source = aSource(topic, options)
  expect(source.isAlive()).toBe(true)
  const events = source[Symbol.asyncIterator]()
  for (let i = 0; i < 10; i++) await next(events, 'idle')
  expect(source.isAlive()).toBe(true)
  await sleep(1_800)
  expect(source.isAlive()).toBe(false)
  await next(events, 'idle')
  expect(source.isAlive()).toBe(true)
  await source.close()
  expect(source.isAlive()).toBe(false)
})

test('start asks for every partition, once', async () => {
  const topic = await aTopic(2)
  const assigned = await next(aSource(topic)[Symbol.asyncIterator](), 'assigned')
  const { partitions } = assigned
  expect(() => assigned.start([{ topic, partition: 0, offset: 0 }])).toThrow('names no offset for partition 1')
  assigned.start(fromStart(partitions))
  expect(() => assigned.start(fromStart(partitions))).toThrow('twice')
})
