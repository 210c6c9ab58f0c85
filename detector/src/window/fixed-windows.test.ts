import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FixedWindows } from './fixed-windows.ts'
import { GroupTable } from './group-table.ts'

const needs = { extremes: true, ends: true, trend: false, samples: false }

interface Arrival {
  key: number
  timeMs: number
  value: number
}

interface Seen {
  key: string
  startMs: number
  endMs: number
  count: number
  sum: number
  min: number
  max: number
  firstOffset: number
  lastOffset: number
}

/** Runs arrivals through the windows with a watermark of the largest time less the lateness, then closes all. */
function run(arrivals: Arrival[], sizeMs: number, slideMs: number, latenessMs: number) {
  const windows = new FixedWindows<undefined>(sizeMs, slideMs, needs, 1)
  const groups = new GroupTable<undefined>(false, Infinity)
  const closed: Seen[] = []
  const late: number[] = []
  let watermarkMs = -Infinity
  const close = (toMs: number) =>
    windows.advance(toMs, ({ group, startMs, endMs, aggregates }) => {
      const { count, mean, min, max, firstOffset, lastOffset } = aggregates[0]!
      // Values are whole; a mean is rounded, and may come out as -0.
      closed.push({ key: group.device, startMs, endMs, count, sum: Math.round(mean * count) + 0, min, max, firstOffset, lastOffset })
    })
  arrivals.forEach(({ key, timeMs, value }, offset) => {
    const group = groups.groupOf(`k${key}`, '')
    if (windows.isLate(group, timeMs, watermarkMs)) late.push(offset)
    else windows.add(group, group.seriesOf('m', 0), { value, eventTimeMs: timeMs, offset, fault: 0, watermarkMs })
    watermarkMs = Math.max(watermarkMs, timeMs - latenessMs)
    close(watermarkMs)
  })
  const openAtEnd = windows.openCount
  close(Infinity)
  return { closed, late, windows, openAtEnd }
}

/** The same by brute force: every window that any reading could be in, with the readings that arrived before it closed. */
function oracle(arrivals: Arrival[], sizeMs: number, slideMs: number, latenessMs: number) {
  const contents = new Map<string, { key: string; startMs: number; endMs: number; readings: { value: number; offset: number }[] }>()
  const late: number[] = []
  let watermarkMs = -Infinity
  arrivals.forEach(({ key, timeMs, value }, offset) => {
    let isTaken = false
    const lastStart = Math.floor(timeMs / slideMs) * slideMs
    for (let startMs = lastStart; startMs > timeMs - sizeMs; startMs -= slideMs) {
      const endMs = startMs + sizeMs
      if (endMs <= watermarkMs) continue
      isTaken = true
      const id = `k${key}/${startMs}`
      if (!contents.has(id)) contents.set(id, { key: `k${key}`, startMs, endMs, readings: [] })
      contents.get(id)!.readings.push({ value, offset })
    }
    if (!isTaken) late.push(offset)
    watermarkMs = Math.max(watermarkMs, timeMs - latenessMs)
  })
  const closed = [...contents.values()].map(({ key, startMs, endMs, readings }) => ({
    key,
    startMs,
    endMs,
    count: readings.length,
    sum: readings.reduce((total, { value }) => total + value, 0),
    min: Math.min(...readings.map(({ value }) => value)),
    max: Math.max(...readings.map(({ value }) => value)),
    firstOffset: readings[0]!.offset,
    lastOffset: readings.at(-1)!.offset,
  }))
  return { closed, late }
}

const byPlace = (a: Seen, b: Seen) => a.endMs - b.endMs || a.key.localeCompare(b.key)

const arrivals = fc.array(
  fc.record({ key: fc.nat({ max: 3 }), step: fc.integer({ min: -40, max: 25 }), value: fc.integer({ min: -100, max: 100 }) }),
  { maxLength: 120 },
)

/** Times wander forwards with steps back, some of them far. */
function wander(steps: { key: number; step: number; value: number }[], startMs = 1_000): Arrival[] {
  let nowMs = startMs
  return steps.map(({ key, step, value }) => {
    nowMs += Math.max(step, 0)
    return { key, value, timeMs: Math.max(0, nowMs + Math.min(step, 0)) }
  })
}

