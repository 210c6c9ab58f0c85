import { describe, expect, test } from 'vitest'
import { Watermark } from './watermark.ts'

const options = { allowedLatenessMs: 5, idleTimeoutMs: 30, maxClockSkewMs: 100 }

describe('the watermark', () => {
  test('follows the latest event time and never goes back', () => {
    const watermark = new Watermark(options)
    expect(watermark.ms).toBe(-Infinity)
    expect([100, 104, 103, 110, 90].map((ms) => [watermark.observe(ms), watermark.ms])).toEqual([[true, 95], [true, 99], [false, 99], [true, 105], [false, 105]])
  })

  test('stands still while a partition is silent for less than the timeout', () => {
    const watermark = new Watermark(options)
    watermark.observe(100)
    expect(watermark.observeSilence(1_000, 1_029)).toBe(false)
    expect(watermark.ms).toBe(95)
  })

  test('moves on with the clock after the timeout, as far as time has passed since the last record', () => {
    const watermark = new Watermark(options)
    watermark.observe(100)
    expect(watermark.observeSilence(1_000, 1_040)).toBe(true)
    expect(watermark.ms).toBe(135)
    watermark.observeSilence(1_000, 1_050)
    expect(watermark.ms).toBe(145)
    // A reading of now comes in time all the same: event time has passed as fast as the clock.
    expect(watermark.observe(151)).toBe(true)
    expect(watermark.ms).toBe(146)
  })

  test('does not run away from the clock by more than the skew', () => {
    const watermark = new Watermark(options)
    watermark.observe(1_050)
    watermark.observeSilence(1_000, 1_100)
    expect(watermark.ms).toBe(1_145)
    watermark.observeSilence(1_000, 1_200)
    expect(watermark.ms).toBe(1_245)
    const fast = new Watermark({ ...options, maxClockSkewMs: 10 })
    fast.observe(1_050)
    fast.observeSilence(1_000, 1_100)
    expect(fast.ms).toBe(1_110)
  })

  test('has nowhere to go without a first reading', () => {
    const watermark = new Watermark(options)
    expect(watermark.observeSilence(0, 1e9)).toBe(false)
    expect(watermark.ms).toBe(-Infinity)
  })
})
