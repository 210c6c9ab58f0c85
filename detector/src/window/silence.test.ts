import { mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { Group } from './group.ts'
import { SilenceWatch, type SilenceLimit } from './silence.ts'

const bounds = { leastMs: 1, mostMs: 86_400_000 }

/** A watch and some groups that are warm and heard at 100, each reading of them one interval after the other. */
function aWatch(limit: SilenceLimit, intervals: readonly number[], given = bounds) {
  const changed: string[] = []
  const watch = new SilenceWatch(limit, given, ({ device }: Group) => changed.push(device))
  const groups = intervals.map((_, i) => new Group(i, `d${i}`, undefined))
  groups.forEach((group, i) => {
    for (let reading = 10; reading >= 0; reading--) watch.hear(group, 100 - reading * intervals[i]!, 100 - reading, -Infinity, false)
  })
  const taken = (watermarkMs: number) => watch.takeSilent(watermarkMs).map(({ group, startMs, endMs, lastOffset }) => [group.device, startMs, endMs, lastOffset])
  return { watch, groups, changed, taken }
}

describe('a group is silent', () => {
  test('when the watermark is so far behind its last reading, and not before', () => {
    const { watch, taken } = aWatch({ afterMs: 30 }, [1])
    expect(watch.nextMs).toBeLessThanOrEqual(130)
    expect(taken(129.9)).toEqual([])
    expect(taken(130)).toEqual([['d0', 100, 130, 100]])
  })

  test('when it has missed so many of its usual intervals, within bounds', () => {
    expect(aWatch({ missedIntervals: 5 }, [1, 4]).taken(1_000)).toEqual([['d0', 100, 105, 100], ['d1', 100, 120, 100]])
    expect(aWatch({ missedIntervals: 5 }, [1, 4], { leastMs: 8, mostMs: 10 }).taken(1_000)).toEqual([['d0', 100, 108, 100], ['d1', 100, 110, 100]])
  })

  test('once, until it is heard again', () => {
    const { watch, groups, taken } = aWatch({ afterMs: 30 }, [1])
    expect(taken(200)).toHaveLength(1)
    expect(taken(1_000)).toEqual([])
    watch.hear(groups[0]!, 1_001, 300, 1_000, false)
    expect(taken(1_030)).toEqual([])
    expect(taken(1_031)).toEqual([['d0', 1_001, 1_031, 300]])
  })

  test('and told before others that became it later, at the same moment before those that appeared later', () => {
    const { watch, groups, taken } = aWatch({ afterMs: 30 }, [1, 1, 1, 1])
    watch.hear(groups[0]!, 110, 111, -Infinity, false)
    expect(taken(500).map(([device]) => device)).toEqual(['d1', 'd2', 'd3', 'd0'])
  })

  test('which is told of before it changes', () => {
    const { changed, taken } = aWatch({ afterMs: 30 }, [1, 1])
    taken(120)
    expect(changed).toEqual([])
    taken(130)
    expect(changed).toEqual(['d0', 'd1'])
  })
})

test('one that begins to send a hundred times less often is told five times, until its limit has grown', () => {
  const { watch, groups, taken } = aWatch({ missedIntervals: 5 }, [1])
  let told = 0
  for (let i = 1; i <= 50; i++) {
    told += taken(99 + i * 100).length
    watch.hear(groups[0]!, 100 + i * 100, 100 + i, -Infinity, false)
  }
  expect(told).toBe(5)
})

test('a group of which ten gaps were not seen is not waited for', () => {
  const watch = new SilenceWatch({ afterMs: 30 }, bounds)
  const group = new Group(0, 'd', undefined)
  for (let reading = 0; reading < 10; reading++) watch.hear(group, reading, reading, -Infinity, false)
  expect(watch.nextMs).toBe(Infinity)
  watch.hear(group, 10, 10, -Infinity, false)
  expect(watch.nextMs).toBe(40)
})

test('a group that may be moving is waited for only once it is heard where it stays', () => {
  const { watch, groups, taken } = aWatch({ afterMs: 30 }, [1, 1])
  watch.forgiveAll(groups)
  watch.hear(groups[0]!, 101, 101, -Infinity, true)
  expect(taken(500)).toEqual([])
  watch.hear(groups[0]!, 600, 102, 500, false)
  expect(taken(5_000)).toEqual([['d0', 600, 630, 102]])
})

test('of groups that were read or left, those are waited for that were before', () => {
  const { watch, groups, taken } = aWatch({ afterMs: 30 }, [1, 1, 1])
  groups[1]!.pulse!.isWatched = false
  watch.waitFor([groups[1]!, groups[2]!])
  expect(taken(500).map(([device]) => device)).toEqual(['d2'])
})

test.each([{ afterMs: 5_000 }, { missedIntervals: 3 }, { missedIntervals: 100 }])('it finds what a look at all groups at every reading would find: %j', (limit) => {
  const draw = mulberry32(5)
  const watch = new SilenceWatch(limit, { leastMs: 100, mostMs: 60_000 })
  const groups = Array.from({ length: 40 }, (_, i) => new Group(i, `d${i}`, undefined))
  const found: string[] = []
  const expected: string[] = []
  const dueMs = ({ pulse }: Group): number => {
    const { heardMs, usualGapMs } = pulse!
    return heardMs + ('afterMs' in limit ? limit.afterMs : Math.min(60_000, Math.max(100, limit.missedIntervals * usualGapMs)))
  }
  let watermarkMs = 0
  for (let offset = 0; offset < 30_000; offset++) {
    watermarkMs += draw() < 0.001 ? 30_000 : draw() * 30
    const before = watermarkMs
    expected.push(...groups.filter((group) => group.pulse?.isWatched === true && dueMs(group) <= before).sort((a, b) => dueMs(a) - dueMs(b) || a.index - b.index).map(({ device }) => `${device} ${offset}`))
    found.push(...watch.takeSilent(watermarkMs).map(({ group }) => `${group.device} ${offset}`))
    // Some are heard all the time, some rarely, some far behind the others.
    const group = groups[Math.floor(draw() ** 3 * groups.length)]!
    watch.hear(group, watermarkMs + 500 - (group.index % 7 === 0 ? 3_000 : 0), offset, watermarkMs, false)
  }
  expect(found).toEqual(expected)
  expect(found.length).toBeGreaterThan(20)
})
