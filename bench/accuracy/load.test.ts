import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flowsBenchmark } from './flows/benchmark.ts'
import { loadNab } from './nab/load.ts'
import { skabBenchmark } from './skab/benchmark.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidewatch-accuracy-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, ...lines: string[]): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`)
}

const rows = ['timestamp,value', '2014-04-01 00:00:00,1', '2014-04-01 00:05:00,2.5', '2014-04-01 00:10:00,3']
const labels = (windows: string[][]) => write('nab/labels/combined_windows.json', JSON.stringify({ 'real/a.csv': windows }))

describe('NAB', () => {
  test('a series has its rows, times and windows by row', () => {
    write('nab/data/real/a.csv', ...rows)
    labels([['2014-04-01 00:05:00.000000', '2014-04-01 00:10:00.000000']])
    const start = Date.UTC(2014, 3, 1)
    expect(loadNab(folder)).toEqual([
      {
        series: { name: 'real/a.csv', columns: ['value'], rows: [Float64Array.of(1), Float64Array.of(2.5), Float64Array.of(3)], timesMs: Float64Array.of(start, start + 300_000, start + 600_000), training: 0 },
        windows: [{ first: 1, last: 2 }],
      },
    ])
  })

  test('a folder without it says what should be there', () => {
    expect(() => loadNab(folder)).toThrow(`There is no ${join(folder, 'nab/data')}: the Numenta Anomaly Benchmark has <group>/<series>.csv in nab/data and combined_windows.json in nab/labels`)
  })

  test.each([
    ['no labels', () => write('nab/data/real/a.csv', ...rows), /Cannot read .*combined_windows\.json/],
    ['labels that are not JSON', () => write('nab/labels/combined_windows.json', '{'), /combined_windows\.json: this is not JSON/],
    ['a series without labels', () => write('nab/labels/combined_windows.json', '{}'), /combined_windows\.json says nothing of real\/a\.csv/],
    ['a window at no row', () => labels([['2014-04-01 00:07:00.000000', '2014-04-01 00:10:00.000000']]), /a\.csv has no row of 2014-04-01 00:07:00/],
    ['text for a number', () => write('nab/data/real/a.csv', rows[0]!, '2014-04-01 00:00:00,high'), /a\.csv, line 2: "high" in the column "value" is no number/],
    ['a row cut off', () => write('nab/data/real/a.csv', ...rows, '2014-04-01 00:15:00'), /a\.csv, line 5: 1 values where the header has 2 columns/],
    ['nothing but a header', () => write('nab/data/real/a.csv', rows[0]!), /a\.csv: no rows below the header/],
    ['another header', () => write('nab/data/real/a.csv', 'time,value', ...rows.slice(1)), /a\.csv: no column "timestamp"; there are time, value/],
  ])('%s: one sentence', (name, spoil, message) => {
    if (name !== 'no labels') {
      write('nab/data/real/a.csv', ...rows)
      labels([])
    }
    spoil()
    expect(() => loadNab(folder)).toThrow(message)
  })
})

test('SKAB and the flows say what they look for', () => {
  expect(() => skabBenchmark(folder)).toThrow(`There is no ${join(folder, 'skab/valve1')}: the Skoltech Anomaly Benchmark has its runs in skab/valve1/*.csv`)
  expect(() => flowsBenchmark(folder)).toThrow(/There is no .*flows\/ciciot2023_derived_sample\.csv: put the sample of flows there, with a column Label/)
})

test('of flows, duplicates are dropped and the first half of the benign ones is for learning', async () => {
  write('flows/ciciot2023_derived_sample.csv', 'a,b,Label', '1,1,DDoS', '1,0,Benign_Final', '1,1,DDoS', '2,0,Benign_Final', '3,0,BenignTraffic', '4,0,Benign_Final')
  const benchmark = flowsBenchmark(folder)
  expect(benchmark.title).toContain('5 after 1 duplicates are dropped; the first 2 benign ones are learned')
  const seen: string[] = []
  const contender = {
    name: 'one',
    version: '1',
    kind: 'baseline' as const,
    score: async ({ rows: given, training }: { rows: readonly Float64Array[]; training: number }) => {
      seen.push(...given.map((row) => row.join()), String(training))
      return { scores: Float64Array.of(NaN, NaN, 9, 1, 2), flags: Uint8Array.of(0, 0, 1, 0, 0) }
    },
  }
  const { json } = await benchmark.run(contender)
  expect(seen).toEqual(['1,0', '2,0', '1,1', '3,0', '4,0', '2'])
  expect(json).toEqual({ rocAuc: 1, macroF1: 1, benignFalseAlarmRate: 0, tuned: { macroF1: 1, benignFalseAlarmRate: 0 } })
})
