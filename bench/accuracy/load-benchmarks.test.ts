import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DataFolderInvalid } from './benchmark.ts'
import { BenchmarkInvalid, loadBenchmarks } from './load-benchmarks.ts'

const nowhere = join(tmpdir(), 'tidewatch-there-is-no-such-folder')

test('a data folder that is not there is told, with what can be run without it', () => {
  expect(() => loadBenchmarks(nowhere, undefined, 3)).toThrow(
    new DataFolderInvalid(
      `There is no folder ${nowhere}: name the one that holds nab/, skab/ and flows/ with --data, or run only what is simulated with --benchmark: faults, magnitudes, falseAlarms, cost`,
    ),
  )
  expect(() => loadBenchmarks(nowhere, ['cost', 'flows'], 3)).toThrow(DataFolderInvalid)
})

test('what is simulated needs no folder, and comes in the order of the tables', () => {
  expect(loadBenchmarks(nowhere, ['cost', 'faults', 'falseAlarms', 'magnitudes'], 1).map(({ name }) => name)).toEqual(['faults', 'magnitudes', 'falseAlarms', 'cost'])
})

test('a folder with something else is told', () => {
  expect(() => loadBenchmarks(tmpdir(), ['skab'], 3)).toThrow(`There is no ${join(tmpdir(), 'skab/valve1')}: the Skoltech Anomaly Benchmark has its runs in skab/valve1/*.csv`)
})

test('a benchmark that is not known is refused with those that are', () => {
  expect(() => loadBenchmarks(nowhere, ['cost', 'nob'], 3)).toThrow(new BenchmarkInvalid('There is no benchmark "nob": name nab, skab, faults, magnitudes, falseAlarms, flows, cost'))
})

test.each([0, -1, 1.5, NaN])('%d seeds are refused', (seeds) => {
  expect(() => loadBenchmarks(nowhere, ['cost'], seeds)).toThrow('--seeds is a whole number from 1 on')
})
