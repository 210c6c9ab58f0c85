import { mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { Schedule } from './schedule.ts'

/** Runs a schedule for some steps; each device comes again after what `step` says. */
function run(options: { count: number; intervalMs: number; joinMs: (device: number) => number; firstMs: (device: number) => number; step: (device: number) => number; steps: number }) {
  const schedule = new Schedule({ ...options, startMs: 0 })
  const taken: [timeMs: number, device: number][] = []
  for (let i = 0; i < options.steps; i++) {
    const device = schedule.next()
    if (device === -1) break
    taken.push([schedule.timeMs, device])
    schedule.add(device, schedule.timeMs + options.step(device))
  }
  return taken
}

/** The same by sorting, for every device up to the run's last moment. */
function expected(options: Parameters<typeof run>[0], lastMs: number): [number, number][] {
  const all: [number, number][] = []
  for (let device = 0; device < options.count; device++) {
    for (let timeMs = options.firstMs(device); timeMs <= lastMs; timeMs += options.step(device)) all.push([timeMs, device])
  }
  return all.sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, options.steps)
}

function check(options: Parameters<typeof run>[0]): void {
  const taken = run(options)
  expect(taken).toHaveLength(options.steps)
  expect(taken).toEqual(expected(options, taken.at(-1)![0]))
}

describe('Schedule', () => {
  test.each([1, 2, 3, 11, 100, 1_000])('gives %i devices in the order of time, then of device', (count) => {
    const uniform = mulberry32(count)
    const first = Array.from({ length: count }, () => Math.floor(uniform() * 1_000))
    const steps = Array.from({ length: count }, () => 1 + uniform() * 1_999)
    const options = { count, intervalMs: 1_000, joinMs: () => 0, firstMs: (device: number) => first[device]!, step: (device: number) => steps[device]!, steps: count * 20 }
    check(options)
  })

  test('lets devices join later, also after a time in which there is none', () => {
    const options = { count: 5, intervalMs: 10, joinMs: (device: number) => device * 1_000, firstMs: (device: number) => device * 1_000 + 7, step: () => 10, steps: 600 }
    check(options)
    const late = { ...options, joinMs: () => 1e9, firstMs: () => 1e9 + 1, steps: 20 }
    check(late)
  })

  test('is empty without devices', () => {
    expect(new Schedule({ count: 0, startMs: 0, intervalMs: 1, joinMs: () => 0, firstMs: () => 0 }).next()).toBe(-1)
  })
})
