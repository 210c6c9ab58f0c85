import { expect, test } from 'vitest'
import { computeDueMs, computeReachedMs, countDueBefore, countReadings, countWindows, type Schedule } from './schedule.ts'

const schedule: Schedule = { startMs: 1_000_000, readingsPerSecond: 3_000, devices: 8, partitions: 4 }
const dues = Array.from({ length: 60_000 }, (_, n) => computeDueMs(schedule, n))

test('readings are spread evenly, in whole milliseconds', () => {
  expect(dues.slice(0, 7)).toEqual([1_000_000, 1_000_000, 1_000_000, 1_000_001, 1_000_001, 1_000_001, 1_000_002])
})

test('counts of a stretch are what counting comes to', () => {
  for (const ms of [999_000, 1_000_000, 1_000_001, 1_000_333, 1_001_000]) expect(countDueBefore(schedule, ms)).toBe(dues.filter((due) => due < ms).length)
  expect(countReadings(schedule, { fromMs: 1_000_100, toMs: 1_000_207 })).toBe(dues.filter((due) => due >= 1_000_100 && due < 1_000_207).length)
})

test('the reading that moves a watermark is the first of its partition that is late enough', () => {
  for (const eventMs of [1_000_001, 1_000_002, 1_004_711, 1_010_000]) {
    for (let partition = 0; partition < 4; partition++) {
      expect(computeReachedMs(schedule, partition, eventMs)).toBe(dues.find((due, n) => n % 4 === partition && due >= eventMs))
    }
  }
})

test('what was reached before the schedule belongs to no stretch', () => {
  expect(computeReachedMs(schedule, 0, 1_000_000)).toBe(-Infinity)
  expect(countWindows(schedule, { fromMs: 0, toMs: 1_000_000 }, { slideMs: 1_000, allowedLatenessMs: 0 })).toBe(0)
})

test('each device has a window for each slide whose end is reached in the stretch', () => {
  // Ends at 1,002,000 to 1,009,000; reached 500 ms later.
  expect(countWindows(schedule, { fromMs: 1_002_200, toMs: 1_010_400 }, { slideMs: 1_000, allowedLatenessMs: 500 })).toBe(8 * 8)
  // Partition 3 gets its reading of that moment 1 ms later than the others, behind the stretch.
  expect(computeReachedMs(schedule, 3, 1_010_500)).toBe(1_010_501)
  expect(countWindows(schedule, { fromMs: 1_010_000, toMs: 1_010_501 }, { slideMs: 1_000, allowedLatenessMs: 500 })).toBe(6)
})
