import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteInterner } from './byte-interner.ts'

const numberOf = (interner: ByteInterner<unknown>, text: string) => {
  // Between others' bytes, as in a fetch.
  const bytes = Buffer.from(`<${text}>`)
  return interner.numberOf(bytes, 1, bytes.length - 1)
}

test('the same bytes have one number and stand for one thing, made once', () => {
  let made = 0
  const interner = new ByteInterner((text) => ({ text, made: made++ }))
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const number = numberOf(interner, text)
      expect(interner.valueOf(number).text).toBe(text)
      expect(numberOf(interner, text)).toBe(number)
    }),
    { numRuns: 2_000 },
  )
  expect(made).toBe(interner.size)
})

test('a hundred thousand names keep theirs while the table grows', () => {
  const interner = new ByteInterner((text) => text)
  const names = Array.from({ length: 100_000 }, (_, i) => `sensor_${i}`)
  expect(names.map((name) => numberOf(interner, name))).toEqual(names.map((_, i) => i))
  expect(names.every((name, i) => interner.valueOf(numberOf(interner, name)) === name && numberOf(interner, name) === i)).toBe(true)
})

test('in whatever order names come, each has its own number', () => {
  const names = fc.constantFrom('a', 'b', 'ab', 'bb', 'aab', 'abb', 'b'.repeat(40), `a${'b'.repeat(39)}`)
  fc.assert(
    fc.property(fc.array(names, { maxLength: 60 }), (order) => {
      const interner = new ByteInterner((text) => text)
      const known = new Map<string, number>()
      for (const name of order) {
        if (!known.has(name)) known.set(name, known.size)
        expect(numberOf(interner, name)).toBe(known.get(name))
      }
      expect(interner.size).toBe(known.size)
    }),
  )
})

test('names whose hashes are the same are told apart', () => {
  // Pairs of equal FNV-1a hashes of 32 bits.
  const interner = new ByteInterner((text) => text)
  for (const [a, b] of [['costarring', 'liquid'], ['declinate', 'macallums'], ['altarage', 'zinke']] as const) {
    expect(numberOf(interner, a)).not.toBe(numberOf(interner, b))
    expect([interner.valueOf(numberOf(interner, a)), interner.valueOf(numberOf(interner, b))]).toEqual([a, b])
  }
})

test('a full table forgets all and begins anew', () => {
  const interner = new ByteInterner((text) => text, 3)
  for (const text of ['a', 'b', 'c']) numberOf(interner, text)
  expect(numberOf(interner, 'd')).toBe(0)
  expect([interner.size, interner.valueOf(0)]).toEqual([1, 'd'])
})
