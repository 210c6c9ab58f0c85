import { expect, test } from 'vitest'
import { computeBaseline, computeProgress } from './input-progress.ts'
import { Rate } from './rate.ts'

const offsets = [{ partition: 0, logStartOffset: 10, logEndOffset: 100 }, { partition: 1, logStartOffset: 0, logEndOffset: 50 }]
const committed = (offset: number) => ({ offset, metadata: '' })

test.each([
  ['a new group from the beginning', new Map(), 'Earliest', [10, 0]],
  ['a new group from the end', new Map(), 'Latest', [100, 50]],
  ['a group that was here before', new Map([[0, committed(60)]]), 'Earliest', [60, 0]],
  ['a group whose place was deleted', new Map([[0, committed(5)]]), 'Earliest', [10, 0]],
] as const)('where a run begins: %s', (_, groups, startFrom, expected) => {
  expect([...computeBaseline(offsets, groups, startFrom).values()]).toEqual(expected)
})

test.each([
  ['nothing committed yet', [undefined, undefined], { consumed: 0, arrived: 140, lag: 140 }],
  ['half-way', [60, 20], { consumed: 70, arrived: 140, lag: 70 }],
  ['at the end', [100, 50], { consumed: 140, arrived: 140, lag: 0 }],
] as const)('progress: %s', (_, positions, expected) => {
  const baseline = new Map([[0, 10], [1, 0]])
  expect(computeProgress(baseline, offsets.map((one, i) => ({ ...one, committedOffset: positions[i] })))).toEqual(expected)
})

test('what was there before the run is not its progress', () => {
  expect(computeProgress(new Map([[0, 60]]), [{ partition: 0, logStartOffset: 0, logEndOffset: 100, committedOffset: 60 }])).toEqual({ consumed: 0, arrived: 40, lag: 40 })
})

test('a rate is over the last seconds only', () => {
  const rate = new Rate(5_000)
  expect(rate.perSecond()).toBeUndefined()
  for (let second = 0; second <= 20; second++) rate.look(second * 1_000, second < 10 ? second * 100 : 1_000 + (second - 10) * 1_000)
  expect(rate.perSecond()).toBe(1_000)
})
