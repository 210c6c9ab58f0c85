import { mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { combine } from './combine.ts'

const plain = ({ value, contributions }: ReturnType<typeof combine>) => ({ value, contributions: [...contributions] })

test('the mean takes each member\'s shares by how sure it is', () => {
  expect(plain(combine('Mean', [3, 1], [Float64Array.of(8, 0), Float64Array.of(0, 5)]))).toEqual({ value: 2, contributions: [1.5, 0.5] })
})

test('the consensus is the least of them, and takes all shares alike', () => {
  expect(plain(combine('Consensus', [3, 1], [Float64Array.of(8, 0), Float64Array.of(0, 5)]))).toEqual({ value: 1, contributions: [0.5, 0.5] })
})

test('a member that blames no feature blames all alike', () => {
  expect(plain(combine('Mean', [4, 0], [new Float64Array(2), Float64Array.of(0, 5)]))).toEqual({ value: 2, contributions: [1, 1] })
})

describe.each(['Mean', 'Consensus'] as const)('%s', (mode) => {
  test('contributions are not negative and add up to the value, which rises with every member\'s', () => {
    const uniform = mulberry32(1)
    for (let round = 0; round < 500; round++) {
      const values = Array.from({ length: 2 + (round % 7) }, () => uniform() * 10 ** (round % 5))
      const said = values.map(() => Float64Array.from({ length: 6 }, () => uniform() * 10 ** (round % 9)))
      const { value, contributions } = combine(mode, values, said)
      expect(Math.min(...contributions)).toBeGreaterThanOrEqual(0)
      expect(contributions.reduce((a, b) => a + b) / value).toBeCloseTo(1, 9)
      values.forEach((own, i) => expect(combine(mode, values.with(i, own + 1), said).value).toBeGreaterThanOrEqual(value))
    }
  })
})
