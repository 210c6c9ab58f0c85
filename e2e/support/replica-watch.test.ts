import { expect, test } from 'vitest'
import { countTurns } from './replica-watch.ts'

test.each([
  ['standing still is no turn', [1, 1, 1], 0],
  ['up alone is no turn', [1, 1, 2, 3, 3], 0],
  ['up and down is one', [1, 2, 3, 3, 2, 1], 1],
  ['flapping is many', [1, 2, 1, 2, 1], 3],
])('%s', (_title, values, turns) => {
  expect(countTurns(values)).toBe(turns)
})
