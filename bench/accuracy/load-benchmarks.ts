import { existsSync } from 'node:fs'
import { defineError } from '@tidewatch/kit'
import { benchmarkNames, DataFolderInvalid, type Benchmark, type BenchmarkName } from './benchmark.ts'
import { costBenchmark } from './cost/benchmark.ts'
import { falseAlarmsBenchmark } from './false-alarms/benchmark.ts'
import { faultsBenchmark } from './faults/benchmark.ts'
import { FaultRuns } from './faults/fault-runs.ts'
import { magnitudesBenchmark } from './faults/magnitudes.ts'
import { flowsBenchmark } from './flows/benchmark.ts'
import { nabBenchmark } from './nab/benchmark.ts'
import { skabBenchmark } from './skab/benchmark.ts'

/** There is no such benchmark, or no such number of seeds. The message names what there is. */
export const BenchmarkInvalid = defineError('BENCHMARK_INVALID', { retry: 'never' })

/** Those that read the data folder. */
const ofCorpora: readonly BenchmarkName[] = ['nab', 'skab', 'flows']

/**
 * Benchmarks with what they read of the data folder, in the order of `benchmarkNames`.
 *
 * @param names undefined: all.
 * @param seeds of the simulated ones.
 * @throws BenchmarkInvalid or DataFolderInvalid, before anything runs.
 */
export function loadBenchmarks(folder: string, names: readonly string[] | undefined, seeds: number): Benchmark[] {
  const unknown = names?.find((name) => !benchmarkNames.some((one) => one === name))
  if (unknown !== undefined) throw new BenchmarkInvalid(`There is no benchmark "${unknown}": name ${benchmarkNames.join(', ')}`)
  if (!Number.isInteger(seeds) || seeds < 1) throw new BenchmarkInvalid('--seeds is a whole number from 1 on')
  const chosen = benchmarkNames.filter((name) => names?.includes(name) ?? true)
  if (chosen.some((name) => ofCorpora.includes(name)) && !existsSync(folder)) {
    const others = benchmarkNames.filter((name) => !ofCorpora.includes(name)).join(', ')
    throw new DataFolderInvalid(`There is no folder ${folder}: name the one that holds nab/, skab/ and flows/ with --data, or run only what is simulated with --benchmark: ${others}`)
  }
  const runs = new FaultRuns()
  const load: Record<BenchmarkName, () => Benchmark> = {
    nab: () => nabBenchmark(folder),
    skab: () => skabBenchmark(folder),
    faults: () => faultsBenchmark({ seeds, runs }),
    magnitudes: () => magnitudesBenchmark({ seeds, runs }),
    falseAlarms: () => falseAlarmsBenchmark({ seeds }),
    flows: () => flowsBenchmark(folder),
    cost: () => costBenchmark(),
  }
  return chosen.map((name) => load[name]())
}
