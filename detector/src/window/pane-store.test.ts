import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Aggregate } from './aggregate.ts'
import { none, PaneStore } from './pane-store.ts'

const everything = { extremes: true, ends: true, trend: true, samples: true }

interface Point {
  value: number
  timeMs: number
}

/** What an aggregate should be, by the book. */
function direct(points: Point[]) {
  const n = points.length
  const sum = (of: (point: Point) => number) => points.reduce((total, point) => total + of(point), 0)
  const mean = sum(({ value }) => value) / n
  const timeMean = sum(({ timeMs }) => timeMs / 1_000) / n
  const firstMs = Math.min(...points.map(({ timeMs }) => timeMs))
  const lastMs = Math.max(...points.map(({ timeMs }) => timeMs))
  return {
    count: n,
    mean,
    m2: sum(({ value }) => (value - mean) ** 2),
    timeM2: sum(({ timeMs }) => (timeMs / 1_000 - timeMean) ** 2),
    timeValue: sum(({ value, timeMs }) => (timeMs / 1_000 - timeMean) * (value - mean)),
    min: Math.min(...points.map(({ value }) => value)),
    max: Math.max(...points.map(({ value }) => value)),
    firstMs,
    lastMs,
    first: points.find(({ timeMs }) => timeMs === firstMs)!.value,
    last: points.findLast(({ timeMs }) => timeMs === lastMs)!.value,
  }
}

const point = fc.record({ value: fc.double({ min: -1e6, max: 1e6, noNaN: true }), timeMs: fc.integer({ min: 0, max: 60_000 }) })

describe('a pane', () => {
  test('merged with others comes to what all their readings come to', () => {
    fc.assert(
      fc.property(fc.array(fc.array(point, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 6 }), (groups) => {
        const store = new PaneStore(everything, 1)
        const aggregate = new Aggregate()
        let offset = 0
        // Panes follow each other in time, as those of one window do.
        const panes = groups.map((points, i) => points.map(({ value, timeMs }) => ({ value, timeMs: timeMs + i * 60_001 })))
        panes.forEach((points, i) => {
          const pane = store.make(i * 60_001, offset, -Infinity)
          for (const { value, timeMs } of points) store.add(pane, { value, eventTimeMs: timeMs, offset: offset++, fault: 0 })
          store.mergeInto(pane, aggregate)
        })
        const expected = direct(panes.flat())
        for (const name of ['count', 'min', 'max', 'firstMs', 'lastMs', 'first', 'last'] as const) expect(aggregate[name]).toBe(expected[name])
        const scale = 1 + expected.count * 1e6
        expect(Math.abs(aggregate.mean - expected.mean)).toBeLessThan(1e-12 * scale)
        expect(Math.abs(aggregate.m2 - expected.m2)).toBeLessThan(1e-9 * (1 + expected.m2))
        expect(Math.abs(aggregate.timeM2 - expected.timeM2)).toBeLessThan(1e-9 * (1 + expected.timeM2))
        expect(Math.abs(aggregate.timeValue - expected.timeValue)).toBeLessThan(1e-9 * (1 + Math.sqrt(expected.timeM2 * expected.m2)))
        expect(aggregate.firstOffset).toBe(0)
        expect(aggregate.lastOffset).toBe(offset - 1)
      }),
    )
  })

  test('keeps a spread of 1e-3 around a mean of 1e9', () => {
    const store = new PaneStore(everything, 1)
    const aggregate = new Aggregate()
    const residuals: number[] = []
    for (let pane = 0; pane < 6; pane++) {
      const made = store.make(pane * 10_000, pane, -Infinity)
      for (let i = 0; i < 1_000; i++) {
        const value = 1e9 + Math.sin(i + pane) * 1e-3
        // As the double really is: at 1e9 they lie 1.2e-7 apart.
        residuals.push(value - 1e9)
        store.add(made, { value, eventTimeMs: pane * 10_000 + i, offset: pane, fault: 0 })
      }
      store.mergeInto(made, aggregate)
    }
    const mean = residuals.reduce((a, b) => a + b, 0) / residuals.length
    const variance = residuals.reduce((a, b) => a + (b - mean) ** 2, 0) / residuals.length
    expect(Math.sqrt(aggregate.m2 / aggregate.count)).toBeCloseTo(Math.sqrt(variance), 8)
    expect(aggregate.mean - 1e9).toBeCloseTo(mean, 6)
  })

  test('of times near the epoch of today keeps a slope exact', () => {
    const store = new PaneStore({ ...everything, samples: false }, 1)
    const startMs = Date.UTC(2026, 0, 1)
    const aggregate = new Aggregate()
    for (let pane = 0; pane < 6; pane++) {
      const made = store.make(startMs + pane * 10_000, pane, -Infinity)
      for (let i = 0; i < 10; i++) {
        const timeMs = startMs + pane * 10_000 + i * 1_000
        store.add(made, { value: 20 + ((timeMs - startMs) / 1_000) * 0.25, eventTimeMs: timeMs, offset: pane, fault: 0 })
      }
      store.mergeInto(made, aggregate)
    }
    expect(aggregate.timeValue / aggregate.timeM2).toBeCloseTo(0.25, 12)
  })

  test('remembers the first fault it saw and when that began', () => {
    const store = new PaneStore({ ...everything, samples: false }, 1)
    const pane = store.make(0, 0, -Infinity)
    store.add(pane, { value: 1, eventTimeMs: 100, offset: 0, fault: 0 })
    store.add(pane, { value: 1, eventTimeMs: 300, offset: 1, fault: 2 })
    store.add(pane, { value: 1, eventTimeMs: 200, offset: 2, fault: 2 })
    const aggregate = new Aggregate()
    store.mergeInto(pane, aggregate)
    expect([aggregate.fault, aggregate.faultFromMs]).toEqual([2, 200])
  })
})

