import { mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { SnapshotReader } from '../snapshot/reader.ts'
import { joinPieces, SnapshotWriter } from '../snapshot/writer.ts'
import { neededGaps, Pulse } from './pulse.ts'

/** A pulse that has heard readings at these moments, in order, with the watermark where nothing is late. */
function heardAt(moments: readonly number[]): Pulse {
  const pulse = new Pulse(moments[0]!, 0)
  moments.slice(1).forEach((ms, i) => pulse.hear(ms, i + 1, -Infinity))
  return pulse
}

/** Moments with these gaps between them. */
function spaced(gaps: readonly number[]): number[] {
  let ms = 0
  return [0, ...gaps.map((gap) => (ms += gap))]
}

const times = <T>(count: number, value: () => T): T[] => Array.from({ length: count }, value)

describe('the usual gap', () => {
  test('of regular readings is their interval', () => {
    expect(heardAt(spaced(times(50, () => 10))).usualGapMs).toBe(10)
  })

  test('of readings of several metrics at a time is that between two times', () => {
    expect(heardAt(spaced(times(60, () => [0, 0, 10_000]).flat())).usualGapMs).toBe(10_000)
    expect(heardAt(spaced(times(60, () => [1, 2, 10_000]).flat())).usualGapMs).toBe(10_000)
  })

  test.each([
    ['at random moments', 5, (draw: () => number) => -Math.log(1 - draw()) * 1_000],
    ['of which a third is lost', 5, (draw: () => number) => {
      let gap = 1_000
      while (draw() < 0.33) gap += 1_000
      return gap
    }],
    ['in bursts of a minute every ten minutes', 3, (draw: () => number) => (draw() < 1 / 60 ? 600_000 : 1_000)],
  ])('of readings %s leaves all of a hundred thousand gaps below %i of it', (_, intervals, gapOf) => {
    const draw = mulberry32(11)
    const pulse = heardAt(spaced(times(2_000, () => gapOf(draw))))
    let largest = 0
    for (let i = 0; i < 100_000; i++) {
      const gap = gapOf(draw)
      largest = Math.max(largest, gap / pulse.usualGapMs)
      pulse.hear(pulse.heardMs + gap, i, -Infinity)
    }
    expect(largest).toBeLessThan(intervals)
  })

  test('is not shortened by a flood of a minute', () => {
    const pulse = heardAt(spaced([...times(50, () => 10_000), ...times(6_000, () => 10)]))
    expect(pulse.usualGapMs).toBeGreaterThan(9_500)
  })

  test('grows by a single outage no further than to its double, and is as before after two hundred times that', () => {
    const pulse = heardAt(spaced([...times(50, () => 10), 5_000]))
    expect(pulse.usualGapMs).toBe(20)
    for (let i = 0; i < 200; i++) pulse.hear(pulse.heardMs + 10, i, -Infinity)
    expect(pulse.usualGapMs).toBe(10)
  })

  test('follows a device that slows down', () => {
    const pulse = heardAt(spaced([...times(50, () => 10), ...times(8, () => 1_000)]))
    expect(pulse.usualGapMs).toBe(1_000)
  })
})

test('what comes behind the watermark is heard at the watermark, what comes before the last time not at all', () => {
  const pulse = new Pulse(100, 0)
  pulse.hear(90, 1, 70)
  expect(pulse).toMatchObject({ heardMs: 100, lastOffset: 1, gaps: 0 })
  pulse.hear(95, 2, 160)
  expect(pulse).toMatchObject({ heardMs: 160, lastOffset: 2, gaps: 1, usualGapMs: 60 })
})

test.each([0, 3, neededGaps])('with %i gaps it is written and read as it is', (gaps) => {
  const pulse = heardAt(spaced(times(gaps, () => 1.5)))
  pulse.isWatched = gaps === neededGaps
  const writer = new SnapshotWriter()
  pulse.writeTo(writer)
  writer.finish()
  expect(Pulse.readFrom(new SnapshotReader(joinPieces(writer.takePieces())))).toEqual(pulse)
})
