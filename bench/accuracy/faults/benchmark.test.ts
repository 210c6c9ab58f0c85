import { expect, test } from 'vitest'
import { comparedModels, slowModels } from '../models.ts'
import { faultsBenchmark, scenariosFor } from './benchmark.ts'

const extentOf = (contender: string) => scenariosFor(contender).map(({ system, fleet }) => [system, 'count' in fleet.devices ? fleet.devices.count : 'all', fleet.durationMs! / 3_600_000])

test('slow models judge less of both systems, and the table says so', () => {
  expect(extentOf('microClusters')).toEqual([['C', 100, 2], ['D', 'all', 48]])
  expect(extentOf('always')).toEqual(extentOf('microClusters'))
  for (const name of slowModels) expect(extentOf(name)).toEqual([['C', 8, 2], ['D', 'all', 6]])
  expect(faultsBenchmark({ seeds: 1 }).notes).toContain("Slow models (randomCutForest, discord, ensemble): 8 of C's 100 sensors and 6 of D's 48 hours.")
})

test('those that are called slow are models', () => {
  for (const name of slowModels) expect(comparedModels).toContain(name)
})