describe('the store', () => {
  test('uses freed panes again and stays as large as its busiest moment', () => {
    const store = new PaneStore(everything, 1)
    for (let round = 0; round < 1_000; round++) {
      const panes = [store.make(0, round, -Infinity), store.make(0, round, -Infinity)]
      for (const pane of panes) store.add(pane, { value: 1, eventTimeMs: 1, offset: round, fault: 0 })
      expect(store.size).toBe(2)
      for (const pane of panes) store.free(pane)
    }
    expect(store.size).toBe(0)
    expect(store.bytes).toBeLessThan(64 * 25 * 8)
  })

  test('always knows the oldest offset in use', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 }), { maxLength: 200 }), (choices) => {
        const store = new PaneStore({ ...everything, samples: false }, 1, true)
        const open: { pane: number; offset: number }[] = []
        choices.forEach((choice, offset) => {
          if (choice < 5 || open.length === 0) open.push({ pane: store.make(0, offset, offset * 10), offset })
          else store.free(open.splice(choice % open.length, 1)[0]!.pane)
          const oldest = open.length === 0 ? undefined : Math.min(...open.map((one) => one.offset))
          expect(store.oldest()).toEqual(oldest === undefined ? undefined : { offset: oldest, watermarkMs: oldest * 10 })
        })
      }),
    )
  })

  test('hands out a pane as new', () => {
    const store = new PaneStore(everything, 1)
    const used = store.make(5, 1, 7)
    store.add(used, { value: -3, eventTimeMs: 9, offset: 1, fault: 4 })
    store.free(used)
    const again = store.make(0, 2, 0)
    expect(again).toBe(used)
    expect(store.older(again)).toBe(none)
    store.add(again, { value: 10, eventTimeMs: 1, offset: 2, fault: 0 })
    const aggregate = new Aggregate()
    store.mergeInto(again, aggregate)
    expect(aggregate).toMatchObject({ count: 1, mean: 10, m2: 0, min: 10, max: 10, fault: 0, firstOffset: 2 })
    expect(aggregate.samples[0]).toMatchObject({ length: 1, seen: 1 })
  })
})
