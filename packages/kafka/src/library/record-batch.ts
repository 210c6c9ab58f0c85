import { crc32c } from './crc32c.ts'
import { FetchedRecords } from './fetched-records.ts'

/**
 * Kafka's record batch (magic 2) read and written directly in the buffers. kafkajs does the same with an object per
 * field and BigInts throughout, which costs several times as much as everything else on the way of a record.
 *
 *     at  0 base offset (8)   8 length (4)   12 leader epoch (4)   16 magic (1)   17 CRC (4)
 *     at 21 attributes (2)   23 last offset delta (4)   27 base time (8)   35 max time (8)
 *     at 43 producer id (8)  51 producer epoch (2)  53 base sequence (4)  57 count (4)  61 records
 *
 * A record: length, attributes (1), time delta, offset delta, key length, key, value length, value, header count,
 * headers (name length, name, value length, value); lengths, deltas and counts as zigzag varints, -1 for null.
 *
 * @see https://kafka.apache.org/documentation/#recordbatch
 */
export const headerBytes = 61
const lengthAt = 8
const magicAt = 16
const crcAt = 17
const attributesAt = 21
/** The length counts what comes after itself. */
const lengthEnd = 12

const compressionMask = 0x07
const appendTimeFlag = 0x08
const transactionalFlag = 0x10
const controlFlag = 0x20

/** The head of a batch, and where its records are. */
export interface BatchHead {
  baseOffset: number
  lastOffset: number
  compression: number
  isAppendTime: boolean
  isTransactional: boolean
  isControl: boolean
  baseTimeMs: number
  maxTimeMs: number
  producerId: bigint
  count: number
  records: Buffer
}

/** The heads of all whole batches in what a fetch brought; the last one may have been cut off. */
export function readHeads(data: Buffer): BatchHead[] {
  const heads: BatchHead[] = []
  for (let at = 0; at + headerBytes <= data.length;) {
    const end = at + lengthEnd + data.readInt32BE(at + lengthAt)
    if (end > data.length) break
    heads.push(readHead(data, at, end))
    at = end
  }
  return heads
}

export const magicOf = (data: Buffer): number | undefined => data[magicAt]

function readHead(data: Buffer, at: number, end: number): BatchHead {
  const attributes = data.readInt16BE(at + attributesAt)
  const baseOffset = readInt64(data, at)
  return {
    baseOffset,
    lastOffset: baseOffset + data.readInt32BE(at + 23),
    compression: attributes & compressionMask,
    isAppendTime: (attributes & appendTimeFlag) !== 0,
    isTransactional: (attributes & transactionalFlag) !== 0,
    isControl: (attributes & controlFlag) !== 0,
    baseTimeMs: readInt64(data, at + 27),
    maxTimeMs: readInt64(data, at + 35),
    producerId: data.readBigInt64BE(at + 43),
    count: data.readInt32BE(at + 57),
    records: data.subarray(at + headerBytes, end),
  }
}

/** Exact up to 2^53, which offsets and times stay below. */
const readInt64 = (data: Buffer, at: number): number => data.readInt32BE(at) * 2 ** 32 + data.readUInt32BE(at + 4)

/** True for the marker that ends an aborted transaction: key `version (2), type (2)`, type 0. */
export function isAbortMarker(head: BatchHead): boolean {
  const marker = new FetchedRecords([head], '', 0, 0)
  return marker.next() && marker.keyEnd - marker.keyStart >= 4 && marker.bytes.readInt16BE(marker.keyStart + 2) === 0
}

/** A record to be written, with its lengths, which have to be known before the first byte. */
export interface WritableRecord {
  key: Buffer | string | null
  value: Buffer | string | null
  keyBytes: number
  valueBytes: number
  timestampMs: number
  headers?: Record<string, Buffer | string | (Buffer | string)[] | undefined>
}

export interface BatchFields {
  compression: number
  /** Packs the records where `compression` is not 0. */
  compress: (records: Buffer) => Promise<Buffer>
  isTransactional: boolean
  producerId: bigint
  producerEpoch: number
  baseSequence: number
}

