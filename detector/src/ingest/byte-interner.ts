/** Beyond so many different ones they are made up, and all are forgotten. */
const mostKept = 1 << 20
/** Longer texts are not kept: a name is short. */
export const longestInterned = 256

const initialSlots = 64
const initialBytes = 1_024

/**
 * What texts stand for, found by their bytes: no string is made of a text that was met before, so a device's name is one string
 * however many readings name it.
 *
 * A hash table with linear probing; the bytes of all texts lie one after the other in one array, and are compared where hashes meet. What
 * sends at intervals sends in much the same order again, so the text that followed the last one before is compared first.
 * Bounded: when it is full, everything is forgotten and learned again.
 */
export class ByteInterner<Value> {
  readonly #create: (text: string) => Value
  readonly #most: number
  #values: Value[] = []
  /** The number of an entry and 1; 0 for an empty slot. A power of two, at most half full. */
  #slots = new Int32Array(initialSlots)
  #hashes = new Int32Array(initialSlots >> 1)
  /** Where each entry's bytes begin; one more than there are entries. */
  #starts = new Int32Array((initialSlots >> 1) + 1)
  #bytes = new Uint8Array(initialBytes)
  /** Of each entry the one that came after it the last time, and 1; 0 where none has. */
  #followers = new Int32Array(initialSlots >> 1)
  #last = 0

  constructor(create: (text: string) => Value, most = mostKept) {
    this.#create = create
    this.#most = most
  }

  get size(): number {
    return this.#values.length
  }

  /**
   * The number of a text of at most `longestInterned` bytes, from 0 up: the same for the same bytes until all are forgotten.
   */
  numberOf(bytes: Buffer, start: number, end: number): number {
    const length = end - start
    const starts = this.#starts
    const guess = this.#followers[this.#last]! - 1
    if (guess >= 0 && starts[guess + 1]! - starts[guess]! === length && this.#isSame(starts[guess]!, bytes, start, length)) return (this.#last = guess)
    const number = this.#find(bytes, start, end)
    this.#followers[this.#last] = number + 1
    return (this.#last = number)
  }

  #find(bytes: Buffer, start: number, end: number): number {
    const length = end - start
    // FNV-1a, well mixed at its end for a table of a power of two.
    let hash = 0x811c9dc5 | 0
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
    hash ^= hash >>> 15
    const slots = this.#slots
    const starts = this.#starts
    const mask = slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]! - 1
      if (entry < 0) return this.#add(bytes, start, end, hash, slot)
      if (this.#hashes[entry] !== hash) continue
      const from = starts[entry]!
      if (starts[entry + 1]! - from === length && this.#isSame(from, bytes, start, length)) return entry
    }
  }

  /** What the text with this number stands for. */
  valueOf(number: number): Value {
    return this.#values[number]!
  }

  #isSame(from: number, bytes: Buffer, start: number, length: number): boolean {
    const known = this.#bytes
    // From its end: there names of one kind differ.
    for (let i = length - 1; i >= 0; i--) if (known[from + i] !== bytes[start + i]) return false
    return true
  }

  #add(bytes: Buffer, start: number, end: number, hash: number, slot: number): number {
    if (this.#values.length === this.#most) {
      this.#forgetAll()
      return this.#find(bytes, start, end)
    }
    const number = this.#values.length
    const from = this.#starts[number]!
    const until = from + end - start
    if (until > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(Math.max(until, this.#bytes.length * 2)))
    this.#bytes.set(bytes.subarray(start, end), from)
    this.#starts[number + 1] = until
    this.#hashes[number] = hash
    this.#slots[slot] = number + 1
    this.#values.push(this.#create(bytes.toString('utf8', start, end)))
    if (this.#values.length === this.#hashes.length) this.#grow()
    return number
  }

  #grow(): void {
    const size = this.#slots.length * 2
    this.#hashes = grown(this.#hashes, new Int32Array(size >> 1))
    this.#starts = grown(this.#starts, new Int32Array((size >> 1) + 1))
    this.#followers = grown(this.#followers, new Int32Array(size >> 1))
    const slots = new Int32Array(size)
    for (let number = 0; number < this.#values.length; number++) {
      let slot = this.#hashes[number]! & (size - 1)
      while (slots[slot] !== 0) slot = (slot + 1) & (size - 1)
      slots[slot] = number + 1
    }
    this.#slots = slots
  }

  #forgetAll(): void {
    this.#values = []
    this.#slots = new Int32Array(initialSlots)
    this.#hashes = new Int32Array(initialSlots >> 1)
    this.#starts = new Int32Array((initialSlots >> 1) + 1)
    this.#bytes = new Uint8Array(initialBytes)
    this.#followers = new Int32Array(initialSlots >> 1)
    this.#last = 0
  }
}

function grown<Numbers extends Int32Array | Uint8Array>(old: Numbers, larger: Numbers): Numbers {
  larger.set(old)
  return larger
}
