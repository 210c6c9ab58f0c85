import { expect, test } from 'vitest'
import { listEarlier } from './turn-marks.ts'

const turns = [
  { file: 'a', alone: false },
  { file: 'b', alone: false },
  { file: 'c', alone: true },
  { file: 'd', alone: true },
]

test.each([
  { file: 'a', earlier: [] },
  { file: 'b', earlier: [] },
  { file: 'c', earlier: ['a', 'b'] },
  { file: 'd', earlier: ['a', 'b', 'c'] },
])('$file waits for $earlier', ({ file, earlier }) => {
  expect(listEarlier(turns, file)).toEqual(earlier)
})
