import { endianness } from 'node:os'
import { crc32 } from 'node:zlib'

/** Pieces are about this long: small enough to be written in two or three milliseconds. */
export const pieceBytes = 512 * 1_024

/** The first one is shorter: most partitions are small. */
const firstPieceBytes = 16 * 1_024

/** Texts up to so long, and lists up to so long, are written without an object between. */
const shortText = 256
const shortFloats = 64

/** Rows of numbers go as they lie in memory; a snapshot says which way that is. */
export const isLittleEndian = endianness() === 'LE'

/** What every snapshot of every version ends with: length and CRC-32 of what is before, each a u32. */
export interface Trailer {
  length: number
  checksum: number
}

export const trailerBytes = 8

/** What a value begins with, in `value`. */
export const tag = { null: 0, false: 1, true: 2, number: 3, text: 4, numbers: 5, list: 6, object: 7, floats: 8 } as const

/**
 * Writes a snapshot, in pieces that follow each other. Integers are little-endian; numbers are the bits of a double, so that
 * what is read is what was written, infinities and -0 too.
 *
 *     u8 u32 f64      as they say
 *     text            u32 = 2 length + (1 where UTF-16), then the bytes. UTF-16 for what is no well-formed Unicode: JSON
 *                     can bring half a surrogate pair, and a device is known by its very name
 *     name            u32 number of the name; of a new one its text follows
 *     doubles         just these
 *     floats          u32 count, then the doubles
 *     value           plain data (what JSON could hold, and Float64Arrays): a tag, then the content. Objects name their keys once, like names
 */
export class SnapshotWriter {
  readonly #names = new Map<string, number>()
  /** As many as there are kinds of states: a few. */
  readonly #shapes: string[][] = []
  #pieces: Uint8Array[] = []
  readonly #pieceBytes: number
  #bytes: Buffer
  #view: DataView
  #at = 0
  #checksum = 0
  #contentChecksum = 0
  #length = 0

  /** @param pieceLength of all pieces but the first, which may be shorter, and the last ones; at least 1 KiB. */
  constructor(pieceLength = pieceBytes) {
    this.#pieceBytes = pieceLength
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(firstPieceBytes, pieceLength))
    this.#view = viewOf(this.#bytes)
  }

  /** Whether there are full pieces to take. */
  get hasPieces(): boolean {
    return this.#pieces.length > 0
  }

  /** Length and checksum of all that was written; once `finish` was called. */
  get trailer(): Trailer {
    return { length: this.#length - trailerBytes, checksum: this.#contentChecksum }
  }

  /** The full pieces since the last time. */
  takePieces(): Uint8Array[] {
    const pieces = this.#pieces
    this.#pieces = []
    return pieces
  }

  /** Ends with the length and the checksum of all that was written. To be called once, before the last pieces are taken. */
  finish(): void {
    this.#seal(trailerBytes)
    this.#contentChecksum = this.#checksum
    this.u32(this.#length)
    this.u32(this.#checksum)
    this.#seal(0)
  }

  u8(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#at++] = value
  }

  u32(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.#at, value, true)
    this.#at += 4
  }

  f64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#at, value, true)
    this.#at += 8
  }

  text(text: string): void {
    const isUtf8 = text.isWellFormed()
    if (isUtf8 && text.length <= shortText) {
      // Straight into the piece: at most three bytes for each of its units.
      this.#reserve(4 + 3 * shortText)
      const length = this.#bytes.write(text, this.#at + 4, 'utf8')
      this.#view.setUint32(this.#at, length * 2, true)
      this.#at += 4 + length
      return
    }
    const encoded = Buffer.from(text, isUtf8 ? 'utf8' : 'utf16le')
    this.u32(encoded.length * 2 + (isUtf8 ? 0 : 1))
    this.bytes(encoded)
  }

  /** A text that comes often. */
  name(name: string): void {
    const known = this.#names.get(name)
    if (known !== undefined) return this.u32(known)
    this.u32(this.#names.size)
    this.#names.set(name, this.#names.size)
    this.text(name)
  }

  names(names: readonly string[]): void {
    this.u32(names.length)
    for (const name of names) this.name(name)
  }

  /** Those from `from` to `to`, of which the reader knows how many there are. */
  doubles(values: Float64Array, from: number, to: number): void {
    this.#reserve(8 * (to - from))
    for (let i = from; i < to; i++, this.#at += 8) this.#view.setFloat64(this.#at, values[i]!, isLittleEndian)
  }

  /** The first `length` numbers. */
  floats(values: Float64Array, length = values.length): void {
    this.u32(length)
    if (length > shortFloats) return this.bytes(new Uint8Array(values.buffer, values.byteOffset, length * 8))
    // A view of so few would cost more than the numbers.
    this.#reserve(8 * shortFloats)
    for (let i = 0; i < length; i++, this.#at += 8) this.#view.setFloat64(this.#at, values[i]!, isLittleEndian)
  }

  /** @throws TypeError for what is no plain data (a function, undefined). */
  value(value: unknown): void {
    if (typeof value === 'number') {
      this.u8(tag.number)
      this.f64(value)
    } else if (value instanceof Float64Array) {
      this.u8(tag.floats)
      this.floats(value)
    } else if (value === null) this.u8(tag.null)
    else if (Array.isArray(value)) this.#list(value)
    else if (typeof value === 'object') this.#object(value as Record<string, unknown>)
    else if (typeof value === 'string') {
      this.u8(tag.text)
      this.text(value)
    } else if (typeof value === 'boolean') this.u8(value ? tag.true : tag.false)
    else throw new TypeError(`a ${typeof value} is no plain data: it cannot be part of a snapshot`)
  }

  bytes(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      if (this.#at === this.#bytes.length) this.#seal(this.#pieceBytes)
      const count = Math.min(bytes.length - from, this.#bytes.length - this.#at)
      this.#bytes.set(bytes.subarray(from, from + count), this.#at)
      this.#at += count
      from += count
    }
  }

  #list(values: readonly unknown[]): void {
    if (!values.every((value) => typeof value === 'number')) {
      this.u8(tag.list)
      this.u32(values.length)
      for (const value of values) this.value(value)
      return
    }
    this.u8(tag.numbers)
    this.u32(values.length)
    for (let i = 0; i < values.length; ) {
      this.#reserve(8)
      // As many as fit into the piece without looking again.
      const end = Math.min(values.length, i + ((this.#bytes.length - this.#at) >> 3))
      for (; i < end; i++, this.#at += 8) this.#view.setFloat64(this.#at, values[i]!, true)
    }
  }

  #object(object: Record<string, unknown>): void {
    this.u8(tag.object)
    const keys = Object.keys(object)
    const shape = this.#shapes.findIndex((known) => known.length === keys.length && known.every((key, i) => key === keys[i]))
    this.u32(shape < 0 ? this.#shapes.length : shape)
    if (shape < 0) {
      this.#shapes.push(keys)
      this.names(keys)
    }
    for (let i = 0; i < keys.length; i++) this.value(object[keys[i]!])
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes > this.#bytes.length) this.#seal(this.#pieceBytes)
  }

  /** Puts what was written aside as a piece and begins the next one. */
  #seal(nextLength: number): void {
    const piece = this.#bytes.subarray(0, this.#at)
    if (piece.length > 0) {
      this.#pieces.push(piece)
      this.#checksum = crc32(piece, this.#checksum)
      this.#length += piece.length
    }
    this.#bytes = Buffer.allocUnsafeSlow(nextLength)
    this.#view = viewOf(this.#bytes)
    this.#at = 0
  }
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The snapshot that its pieces make. */
export function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
}
