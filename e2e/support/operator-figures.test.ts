import { expect, test } from 'vitest'
import { buildFigures } from './operator-figures.ts'

test('memory in MB, CPU in thousandths of a core, and what a burst costs', () => {
  const page = buildFigures({ count: 200, atRest: { residentMb: 99.6, milliCores: 4.2 }, withAll: { residentMb: 180, milliCores: 31.8 }, burst: { seconds: 61.4, cpuSeconds: 20.25 } })
  expect(page).toContain('| at rest | 100 MB | 4 m |\n| with 200 pipelines, nothing changing | 180 MB | 32 m |')
  expect(page).toContain('To reconcile 200 pipelines that are applied at once, each with four topics in Kafka, takes 61 s and 20.3 s of CPU.')
})
