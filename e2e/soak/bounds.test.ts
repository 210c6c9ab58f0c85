import { expect, test } from 'vitest'
import { checkBounds, computeWarmUpMs } from './bounds.ts'
import { formatFindings, formatSample, sampleHead } from './report.ts'
import type { Sample } from './sample.ts'

/** Samples each ten seconds; `grow` says by how much a thing rises from one to the next. */
function samples(grow: Partial<Sample>): Sample[] {
  const first: Sample = { atMs: 0, heapMib: 25, bufferMib: 7, residentMib: 160, sockets: 14, timers: 8, resources: 20, records: 0, windowsJudged: 0, lag: 0, stateMib: 1 }
  return Array.from({ length: 12 }, (_, i) => {
    const sample = { ...first, atMs: i * 10_000 }
    for (const [name, step] of Object.entries(grow)) sample[name as keyof Sample] += i * step
    return sample
  })
}

test.each<[string, Partial<Sample>, number, string[]]>([
  ['nothing grows', {}, 12, []],
  ['memory that nobody counts may grow', { residentMib: 5, stateMib: 1 }, 20, []],
  ['the heap grows', { heapMib: 0.2 }, 12, ['heap growth (objects and buffers)']],
  ['buffers grow', { bufferMib: 0.2 }, 12, ['heap growth (objects and buffers)']],
  ['sockets leak', { sockets: 1, resources: 1 }, 12, ['sockets, rise', 'all that keeps the loop alive, rise']],
  ['timers leak', { timers: 0.5 }, 12, ['timers, rise']],
  ['an idle detector polls', {}, 20.1, ['idle wake-ups']],
])('%s: %j, %d wake-ups/s', (_, grow, wakeUps, broken) => {
  const findings = checkBounds(samples(grow), wakeUps)
  expect(findings.filter(({ isKept }) => !isKept).map(({ what }) => what)).toEqual(broken)
})

test('the table says which bound was broken, by how much', () => {
  const table = formatFindings(checkBounds(samples({ heapMib: 0.5 }), 12.34))
  expect(table.split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
    'heap growth (objects and buffers) 3.00 MiB/min at most 1 BROKEN',
    'sockets, rise 0.00 open at most 2 kept',
    'timers, rise 0.00 armed at most 2 kept',
    'all that keeps the loop alive, rise 0.00 handles at most 2 kept',
    'idle wake-ups 12.34 1/s at most 20 kept',
    '1 of 5 bounds broken',
  ])
})

test('a sample stands below the names of its columns', () => {
  expect(formatSample(samples({})[0]!)).toHaveLength(sampleHead.length)
})

test.each([
  [600_000, 150_000],
  [30_000, 10_000],
])('of a soak of %d ms the first %d ms are warm-up', (soakMs, warmUpMs) => {
  expect(computeWarmUpMs(soakMs)).toBe(warmUpMs)
})
