import { expect, test } from 'vitest'
import { murmur3 } from './murmur3.ts'

const encoder = new TextEncoder()

// From mmh3 5 (PyPI), hash_bytes(..., x64arch=False), as four little-endian words.
test.each([
  ['', 0, '00000000000000000000000000000000'],
  ['a', 0, 'a794933c5556b01b5556b01b5556b01b'],
  ['hello', 0, '2b2444a0db91def79adb31b69adb31b6'],
  ['hello, world', 0, '8b21605cb9b98a1e93273a83eb5957c7'],
  ['0123456789abcdef', 0, 'fb7d440936aed30a48ad1d9b572b3bfd'],
  ['The quick brown fox jumps over the lazy dog', 0, '2f1583c3ecee2c675d7bf66ce5e91d2c'],
  ['Größe 42 °C', 0, 'bd1c8a12315053ac415a3c49cabe777c'],
  ['hello', 42, '9c4f9a01053404f6886f9b95886f9b95'],
])('the hash of "%s" with seed %i is that of the reference', (text, seed, expected) => {
  expect(murmur3(encoder.encode(text), seed)).toBe(expected)
})

test('a view into a larger buffer is hashed from its own start', () => {
  const bytes = encoder.encode('xxhello')
  expect(murmur3(bytes.subarray(2))).toBe(murmur3(encoder.encode('hello')))
})
