import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GroupTable } from './group-table.ts'
import { SessionWindows } from './session-windows.ts'

const needs = { extremes: true, ends: true, trend: false, samples: false }
const gapMs = 10

interface Arrival {
  key: number
  timeMs: number
}

interface Seen {
  key: string
  startMs: number
  endMs: number
  count: number
  firstOffset: number
  lastOffset: number
}

function run(arrivals: Arrival[], latenessMs: number, maxDurationMs = Infinity, jumps: Record<number, number> = {}) {
  const windows = new SessionWindows<undefined>(gapMs, maxDurationMs, needs, 1)
  const groups = new GroupTable<undefined>(false, Infinity)
  const closed: Seen[] = []
  const late: number[] = []
  let watermarkMs = -Infinity
  const close = (toMs: number) =>
    windows.advance(toMs, ({ group, startMs, endMs, aggregates }) => {
      const { count, firstOffset, lastOffset } = aggregates[0]!
      closed.push({ key: group.device, startMs, endMs, count, firstOffset, lastOffset })
    })
  arrivals.forEach(({ key, timeMs }, offset) => {
    const group = groups.groupOf(`k${key}`, '')
    if (windows.isLate(group, timeMs, watermarkMs)) late.push(offset)
    else windows.add(group, group.seriesOf('m', 0), { value: 1, eventTimeMs: timeMs, offset, fault: 0, watermarkMs })
    watermarkMs = Math.max(watermarkMs, timeMs - latenessMs, jumps[offset] ?? -Infinity)
    close(watermarkMs)
  })
  close(Infinity)
  return { closed, late, windows }
}

/** By brute force: at every step the readings of open sessions are sorted and cut anew where a pause is. */
function oracle(arrivals: Arrival[], latenessMs: number) {
  const open = new Map<string, { timeMs: number; offset: number }[]>()
  const closed: Seen[] = []
  const late: number[] = []
  let watermarkMs = -Infinity
  const cut = (readings: { timeMs: number; offset: number }[]) => {
    const parts: { timeMs: number; offset: number }[][] = []
    for (const reading of [...readings].sort((a, b) => a.timeMs - b.timeMs)) {
      const last = parts.at(-1)?.at(-1)
      if (last !== undefined && reading.timeMs - last.timeMs < gapMs) parts.at(-1)!.push(reading)
      else parts.push([reading])
    }
    return parts
  }
  const close = (toMs: number) => {
    for (const [key, readings] of open) {
      const left: typeof readings = []
      for (const part of cut(readings)) {
        const endMs = part.at(-1)!.timeMs + gapMs
        if (endMs > toMs) left.push(...part)
        else {
          const offsets = part.map(({ offset }) => offset)
          closed.push({ key, startMs: part[0]!.timeMs, endMs, count: part.length, firstOffset: Math.min(...offsets), lastOffset: Math.max(...offsets) })
        }
      }
      open.set(key, left)
    }
  }
  arrivals.forEach(({ key, timeMs }, offset) => {
    const readings = open.get(`k${key}`) ?? []
    open.set(`k${key}`, readings)
    const isNearOpen = readings.some((reading) => Math.abs(reading.timeMs - timeMs) < gapMs)
    // Inside an open session counts as near, also where its readings are further apart than they are from this one.
    if (timeMs + gapMs <= watermarkMs && !isNearOpen) late.push(offset)
    else readings.push({ timeMs, offset })
    watermarkMs = Math.max(watermarkMs, timeMs - latenessMs)
    close(watermarkMs)
  })
  close(Infinity)
  return { closed, late }
}

const byPlace = (a: Seen, b: Seen) => a.endMs - b.endMs || a.key.localeCompare(b.key) || a.startMs - b.startMs

const stream = fc.array(fc.record({ key: fc.nat({ max: 2 }), step: fc.integer({ min: -30, max: 14 }) }), { maxLength: 120 }).map((steps) => {
  let nowMs = 1_000
  return steps.map(({ key, step }) => {
    nowMs += Math.max(0, step)
    return { key, timeMs: nowMs + Math.min(0, step) }
  })
})

describe('sessions', () => {
  test('are what brute force says, over streams out of order and late', () => {
    fc.assert(
      fc.property(stream, fc.constantFrom(0, 5, 20, 1_000), (arrivals, latenessMs) => {
        const ours = run(arrivals, latenessMs)
        const expected = oracle(arrivals, latenessMs)
        expect(ours.late).toEqual(expected.late)
        expect(ours.closed.sort(byPlace)).toEqual(expected.closed.sort(byPlace))
        expect(ours.windows.openCount).toBe(0)
        expect(ours.windows.oldestNeeded()).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  test('two are merged by a late reading between them', () => {
    const { closed } = run([0, 7, 20, 23, 12, 100].map((timeMs) => ({ key: 0, timeMs })), 50)
    expect(closed[0]).toEqual({ key: 'k0', startMs: 0, endMs: 33, count: 5, firstOffset: 0, lastOffset: 4 })
  })

  test('a pause of exactly the gap ends a session', () => {
    const { closed } = run([0, 10, 19].map((timeMs) => ({ key: 0, timeMs })), 0)
    expect(closed.map(({ startMs, endMs, count }) => [startMs, endMs, count])).toEqual([[0, 10, 1], [10, 29, 2]])
  })

  test('one without a pause is cut at the longest duration', () => {
    const { closed } = run(Array.from({ length: 20 }, (_, i) => ({ key: 0, timeMs: i * 5 })), 0, 30)
    expect(closed.map(({ startMs, endMs, count }) => [startMs, endMs, count])).toEqual([[0, 30, 6], [30, 60, 6], [60, 90, 6], [90, 105, 2]])
  })

  test('never are longer than the longest duration, whatever the order', () => {
    fc.assert(
      fc.property(stream, (arrivals) => {
        const { closed, late } = run(arrivals, 100, 25)
        for (const { startMs, endMs } of closed) expect(endMs - startMs).toBeLessThanOrEqual(25)
        expect(closed.reduce((sum, { count }) => sum + count, 0)).toBe(arrivals.length - late.length)
      }),
      { numRuns: 300 },
    )
  })

  test('the first one of a partition is incomplete, the first one of a device that appears later is not', () => {
    const windows = new SessionWindows<undefined>(gapMs, Infinity, needs, 1)
    const groups = new GroupTable<undefined>(false, Infinity)
    const seen: [string, boolean][] = []
    ;[['a', 0], ['a', 5], ['b', 30], ['a', 40]].forEach(([device, timeMs], offset) => {
      const group = groups.groupOf(device as string, '')
      group.observedFromMs = Math.min(group.observedFromMs, timeMs as number)
      windows.add(group, group.seriesOf('m', 0), { value: 1, eventTimeMs: timeMs as number, offset, fault: 0, watermarkMs: -Infinity })
    })
    windows.advance(Infinity, ({ group, isComplete }) => seen.push([group.device, isComplete]))
    expect(seen).toEqual([['a', false], ['b', true], ['a', true]])
  })
})
