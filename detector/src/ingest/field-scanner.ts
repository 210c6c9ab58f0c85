import type { FieldNode, FieldTree } from './field-tree.ts'
import { closeBrace, colon, comma, isAt, openBrace, openBracket, quote, skipSpace, skipValue, unusual } from './json-bytes.ts'
import { NumberScanner } from './number-scanner.ts'

/** What a field was found to hold. */
export const found = { nothing: 0, text: 1, number: 2, true: 3, false: 4, null: 5, object: 6 } as const

const letterT = 0x74
const letterF = 0x66
const letterN = 0x6e

/**
 * Finds the wanted fields of a JSON object in its bytes, in one pass, without an object or a string.
 *
 *     {"sensor_id":"s7","meta":{"unit":"C"},"value":21.5}
 *                   ^^        \_ skipped _/         ^^^^        starts and ends of texts, values of numbers
 *
 * All of the text is checked by JSON's grammar on the way, so what is found is what `JSON.parse` would have found. It does not try to know
 * everything: on whatever is unusual (escapes in a wanted text or in a name, a wanted field twice, deep nesting, a wanted
 * field that holds a list or an object, an error) it says so, and the record is parsed. It never guesses.
 */
export class FieldScanner {
  /** By field: one of `found`. */
  readonly kinds: Uint8Array
  /** Where a text begins and ends, without its quotes. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly numbers: Float64Array
  readonly #root: FieldNode
  readonly #number = new NumberScanner()

  constructor({ root, size }: FieldTree) {
    this.#root = root
    this.kinds = new Uint8Array(size)
    this.starts = new Int32Array(size)
    this.ends = new Int32Array(size)
    this.numbers = new Float64Array(size)
  }

  /** @returns false for a record that must be parsed; then nothing of what was found counts. */
  scan(bytes: Buffer, start: number, end: number): boolean {
    const { kinds } = this
    for (let i = 0; i < kinds.length; i++) kinds[i] = found.nothing
    let at = skipSpace(bytes, start, end)
    if (at === end || bytes[at] !== openBrace) return false
    at = this.#scanObject(bytes, at + 1, end, this.#root)
    return at !== unusual && skipSpace(bytes, at, end) === end
  }

  /** From behind the opening brace. @returns the place behind the closing one, or `unusual`. */
  #scanObject(bytes: Buffer, from: number, end: number, node: FieldNode): number {
    const { names, children } = node
    let at = skipSpace(bytes, from, end)
    if (at < end && bytes[at] === closeBrace) return at + 1
    // Fields mostly come in one order, so the next one wanted is looked for first.
    let expected = 0
    for (;;) {
      if (at >= end || bytes[at] !== quote) return unusual
      const nameStart = at + 1
      at = skipPlain(bytes, nameStart, end)
      if (at === unusual) return unusual
      const nameLength = at - nameStart
      at = skipSpace(bytes, at + 1, end)
      if (at >= end || bytes[at] !== colon) return unusual
      at = skipSpace(bytes, at + 1, end)
      let match = -1
      for (let tried = 0; tried < names.length; tried++) {
        const name = names[expected]!
        const candidate = expected
        expected = expected + 1 === names.length ? 0 : expected + 1
        if (name.length === nameLength && isAt(bytes, nameStart, name)) {
          match = candidate
          break
        }
      }
      if (match < 0) at = skipValue(bytes, at, end, 0)
      else {
        const { field, node: inner } = children[match]!
        // Twice: the last one counts, and with an object what was found in the first one does not.
        if (this.kinds[field] !== found.nothing) return unusual
        at = inner === undefined ? this.#scanField(bytes, at, end, field) : this.#scanInner(bytes, at, end, field, inner)
      }
      if (at === unusual) return unusual
      at = skipSpace(bytes, at, end)
      if (at >= end) return unusual
      const mark = bytes[at]
      if (mark === closeBrace) return at + 1
      if (mark !== comma) return unusual
      at = skipSpace(bytes, at + 1, end)
    }
  }

  #scanInner(bytes: Buffer, at: number, end: number, field: number, node: FieldNode): number {
    this.kinds[field] = found.object
    // A list has members, such as its length.
    if (at >= end || bytes[at] === openBracket) return unusual
    return bytes[at] === openBrace ? this.#scanObject(bytes, at + 1, end, node) : skipValue(bytes, at, end, 0)
  }

  #scanField(bytes: Buffer, at: number, end: number, field: number): number {
    if (at >= end) return unusual
    const { kinds } = this
    switch (bytes[at]) {
      case quote: {
        const close = skipPlain(bytes, at + 1, end)
        if (close === unusual) return unusual
        kinds[field] = found.text
        this.starts[field] = at + 1
        this.ends[field] = close
        return close + 1
      }
      case letterT:
        kinds[field] = found.true
        return skipValue(bytes, at, end, 0)
      case letterF:
        kinds[field] = found.false
        return skipValue(bytes, at, end, 0)
      case letterN:
        kinds[field] = found.null
        return skipValue(bytes, at, end, 0)
      case openBrace:
      case openBracket:
        return unusual
      default: {
        const number = this.#number
        const behind = number.scan(bytes, at, end)
        kinds[field] = found.number
        this.numbers[field] = number.value
        return behind
      }
    }
  }
}

/** From behind an opening quote. @returns the place of the closing one; `unusual` where there is an escape before, or none. */
function skipPlain(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!
    if (byte === quote) return at
    if (byte < 0x20 || byte === 0x5c) return unusual
  }
  return unusual
}
