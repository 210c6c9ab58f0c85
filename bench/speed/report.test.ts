import { expect, test } from 'vitest'
import { computeRatios } from './ratios.ts'
import { renderReport } from './report.ts'
import { describeResults, type Results } from './results.ts'
import type { RunFigures } from './figures.ts'

const figures = (readingsPerSecond: number): RunFigures => ({
  readingsPerSecond, perCpuSecond: readingsPerSecond / 2, windowsPerSecond: 12.4, windows: 500, peakRssBytes: 3 * 2 ** 20, bytesPerDevice: 2_048, startUpSeconds: 1.25, seconds: 4,
})
const flink = { name: 'flink', guarantee: 'AtLeastOnce', workers: 1 } as const
const tidewatch = { name: 'tidewatch', guarantee: 'AtLeastOnce', workers: 1 } as const
const bareLoop = { name: 'bare-loop', guarantee: 'None', workers: 1 } as const

const results: Results = {
  command: 'npm run bench:speed -- --rounds 2',
  machine: '2 cores of a processor',
  versions: { node: '24.0.0', flink: '2.0.1' },
  rounds: 2,
  readings: 20_000,
  devices: 100,
  entrants: [
    { entrant: tidewatch, compression: 'lz4', runs: [figures(3_000), figures(5_000)] },
    { entrant: flink, compression: 'lz4', runs: [figures(1_000), figures(1_000)] },
    { entrant: bareLoop, compression: 'lz4', runs: [figures(10_000), figures(10_000)] },
  ],
  ratios: [{
    compression: 'lz4',
    byName: computeRatios([3_000, 5_000].map((ours) => new Map([['tidewatch/AtLeastOnce/1', ours], ['flink/AtLeastOnce/1', 1_000], ['bare-loop/None/1', 10_000]]))),
  }],
  absent: [{ name: 'river', reason: 'Python is not there' }],
}

test('the report has a row for each contender and ratio, and marks what is below what it must be', () => {
  expect(renderReport(results).split('\n')).toEqual([
    'npm run bench:speed -- --rounds 2',
    '2 cores of a processor',
    'node 24.0.0, flink 2.0.1',
    '20,000 readings of 100 devices, 2 rounds; figures are medians over the rounds',
    '',
    'contender  guarantee    workers  topic  readings/s        min..max  a worker  a CPU second  windows/s  peak MiB  bytes/device  start s',
    'tidewatch  AtLeastOnce  1        lz4         4,000    3,000..5,000     4,000         2,000         12         3         2,048      1.3',
    'flink      AtLeastOnce  1        lz4         1,000    1,000..1,000     1,000           500         12         3         2,048      1.3',
    'bare-loop  -            1        lz4        10,000  10,000..10,000    10,000         5,000         12         3         2,048      1.3',
    '',
    'tidewatch compared with  topic  median    min..max  must   aim',
    'flink                    lz4      4.00  3.00..5.00',
    'bare-loop                lz4      0.40  0.30..0.50   0.5  0.75  *',
    '* below what it must be',
    'river did not take part: Python is not there',
  ])
})

test('the file has the members that whoever compares runs reads', () => {
  const json = JSON.parse(JSON.stringify(describeResults(results))) as { contenders: object[] }
  expect(json.contenders[0]).toEqual({
    name: 'tidewatch', guarantee: 'AtLeastOnce', workers: 1, compression: 'lz4',
    readingsPerSecond: 4_000, perCpuSecond: 2_000, peakRssBytes: 3 * 2 ** 20, windows: 500, windowsPerSecond: 12.4, bytesPerDevice: 2_048, startUpSeconds: 1.25,
    readingsPerSecondByRound: [3_000, 5_000],
  })
  expect({ ...json, contenders: json.contenders.length }).toEqual({
    command: 'npm run bench:speed -- --rounds 2', machine: '2 cores of a processor', versions: { node: '24.0.0', flink: '2.0.1' }, rounds: 2, readings: 20_000, devices: 100, contenders: 3,
    ratios: { 'flink, lz4': { min: 3, median: 4, max: 5 }, 'bare-loop, lz4': { min: 0.3, median: 0.4, max: 0.5 } },
  })
})
