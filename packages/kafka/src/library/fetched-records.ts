import type { KafkaRecord, RecordCursor } from '../ports.ts'
import type { BatchHead } from './record-batch.ts'

/**
 * The records of some batches, from an offset on, decoded one at a time where they lie. An object and two Buffers for each record
 * would cost more than all that is read of it.
 */
export class FetchedRecords implements RecordCursor {
  readonly topic: string
  readonly partition: number
  offset = -1
  timestampMs = 0
  bytes: Buffer = nothing
  keyStart = -1
  keyEnd = -1
  valueStart = -1
  valueEnd = -1
  readonly #heads: readonly BatchHead[]
  readonly #fromOffset: number
  #nextHead = 0
  #head: BatchHead | undefined
  /** Records of the batch that are still to come. */
  #left = 0
  /** Where the next record begins. */
  #next = 0
  #at = 0
  #headersAt = 0

  constructor(heads: readonly BatchHead[], topic: string, partition: number, fromOffset: number) {
    this.#heads = heads
    this.topic = topic
    this.partition = partition
    this.#fromOffset = fromOffset
  }

  next(): boolean {
    for (;;) {
      while (this.#left === 0) if (!this.#open()) return false
      this.#left--
      const head = this.#head!
      this.#at = this.#next
      const length = this.#varint()
      this.#next = this.#at + length
      // Attributes, which no version uses.
      this.#at++
      const timeDeltaMs = this.#varlong()
      this.offset = head.baseOffset + this.#varint()
      if (this.offset < this.#fromOffset) continue
      this.timestampMs = head.isAppendTime ? head.maxTimeMs : head.baseTimeMs + timeDeltaMs
      const keyLength = this.#varint()
      this.keyStart = keyLength < 0 ? -1 : this.#at
      if (keyLength > 0) this.#at += keyLength
      this.keyEnd = keyLength < 0 ? -1 : this.#at
      const valueLength = this.#varint()
      this.valueStart = valueLength < 0 ? -1 : this.#at
      if (valueLength > 0) this.#at += valueLength
      this.valueEnd = valueLength < 0 ? -1 : this.#at
      this.#headersAt = this.#at
      return true
    }
  }

  get headers(): KafkaRecord['headers'] {
    // One byte 0: most records have none.
    if (this.bytes[this.#headersAt] === 0) return undefined
    this.#at = this.#headersAt
    const count = this.#varint()
    // Without a prototype: a header may be called valueOf or __proto__.
    const headers = Object.create(null) as NonNullable<KafkaRecord['headers']>
    for (let i = 0; i < count; i++) {
      const name = (this.#slice() ?? '').toString()
      const value = this.#slice() ?? undefined
      const before = headers[name]
      if (before === undefined) headers[name] = value
      else if (value !== undefined) headers[name] = Array.isArray(before) ? [...before, value] : [before, value]
    }
    return headers
  }

  toRecord(): KafkaRecord {
    const { topic, partition, offset, timestampMs, bytes, headers } = this
    const key = this.keyStart < 0 ? null : bytes.subarray(this.keyStart, this.keyEnd)
    const value = this.valueStart < 0 ? null : bytes.subarray(this.valueStart, this.valueEnd)
    return { topic, partition, offset, timestampMs, key, value, headers }
  }

  #open(): boolean {
    const head = this.#heads[this.#nextHead++]
    if (head === undefined) return false
    this.#head = head
    this.#left = head.count
    this.#next = 0
    this.bytes = head.records
    return true
  }

  /** A zigzag varint of 32 bits. */
  #varint(): number {
    const data = this.bytes
    let byte = data[this.#at++]!
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1)
    let value = byte & 0x7f
    for (let shift = 7; ; shift += 7) {
      byte = data[this.#at++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
  }

  /** A zigzag varint of up to 64 bits; exact up to 2^53. */
  #varlong(): number {
    const data = this.bytes
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = data[this.#at++]!
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
  }

  #slice(): Buffer | null {
    const length = this.#varint()
    if (length < 0) return null
    this.#at += length
    return this.bytes.subarray(this.#at - length, this.#at)
  }
}

const nothing = Buffer.alloc(0)
