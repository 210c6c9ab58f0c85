import { expect, test } from 'vitest'
import { baselineContender } from '../baselines.ts'
import type { Contender } from '../contender.ts'
import { modelContender } from '../models.ts'
import type { FaultRuns } from './fault-runs.ts'
import { magnitudesBenchmark } from './magnitudes.ts'
import type { FaultCounts, FaultRun } from './run-fault.ts'

const counts: FaultCounts = { incidents: 4, detected: 2, unjudged: 0, faultWindows: 10, faultWindowsFlagged: 5, normalWindows: 100, normalWindowsFlagged: 0, delaysMs: [2_000], deviceDays: 1 }

/** Counts that tell nothing but that they were asked for. */
function askedRuns(answer: FaultCounts | undefined) {
  const asked: string[] = []
  const count = async (_: Contender, { scenario, kind, seed, factor }: FaultRun) => {
    asked.push(`${scenario.system} ${kind} ${seed} x${factor}`)
    return answer
  }
  return { asked, runs: { count } as Pick<FaultRuns, 'count'> }
}

test('faults that have a magnitude are run at half of it, at it and at twice as much', async () => {
  const { asked, runs } = askedRuns(counts)
  const { rows, json } = await magnitudesBenchmark({ seeds: 2, runs }).run(modelContender('microClusters'))
  expect(asked.slice(0, 6)).toEqual(['C spike 1 x0.5', 'C spike 2 x0.5', 'C spike 1 x1', 'C spike 2 x1', 'C spike 1 x2', 'C spike 2 x2'])
  expect(asked).toHaveLength(2 * 3 * 3 * 2)
  expect(rows.map((cells) => cells.slice(0, 3).join(' '))).toEqual([
    ...['C', 'D'].flatMap((system) => ['spike 4 sd', 'spike 8 sd', 'spike 16 sd', 'noise 2.5 x noise', 'noise 5 x noise', 'noise 10 x noise', 'drift 4 sd', 'drift 8 sd', 'drift 16 sd'].map((cells) => `${system} ${cells}`)),
  ])
  expect(rows[0]!.slice(3)).toEqual(['8', '0.500', '1.000', '0.667', '2 s', '2 s', '0.000 %', '0.00'])
  expect(json).toHaveProperty(['systems', 'D', 'drift', '0.5', 'recall'], 0.5)
})

test('who has no boundary has a line of dashes', async () => {
  const { asked, runs } = askedRuns(undefined)
  expect(await magnitudesBenchmark({ seeds: 3, runs }).run(baselineContender('always'))).toEqual({ contender: 'always', rows: [Array.from({ length: 11 }, () => '-')], json: {}, missed: [], details: [] })
  expect(asked).toHaveLength(1)
})

test('only the default model takes part, and whoever is named', () => {
  const benchmark = magnitudesBenchmark({ seeds: 1, runs: askedRuns(counts).runs })
  expect([benchmark.takes!(modelContender('microClusters'), false), benchmark.takes!(modelContender('seasonal'), false), benchmark.takes!(modelContender('seasonal'), true)]).toEqual([true, false, true])
})
