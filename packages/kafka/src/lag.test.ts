import { expect, test } from 'vitest'
import { computeLag } from './lag.ts'
import type { CommittedPosition } from './ports.ts'

const at = (offset: number): CommittedPosition => ({ offset, metadata: '' })

test.each([
  ['what is behind the committed position', { start: 0, end: 100, committed: 40 }, 60],
  ['nothing when all is committed', { start: 0, end: 100, committed: 100 }, 0],
  ['not what retention has deleted (kedacore/keda#7936)', { start: 70, end: 100, committed: 40 }, 30],
  ['never less than nothing, where the topic was made anew', { start: 0, end: 5, committed: 40 }, 0],
  ['all that the log holds, where the group has never committed', { start: 30, end: 100, committed: undefined }, 70],
  ['nothing in an empty log', { start: 8, end: 8, committed: undefined }, 0],
])('lag is %s', (_, { start, end, committed }, lag) => {
  const offsets = [{ partition: 3, logStartOffset: start, logEndOffset: end }]
  const positions = new Map(committed === undefined ? [] : [[3, at(committed)]])
  expect(computeLag('t', offsets, positions)).toEqual([
    { topic: 't', partition: 3, logStartOffset: start, logEndOffset: end, committedOffset: committed, lag },
  ])
})

test('a group that begins at the end has nothing to do where it has never committed', () => {
  const offsets = [{ partition: 0, logStartOffset: 0, logEndOffset: 100 }]
  expect(computeLag('t', offsets, new Map(), { whenUncommitted: 'none' })[0]?.lag).toBe(0)
})

test('each partition has its own, and partitions without a log are not made up', () => {
  const offsets = [0, 1].map((partition) => ({ partition, logStartOffset: 0, logEndOffset: 10 }))
  const lags = computeLag(
    't',
    offsets,
    new Map([
      [1, at(4)],
      [9, at(1)],
    ]),
  )
  expect(lags.map(({ partition, lag }) => [partition, lag])).toEqual([
    [0, 10],
    [1, 6],
  ])
})
