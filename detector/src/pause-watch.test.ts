import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchForPauses } from './pause-watch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('tells of a pause that is longer than is borne, once, and of none that is shorter', () => {
  let nowMs = 0
  const pauses: number[] = []
  const stop = watchForPauses(10_000, (pausedMs) => pauses.push(pausedMs), () => nowMs)
  const look = (afterMs: number) => {
    nowMs += afterMs
    vi.advanceTimersByTime(1_000)
  }
  look(1_000)
  look(9_000)
  look(13_000)
  look(1_000)
  expect(pauses).toEqual([12_000])
  stop()
  look(60_000)
  expect(pauses).toEqual([12_000])
})
