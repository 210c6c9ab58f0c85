import { expect, test } from 'vitest'
import { computeFigures } from './figures.ts'
import { parseCpuMs, parseMemory } from './process-figures.ts'

test('a run is what lies between its first record and its last window', () => {
  const samples = [
    { atMs: 10_000, cpuMs: 0, rssBytes: 0, peakRssBytes: 0 },
    { atMs: 12_000, cpuMs: 1_000, rssBytes: 50_000, peakRssBytes: 50_000 },
    { atMs: 14_000, cpuMs: 3_000, rssBytes: 90_000, peakRssBytes: 95_000 },
    { atMs: 18_000, cpuMs: 5_000, rssBytes: 80_000, peakRssBytes: 100_000 },
  ]
  // 2,000 ms of CPU time at 13 s, 4,500 at 17 s.
  expect(computeFigures({ samples, beganMs: 13_000, endedMs: 17_000, readings: 8_000, windows: 400, devices: 10 })).toEqual({
    readingsPerSecond: 2_000,
    perCpuSecond: 3_200,
    windowsPerSecond: 100,
    windows: 400,
    peakRssBytes: 100_000,
    bytesPerDevice: 5_000,
    startUpSeconds: 3,
    seconds: 4,
  })
})

test('CPU time is that of user and system, whatever the process is called', () => {
  expect(parseCpuMs('4242 (node) a) (b) S 1 4242 4242 0 -1 4194560 100 0 0 0 250 50 7 7 20 0 11 0 100 0 0')).toBe(3_000)
})

test('memory is read in bytes, and missing of a process that has ended', () => {
  const status = 'Name:\tnode\nVmPeak:\t  9000 kB\nVmHWM:\t     300 kB\nVmRSS:\t     200 kB\n'
  expect(parseMemory(status)).toEqual({ rssBytes: 204_800, peakRssBytes: 307_200 })
  expect(() => parseMemory('Name:\tnode\nState:\tZ (zombie)\n')).toThrow('/proc tells no VmRSS of the process: it has ended')
})
