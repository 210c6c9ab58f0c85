import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KafkaRecord } from '../ports.ts'
import { crc32c } from './crc32c.ts'
import { toRecords } from '../records.ts'
import { FetchedRecords } from './fetched-records.ts'
import { requireInside } from './insides.ts'
import { readHeads, writeBatch, type WritableRecord } from './record-batch.ts'

const fields = {
  compression: 0,
  compress: async (data: Buffer) => data,
  isTransactional: false,
  producerId: -1n,
  producerEpoch: 0,
  baseSequence: 0,
}

function toWritable(
  key: Buffer | string | null,
  value: Buffer | string | null,
  timestampMs: number,
  headers = {},
): WritableRecord {
  return {
    key,
    value,
    keyBytes: key === null ? 0 : Buffer.byteLength(key),
    valueBytes: value === null ? 0 : Buffer.byteLength(value),
    timestampMs,
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  }
}

function read(data: Buffer, fromOffset = 0): KafkaRecord[] {
  return toRecords(new FetchedRecords(readHeads(data), 't', 0, fromOffset))
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const content = fc.oneof(fc.constant(null), bytes, fc.string({ unit: 'binary', maxLength: 300 }))
const headers = fc.dictionary(
  fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('valueOf', 'toString', '__proto__')),
  fc.oneof(bytes, fc.string()),
  { maxKeys: 3 },
)
const times = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 52 }))
const someRecords = fc.array(
  fc.tuple(content, content, times, headers).map((all) => toWritable(...all)),
  { minLength: 1, maxLength: 80 },
)

const toBuffer = (one: Buffer | string | null | undefined) =>
  one === null || one === undefined ? one : Buffer.from(one)

test('what is written is read again', async () => {
  await fc.assert(
    fc.asyncProperty(someRecords, async (records) => {
      const seen = read(await writeBatch(records, fields))
      const expected = records.map(({ key, value, timestampMs, headers: given }, offset) => ({
        topic: 't',
        partition: 0,
        offset,
        timestampMs,
        key: toBuffer(key),
        value: toBuffer(value),
        headers:
          given &&
          Object.fromEntries(Object.entries(given).map(([name, text]) => [name, toBuffer(text as Buffer | string)])),
      }))
      expect(seen).toEqual(expected)
    }),
  )
})

interface OldRecord {
  key: Buffer | null
  value: Buffer | null
  offset: string
  timestamp: string
  headers: Record<string, Buffer>
}

test("kafkajs' own decoder reads the same from it", async () => {
  const Decoder = requireInside<new (data: Buffer) => unknown>('protocol/decoder')
  const decode = requireInside<(decoder: unknown) => Promise<{ records: OldRecord[] }>>(
    'protocol/recordBatch/v0/decoder',
  )
  await fc.assert(
    fc.asyncProperty(someRecords, async (records) => {
      const data = await writeBatch(records, {
        ...fields,
        isTransactional: true,
        producerId: 2n ** 40n,
        producerEpoch: 3,
        baseSequence: 9,
      })
      const batch = await decode(new Decoder(data))
      expect(batch).toMatchObject({
        inTransaction: true,
        producerId: String(2n ** 40n),
        producerEpoch: 3,
        firstSequence: 9,
      })
      const old = batch.records.map(({ key, value, offset, timestamp }) => [
        key,
        value,
        Number(offset),
        Number(timestamp),
      ])
      expect(read(data).map(({ key, value, offset, timestampMs }) => [key, value, offset, timestampMs])).toEqual(old)
    }),
    { numRuns: 50 },
  )
})

test('a repeated header is an array, and a record before the offset asked for is left out', async () => {
  const data = await writeBatch([toWritable('a', 'b', 1), toWritable('c', 'd', 2, { h: ['1', '2', '3'] })], fields)
  expect(read(data, 1)).toMatchObject([
    { offset: 1, headers: { h: [Buffer.from('1'), Buffer.from('2'), Buffer.from('3')] } },
  ])
})

test('a batch that was cut off is left for the next fetch, wherever it was cut', async () => {
  const whole = await writeBatch([toWritable('a', 'b', 1)], fields)
  for (let cut = 0; cut < whole.length; cut++) {
    expect(readHeads(Buffer.concat([whole, whole.subarray(0, cut)]))).toHaveLength(1)
  }
})

test('crc32c is that of the standard, and of kafkajs', () => {
  // RFC 3720, B.4.
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa)
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43)
  const old = requireInside<(data: Buffer) => number>('protocol/recordBatch/crc32C')
  fc.assert(
    fc.property(bytes, (data) => {
      expect(crc32c(data)).toBe(old(data))
    }),
  )
})
