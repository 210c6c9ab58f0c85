import { describe, expect, test } from 'vitest'
import { FleetInvalid } from './errors.ts'
import { planTimeline } from './timeline.ts'

const nowMs = Date.UTC(2026, 6, 1, 12, 0, 30, 500)
const plan = (changes: Partial<Parameters<typeof planTimeline>[0]>, recordsPerMs = 1) =>
  planTimeline({ speed: 1, durationMs: undefined, messages: undefined, rampMs: 0, intervalMs: 1_000, ...changes }, nowMs, recordsPerMs)

describe('planTimeline', () => {
  test('at speed 1, event time is the moment of sending', () => {
    const timeline = plan({})
    expect(timeline.startMs).toBe(nowMs)
    expect(timeline.endMs).toBeUndefined()
    expect(timeline.wallTimeOf(nowMs + 1_234)).toBe(nowMs + 1_234)
  })

  test('below speed 1, event time begins at now and falls behind', () => {
    const timeline = plan({ speed: 0.5, durationMs: 60_000 })
    expect(timeline.startMs).toBe(nowMs)
    expect(timeline.wallTimeOf(nowMs + 10_000)).toBe(nowMs + 20_000)
  })

  test('a day in a minute begins at a whole minute and ends less than a minute before the clock', () => {
    const dayMs = 86_400_000
    const timeline = plan({ speed: 1_440, durationMs: dayMs })
    expect(new Date(timeline.startMs).toISOString()).toBe('2026-06-30T12:01:00.000Z')
    expect(timeline.endMs).toBe(timeline.startMs + dayMs)
    const wallEndMs = timeline.wallTimeOf(timeline.startMs + dayMs)
    expect(wallEndMs).toBe(nowMs + 60_000)
    expect(wallEndMs - timeline.endMs!).toBe(30_500)
  })

  test.each([1.5, 10, 1_440, 1e6])('at speed %d nothing is sent before its event time', (speed) => {
    const { startMs, endMs, wallTimeOf } = plan({ speed, durationMs: 7_200_000 })
    expect(startMs % 60_000).toBe(0)
    for (let dueMs = startMs; dueMs <= endMs! + 600_000; dueMs += 60_000) expect(wallTimeOf(dueMs)).toBeGreaterThanOrEqual(dueMs)
  })

  test('with messages, the length is estimated from the rate', () => {
    const { startMs, endMs } = plan({ speed: 1e6, messages: 3_600_000 }, 1)
    expect(endMs).toBeUndefined()
    expect(nowMs - startMs).toBeGreaterThanOrEqual(3_600_000)
    expect(nowMs - startMs).toBeLessThan(3_600_000 + 62_000)
  })

  test('refuses a run faster than the clock without an end', () => {
    expect(() => plan({ speed: 2 })).toThrow(new FleetInvalid('A fleet faster than the clock must end: set duration or messages'))
  })
})