/** A whole batch, as the broker takes it. */
export async function writeBatch(records: readonly WritableRecord[], fields: BatchFields): Promise<Buffer> {
  let baseTimeMs = Infinity
  let maxTimeMs = -Infinity
  let bound = headerBytes
  for (const record of records) {
    baseTimeMs = Math.min(baseTimeMs, record.timestampMs)
    maxTimeMs = Math.max(maxTimeMs, record.timestampMs)
    bound += boundOf(record)
  }
  const writer = new Writer(Buffer.allocUnsafe(bound), headerBytes)
  for (let i = 0; i < records.length; i++) writer.record(records[i]!, i, records[i]!.timestampMs - baseTimeMs)

  let data = writer.written()
  if (fields.compression !== 0) {
    const packed = await fields.compress(data.subarray(headerBytes))
    data = Buffer.concat([data.subarray(0, headerBytes), packed])
  }
  data.writeBigInt64BE(0n, 0)
  data.writeInt32BE(data.length - lengthEnd, lengthAt)
  data.writeInt32BE(-1, 12)
  data.writeInt8(2, magicAt)
  data.writeInt16BE(fields.compression | (fields.isTransactional ? transactionalFlag : 0), attributesAt)
  data.writeInt32BE(records.length - 1, 23)
  data.writeBigInt64BE(BigInt(baseTimeMs), 27)
  data.writeBigInt64BE(BigInt(maxTimeMs), 35)
  data.writeBigInt64BE(fields.producerId, 43)
  data.writeInt16BE(fields.producerEpoch, 51)
  data.writeInt32BE(fields.baseSequence, 53)
  data.writeInt32BE(records.length, 57)
  data.writeUInt32BE(crc32c(data.subarray(attributesAt)), crcAt)
  return data
}

/** The most that a record's own fields take: a length and five varints of up to 5 bytes, a time of up to 10. */
const recordBound = 36

function boundOf({ keyBytes, valueBytes, headers }: WritableRecord): number {
  let bytes = recordBound + keyBytes + valueBytes
  for (const name in headers) {
    for (const value of valuesOf(headers[name])) bytes += 10 + Buffer.byteLength(name) + Buffer.byteLength(value ?? '')
  }
  return bytes
}

/** A header's value, or its values where the header is repeated. */
const valuesOf = <Value>(value: Value | Value[]): Value[] => (Array.isArray(value) ? value : [value])

class Writer {
  readonly #data: Buffer
  #at: number

  constructor(data: Buffer, at: number) {
    this.#data = data
    this.#at = at
  }

  written(): Buffer {
    return this.#data.subarray(0, this.#at)
  }

  record(
    { key, value, keyBytes, valueBytes, headers }: WritableRecord,
    offsetDelta: number,
    timeDeltaMs: number,
  ): void {
    const headerList = headers === undefined ? [] : listHeaders(headers)
    const keyLength = key === null ? -1 : keyBytes
    const valueLength = value === null ? -1 : valueBytes
    let length = 1 + sizeOfVarlong(timeDeltaMs) + sizeOfVarint(offsetDelta) + sizeOfVarint(headerList.length)
    length += sizeOfVarint(keyLength) + keyBytes + sizeOfVarint(valueLength) + valueBytes
    for (const { nameBytes, valueBytes: size, value: text } of headerList) {
      length += sizeOfVarint(nameBytes) + nameBytes + sizeOfVarint(text === undefined ? -1 : size) + size
    }
    this.#varint(length)
    this.#data[this.#at++] = 0
    this.#varlong(timeDeltaMs)
    this.#varint(offsetDelta)
    this.#bytes(key, keyLength)
    this.#bytes(value, valueLength)
    this.#varint(headerList.length)
    for (const { name, nameBytes, value: text, valueBytes: size } of headerList) {
      this.#bytes(name, nameBytes)
      this.#bytes(text ?? null, text === undefined ? -1 : size)
    }
  }

  #bytes(bytes: Buffer | string | null, length: number): void {
    this.#varint(length)
    if (length <= 0) return
    if (typeof bytes === 'string') this.#data.write(bytes, this.#at, length, 'utf8')
    else bytes!.copy(this.#data, this.#at)
    this.#at += length
  }

  #varint(value: number): void {
    const data = this.#data
    let rest = ((value << 1) ^ (value >> 31)) >>> 0
    for (; rest > 0x7f; rest >>>= 7) data[this.#at++] = (rest & 0x7f) | 0x80
    data[this.#at++] = rest
  }

  #varlong(value: number): void {
    let rest = value < 0 ? -value * 2 - 1 : value * 2
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#data[this.#at++] = (rest % 128) | 0x80
    this.#data[this.#at++] = rest
  }
}

function listHeaders(headers: NonNullable<WritableRecord['headers']>) {
  const list: { name: string; nameBytes: number; value: Buffer | string | undefined; valueBytes: number }[] = []
  for (const name in headers) {
    for (const value of valuesOf(headers[name])) {
      list.push({ name, nameBytes: Buffer.byteLength(name), value, valueBytes: Buffer.byteLength(value ?? '') })
    }
  }
  return list
}

function sizeOfVarint(value: number): number {
  const rest = ((value << 1) ^ (value >> 31)) >>> 0
  return rest < 0x80 ? 1 : rest < 0x4000 ? 2 : rest < 0x200000 ? 3 : rest < 0x10000000 ? 4 : 5
}

function sizeOfVarlong(value: number): number {
  let bytes = 1
  for (let rest = value < 0 ? -value * 2 - 1 : value * 2; rest > 0x7f; rest = Math.floor(rest / 128)) bytes++
  return bytes
}
