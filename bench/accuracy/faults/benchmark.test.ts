import { expect, test } from 'vitest'
import { comparedModels, slowModels } from '../models.ts'
import { faultsBenchmark } from './benchmark.ts'
import { FaultRuns, scenariosFor } from './fault-runs.ts'

const extentOf = (name: string, kind: 'model' | 'baseline' | 'peer' = 'model') => scenariosFor({ name, kind }).map(({ system, fleet }) => [system, 'count' in fleet.devices ? fleet.devices.count : 'all', fleet.durationMs! / 3_600_000])

test('baselines, peers and slow models judge less of both systems, and the table says so', () => {
  expect(extentOf('microClusters')).toEqual([['C', 100, 2], ['D', 'all', 48]])
  expect(extentOf('seasonal')).toEqual(extentOf('microClusters'))
  for (const name of slowModels) expect(extentOf(name)).toEqual([['C', 8, 2], ['D', 'all', 6]])
  for (const kind of ['baseline', 'peer'] as const) expect(extentOf('another', kind)).toEqual([['C', 8, 2], ['D', 'all', 6]])
  expect(faultsBenchmark({ seeds: 1, runs: new FaultRuns() }).notes).toContain(
    "Baselines, peers and slow models (randomCutForest, discord, ensemble): 8 of C's 100 sensors and 6 of D's 48 hours. What a peer cannot judge yet is left out of its counts.",
  )
})

test('those that are called slow are models', () => {
  for (const name of slowModels) expect(comparedModels).toContain(name)
})
