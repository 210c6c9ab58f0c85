import { expect, test } from 'vitest'
import { toRecords } from '../records.ts'
import { FetchedBatch } from './fetched-batch.ts'
import { readHeads, writeBatch, type BatchHead } from './record-batch.ts'

/** A batch of so many records from an offset on; its values are the offsets. */
async function aBatch(baseOffset: number, count: number, more: Partial<BatchHead> = {}): Promise<BatchHead> {
  const records = Array.from({ length: count }, (_, i) => ({
    key: null,
    value: String(baseOffset + i),
    keyBytes: 0,
    valueBytes: String(baseOffset + i).length,
    timestampMs: 1,
  }))
  return { ...(await headOf(records)), baseOffset, lastOffset: baseOffset + count - 1, ...more }
}

async function headOf(records: Parameters<typeof writeBatch>[0]): Promise<BatchHead> {
  const fields = {
    compression: 0,
    compress: async (data: Buffer) => data,
    isTransactional: false,
    producerId: -1n,
    producerEpoch: 0,
    baseSequence: 0,
  }
  return readHeads(await writeBatch(records, fields))[0]!
}

/** The marker with which a transaction ends: its key is version 0 and type 0 (abort) or 1 (commit). */
async function aMarker(offset: number, producerId: bigint, type: 'abort' | 'commit'): Promise<BatchHead> {
  const key = Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1])
  const head = await headOf([{ key, value: Buffer.alloc(6), keyBytes: 4, valueBytes: 6, timestampMs: 1 }])
  return { ...head, baseOffset: offset, lastOffset: offset, producerId, isControl: true, isTransactional: true }
}

const transactional = (producerId: bigint) => ({ producerId, isTransactional: true })

function fetched(messages: BatchHead[], fetchedOffset: number, aborted: [bigint, number][] = []): FetchedBatch {
  const abortedTransactions = aborted.map(([producerId, firstOffset]) => ({
    producerId: String(producerId),
    firstOffset: String(firstOffset),
  }))
  return new FetchedBatch('t', String(fetchedOffset), {
    partition: 0,
    highWatermark: '100',
    abortedTransactions,
    messages,
  })
}

const offsetsOf = (batch: FetchedBatch) =>
  toRecords(batch.cursor()).map(({ offset, value }) => (Number(value) === offset ? offset : `${offset}?`))

test('a fetch from the middle of a batch shows what comes after', async () => {
  const batch = fetched([await aBatch(0, 5), await aBatch(5, 5)], 3)
  expect(offsetsOf(batch)).toEqual([3, 4, 5, 6, 7, 8, 9])
  expect([batch.firstOffset(), batch.lastOffset(), batch.offsetLag(), batch.offsetLagLow()]).toEqual([
    '3',
    '9',
    '90',
    '96',
  ])
  expect([batch.isEmpty(), batch.isEmptyDueToFiltering()]).toEqual([false, false])
})

test('several aborted transactions of one producer, between those of another, are all left out', async () => {
  const [a, b] = [7n, 8n]
  const messages = [
    await aBatch(0, 2, transactional(a)),
    await aBatch(2, 1, transactional(b)),
    await aMarker(3, a, 'abort'),
    await aBatch(4, 2, transactional(a)),
    await aMarker(6, a, 'commit'),
    await aBatch(7, 1),
    await aBatch(8, 1, transactional(a)),
    await aMarker(9, a, 'abort'),
    await aMarker(10, b, 'commit'),
  ]
  const batch = fetched(messages, 0, [
    [a, 0],
    [a, 8],
  ])
  expect(offsetsOf(batch)).toEqual([2, 4, 5, 7])
  expect(batch.lastOffset()).toBe('10')
})

test('a fetch of nothing but markers and aborted records is given on, so that the position moves past them', async () => {
  const batch = fetched([await aBatch(0, 2, transactional(7n)), await aMarker(2, 7n, 'abort')], 0, [[7n, 0]])
  expect([batch.isEmpty(), batch.isEmptyDueToFiltering(), toRecords(batch.cursor()), batch.lastOffset()]).toEqual([false, false, [], '2'])
})

test("records that compaction has taken from a batch's end do not hold the next fetch up", async () => {
  const batch = fetched([await aBatch(0, 3, { lastOffset: 9 })], 5)
  expect(batch.isEmpty()).toBe(false)
  expect(toRecords(batch.cursor())).toEqual([])
  expect(batch.lastOffset()).toBe('9')
})

test('an empty fetch is empty', () => {
  const batch = fetched([], 100)
  expect([batch.isEmpty(), batch.isEmptyDueToFiltering(), batch.firstOffset(), batch.offsetLag()]).toEqual([
    true,
    false,
    null,
    '0',
  ])
})
