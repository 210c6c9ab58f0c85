import { expect, test } from 'vitest'
import { planRun } from './plan.ts'

const shape = { devices: 100, intervalMs: 1_000, sizeMs: 60_000, slideMs: 10_000, latenessMs: 2_000 }
const nowMs = Date.parse('2026-03-04T05:06:07.089Z')

test('readings are rounded up to whole slides, and the last windows end where the readings do', () => {
  expect(planRun({ ...shape, readings: 9_001 }, nowMs)).toEqual({
    ...shape,
    readings: 10_000,
    durationMs: 100_000,
    startMs: Date.parse('2026-03-04T04:00:00Z'),
    firstWindowMs: Date.parse('2026-03-04T04:00:20Z'),
    lastEndMs: Date.parse('2026-03-04T04:01:40Z'),
    sentinelMs: Date.parse('2026-03-04T04:01:47Z'),
  })
})

test('the sentinel closes the last window and none behind it', () => {
  const { sentinelMs, latenessMs, lastEndMs, slideMs } = planRun({ ...shape, readings: 50_000 }, nowMs)
  const watermarkMs = sentinelMs - latenessMs
  expect(watermarkMs).toBeGreaterThan(lastEndMs)
  expect(watermarkMs).toBeLessThan(lastEndMs + slideMs)
})

test('one window of each device is the least', () => {
  const { firstWindowMs, sizeMs, lastEndMs } = planRun({ ...shape, readings: 8_000 }, nowMs)
  expect(firstWindowMs + sizeMs).toBe(lastEndMs)
  expect(() => planRun({ ...shape, readings: 7_000 }, nowMs)).toThrow('7000 readings of 100 devices last 70 s, and the first window is judged after 80 s: ask for 8000 readings or more')
})
