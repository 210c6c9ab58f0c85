import { expect, test } from 'vitest'
import { median } from './measuring.ts'

test('of an even number the upper middle one is taken', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 3, 7])
})
