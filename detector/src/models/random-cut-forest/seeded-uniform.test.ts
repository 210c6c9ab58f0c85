import { mulberry32 } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { SeededUniform } from './seeded-uniform.ts'

test('gives the numbers of mulberry32', () => {
  const [uniform, plain] = [new SeededUniform(7), mulberry32(7)]
  for (let i = 0; i < 100; i++) expect(uniform.next()).toBe(plain())
})

test.each([0, 1, 99, 1000])('goes on from its state after %d draws', (draws) => {
  const original = new SeededUniform(-3)
  for (let i = 0; i < draws; i++) original.next()
  const { seed, draws: counted } = original.toState()
  const copy = new SeededUniform(seed, counted)
  expect(Array.from({ length: 20 }, copy.next)).toEqual(Array.from({ length: 20 }, original.next))
  expect(copy.toState()).toEqual(original.toState())
})

test('goes round after 2^32 draws, as mulberry32 does', () => {
  const last = new SeededUniform(5, 2 ** 32 - 1)
  last.next()
  expect(last.toState()).toEqual({ seed: 5, draws: 0 })
  expect(last.next()).toBe(mulberry32(5)())
})