describe('windows of panes', () => {
  test.each([
    ['tumbling', 20, 20],
    ['sliding by a half', 20, 10],
    ['sliding by a sixth', 60, 10],
    ['of one millisecond', 1, 1],
  ])('%s are what brute force says, over streams out of order and late', (_, sizeMs, slideMs) => {
    fc.assert(
      fc.property(arrivals, fc.constantFrom(0, 5, 17, 1_000), (steps, latenessMs) => {
        const stream = wander(steps)
        const ours = run(stream, sizeMs, slideMs, latenessMs)
        const expected = oracle(stream, sizeMs, slideMs, latenessMs)
        expect(ours.late).toEqual(expected.late)
        const rounded = ours.closed.map((one) => ({ ...one, sum: Math.round(one.sum) }))
        expect(rounded.sort(byPlace)).toEqual(expected.closed.sort(byPlace))
        expect(ours.windows.oldestNeeded()).toBeUndefined()
        expect(ours.windows.openCount).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  test('close in the order of their ends, and at one end in the order of first appearance', () => {
    const { closed } = run(
      [
        { key: 2, timeMs: 5, value: 1 },
        { key: 0, timeMs: 6, value: 1 },
        { key: 1, timeMs: 15, value: 1 },
        { key: 0, timeMs: 14, value: 1 },
        { key: 2, timeMs: 95, value: 1 },
      ],
      20, 10, 0,
    )
    expect(closed.map(({ key, endMs }) => `${key}@${endMs}`)).toEqual(['k2@10', 'k0@10', 'k2@20', 'k0@20', 'k1@20', 'k0@30', 'k1@30', 'k2@100', 'k2@110'])
  })

  test('leap over years without looking at the windows in between', () => {
    const yearMs = 365 * 86_400_000
    const { closed } = run([{ key: 0, timeMs: 5, value: 1 }, { key: 0, timeMs: 50 * yearMs, value: 1 }], 60_000, 10, 0)
    expect(closed).toHaveLength(12_000)
  })

  test('are not ended by a watermark that stands exactly one millisecond before their end', () => {
    const windows = new FixedWindows<undefined>(10, 10, needs, 1)
    const group = new GroupTable<undefined>(false, Infinity).groupOf('k', '')
    windows.add(group, group.seriesOf('m', 0), { value: 1, eventTimeMs: 3, offset: 0, fault: 0, watermarkMs: -Infinity })
    const ends: number[] = []
    windows.advance(9, ({ endMs }) => ends.push(endMs))
    expect(ends).toEqual([])
    expect(windows.isLate(group, 3, 9)).toBe(false)
    windows.advance(10, ({ endMs }) => ends.push(endMs))
    expect(ends).toEqual([10])
    expect(windows.isLate(group, 3, 10)).toBe(true)
  })
})

describe('a window that began before the first reading of its group', () => {
  const completeness = (timesMs: number[], sizeMs: number, slideMs: number) => {
    const windows = new FixedWindows<undefined>(sizeMs, slideMs, needs, 1)
    const group = new GroupTable<undefined>(false, Infinity).groupOf('k', '')
    group.observedFromMs = Math.min(...timesMs)
    timesMs.forEach((timeMs, offset) => windows.add(group, group.seriesOf('m', 0), { value: 1, eventTimeMs: timeMs, offset, fault: 0, watermarkMs: -Infinity }))
    const result: Record<number, boolean> = {}
    windows.advance(Infinity, ({ endMs, isComplete }) => (result[endMs] = isComplete))
    return result
  }
  const every = (spacingMs: number, fromMs: number, toMs: number) => Array.from({ length: Math.floor((toMs - fromMs) / spacingMs) }, (_, i) => fromMs + i * spacingMs)

  test('is incomplete when readings are missing at its start', () => {
    expect(completeness(every(10, 35, 200), 100, 100)).toEqual({ 100: false, 200: true })
    expect(completeness(every(10, 35, 120), 60, 20)).toMatchObject({ 40: false, 60: false, 80: false, 100: true, 120: true })
  })

  test('is complete when the first reading came no later than readings follow each other', () => {
    expect(completeness(every(10, 9, 200), 100, 100)).toEqual({ 100: true, 200: true })
    expect(completeness(every(10, 0, 200), 100, 100)).toEqual({ 100: true, 200: true })
  })

  test('is incomplete with one reading, which says nothing of their spacing', () => {
    expect(completeness([1], 100, 100)).toEqual({ 100: false })
    expect(completeness([0], 100, 100)).toEqual({ 100: true })
  })
})
