/** In the place of a position: this text is left to `JSON.parse`, which may well find nothing wrong with it. */
export const unusual = -1

/** Deeper nesting than a message of a device has. */
const deepest = 16

export const quote = 0x22
export const comma = 0x2c
export const colon = 0x3a
export const openBracket = 0x5b
export const openBrace = 0x7b
export const closeBrace = 0x7d
const backslash = 0x5c
const closeBracket = 0x5d

const literals = { 0x74: Buffer.from('true'), 0x66: Buffer.from('false'), 0x6e: Buffer.from('null') } as const

/**
 * Passes over any JSON value that begins here, checking that it is one.
 *
 * @returns the place behind it, or `unusual`.
 */
export function skipValue(bytes: Buffer, at: number, end: number, depth: number): number {
  if (at >= end) return unusual
  const first = bytes[at]!
  switch (first) {
    case quote:
      return skipString(bytes, at + 1, end)
    case 0x74:
    case 0x66:
    case 0x6e: {
      const literal = literals[first]
      if (at + literal.length > end) return unusual
      for (let i = 1; i < literal.length; i++) if (bytes[at + i] !== literal[i]) return unusual
      return at + literal.length
    }
    case openBrace:
      return depth === deepest ? unusual : skipObject(bytes, at + 1, end, depth + 1)
    case openBracket:
      return depth === deepest ? unusual : skipList(bytes, at + 1, end, depth + 1)
    default:
      return skipNumber(bytes, at, end)
  }
}

function skipObject(bytes: Buffer, from: number, end: number, depth: number): number {
  let at = skipSpace(bytes, from, end)
  if (at < end && bytes[at] === closeBrace) return at + 1
  for (;;) {
    if (at >= end || bytes[at] !== quote) return unusual
    at = skipString(bytes, at + 1, end)
    if (at === unusual) return unusual
    at = skipSpace(bytes, at, end)
    if (at >= end || bytes[at] !== colon) return unusual
    at = skipValue(bytes, skipSpace(bytes, at + 1, end), end, depth)
    if (at === unusual) return unusual
    at = skipSpace(bytes, at, end)
    if (at >= end) return unusual
    if (bytes[at] === closeBrace) return at + 1
    if (bytes[at] !== comma) return unusual
    at = skipSpace(bytes, at + 1, end)
  }
}

function skipList(bytes: Buffer, from: number, end: number, depth: number): number {
  let at = skipSpace(bytes, from, end)
  if (at < end && bytes[at] === closeBracket) return at + 1
  for (;;) {
    at = skipValue(bytes, at, end, depth)
    if (at === unusual) return unusual
    at = skipSpace(bytes, at, end)
    if (at >= end) return unusual
    if (bytes[at] === closeBracket) return at + 1
    if (bytes[at] !== comma) return unusual
    at = skipSpace(bytes, at + 1, end)
  }
}

/** From behind the opening quote. @returns the place behind the closing one, or `unusual`. */
function skipString(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at]!
    if (byte === quote) return at + 1
    if (byte < 0x20) return unusual
    if (byte === backslash) {
      at = skipEscape(bytes, at + 1, end)
      if (at === unusual) return unusual
    }
  }
  return unusual
}

/** From behind the backslash. @returns the escape's last place, or `unusual`. */
function skipEscape(bytes: Buffer, at: number, end: number): number {
  if (at >= end) return unusual
  switch (bytes[at]) {
    case 0x22:
    case 0x2f:
    case 0x5c:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return at
    case 0x75:
      if (at + 4 >= end) return unusual
      for (let i = 1; i <= 4; i++) if (!isHex(bytes[at + i]!)) return unusual
      return at + 4
    default:
      return unusual
  }
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39
const isHex = (byte: number): boolean => isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)

function skipNumber(bytes: Buffer, from: number, end: number): number {
  let at = from
  if (bytes[at] === 0x2d) at++
  if (at >= end || !isDigit(bytes[at]!)) return unusual
  if (bytes[at] === 0x30) at++
  else at = skipDigits(bytes, at, end)
  if (at < end && bytes[at] === 0x2e) {
    if (at + 1 >= end || !isDigit(bytes[at + 1]!)) return unusual
    at = skipDigits(bytes, at + 1, end)
  }
  if (at < end && (bytes[at]! | 0x20) === 0x65) {
    at++
    if (at < end && (bytes[at] === 0x2b || bytes[at] === 0x2d)) at++
    if (at >= end || !isDigit(bytes[at]!)) return unusual
    at = skipDigits(bytes, at, end)
  }
  return at
}

function skipDigits(bytes: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && isDigit(bytes[at]!)) at++
  return at
}

/** Whether a text is at a place; whoever asks has seen that it does not end behind the bytes. */
export function isAt(bytes: Buffer, start: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false
  return true
}

/** @returns the next place that is no white space. */
export function skipSpace(bytes: Buffer, from: number, end: number): number {
  let at = from
  while (at < end) {
    const byte = bytes[at]!
    if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break
    at++
  }
  return at
}
