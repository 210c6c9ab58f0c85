import { crc32 } from 'node:zlib'
import { SnapshotDamaged } from './errors.ts'
import { isLittleEndian, tag, trailerBytes, type Trailer } from './writer.ts'

/** Fewer numbers than these are read one by one: a view of them would cost more. */
const shortFloats = 64

/** Nothing that is written nests deeper; damage that the checksum missed must not exhaust the stack. */
const deepest = 64

/** Reads what a `SnapshotWriter` wrote, in the same order. Whatever does not fit is damage: `SnapshotDamaged`. */
export class SnapshotReader {
  readonly #bytes: Uint8Array
  /** The same bytes. */
  readonly #buffer: Buffer
  readonly #view: DataView
  readonly #end: number
  readonly #names: string[] = []
  readonly #shapes: string[][] = []
  #at = 0
  #depth = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#end = Math.max(0, bytes.length - trailerBytes)
  }

  /** @throws SnapshotDamaged unless length and checksum at the end are right. */
  checkWhole(): void {
    if (this.#bytes.length < trailerBytes) this.#fail('it is too short')
    const length = this.#view.getUint32(this.#end, true)
    if (length !== this.#end) this.#fail(`it should be ${length + trailerBytes} bytes long, and ${this.#bytes.length} are there`)
    const written = this.#view.getUint32(this.#end + 4, true)
    const found = crc32(this.#bytes.subarray(0, this.#end))
    if (written !== found) this.#fail(`its checksum is ${written.toString(16)}, and its content gives ${found.toString(16)}`)
  }

  /** What is written at the end: it tells this content from any other. */
  get trailer(): Trailer {
    return { length: this.#view.getUint32(this.#end, true), checksum: this.#view.getUint32(this.#end + 4, true) }
  }

  /** @throws SnapshotDamaged unless all was read. */
  checkEnd(): void {
    if (this.#at !== this.#end) this.#fail(`${this.#end - this.#at} bytes are left over`)
  }

  u8(): number {
    this.#need(1)
    return this.#bytes[this.#at++]!
  }

  u32(): number {
    this.#need(4)
    const value = this.#view.getUint32(this.#at, true)
    this.#at += 4
    return value
  }

  f64(): number {
    this.#need(8)
    const value = this.#view.getFloat64(this.#at, true)
    this.#at += 8
    return value
  }

  /** The length of a list whose entries take at least so many bytes each. */
  count(bytesEach: number): number {
    const count = this.u32()
    this.#need(count * bytesEach)
    return count
  }

  text(): string {
    const header = this.u32()
    const length = Math.floor(header / 2)
    this.#need(length)
    this.#at += length
    return this.#buffer.toString(header % 2 === 0 ? 'utf8' : 'utf16le', this.#at - length, this.#at)
  }

  name(): string {
    const number = this.u32()
    const known = this.#names[number]
    if (known !== undefined) return known
    if (number !== this.#names.length) this.#fail(`a name has the number ${number}, and ${this.#names.length} were given`)
    const name = this.text()
    this.#names.push(name)
    return name
  }

  names(): string[] {
    return Array.from({ length: this.count(4) }, () => this.name())
  }

  doublesInto(values: Float64Array, from: number, to: number): void {
    this.#need(8 * (to - from))
    for (let i = from; i < to; i++, this.#at += 8) values[i] = this.#view.getFloat64(this.#at, isLittleEndian)
  }

  floats(): Float64Array {
    const count = this.count(8)
    const values = new Float64Array(count)
    if (count > shortFloats) new Uint8Array(values.buffer).set(this.bytes(count * 8))
    else for (let i = 0; i < count; i++, this.#at += 8) values[i] = this.#view.getFloat64(this.#at, isLittleEndian)
    return values
  }

  /** A view of the next bytes. */
  bytes(length: number): Uint8Array {
    this.#need(length)
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return bytes
  }

  value(): unknown {
    if (this.#depth === deepest) this.#fail('it nests too deeply')
    this.#depth++
    const value = this.#content(this.u8())
    this.#depth--
    return value
  }

  #content(kind: number): unknown {
    switch (kind) {
      case tag.null:
        return null
      case tag.false:
        return false
      case tag.true:
        return true
      case tag.number:
        return this.f64()
      case tag.text:
        return this.text()
      case tag.numbers:
        return this.#numbers()
      case tag.list:
        return Array.from({ length: this.count(1) }, () => this.value())
      case tag.floats:
        return this.floats()
      case tag.object:
        return this.#object()
      default:
        return this.#fail(`a value of the kind ${kind} is unknown`)
    }
  }

  #numbers(): number[] {
    const count = this.count(8)
    const values: number[] = []
    for (let i = 0; i < count; i++, this.#at += 8) values.push(this.#view.getFloat64(this.#at, true))
    return values
  }

  #object(): Record<string, unknown> {
    const number = this.u32()
    if (number > this.#shapes.length) this.#fail(`an object has the shape ${number}, and ${this.#shapes.length} were given`)
    const keys = (this.#shapes[number] ??= this.names())
    const object: Record<string, unknown> = {}
    for (const key of keys) object[key] = this.value()
    return object
  }

  #need(bytes: number): void {
    if (this.#at + bytes > this.#end) this.#fail(`${bytes} bytes are wanted at ${this.#at}, and ${this.#end - this.#at} are left`)
  }

  #fail(what: string): never {
    throw new SnapshotDamaged(`The snapshot is damaged: ${what}. Take the checkpoint before it, or start without one.`)
  }
}
