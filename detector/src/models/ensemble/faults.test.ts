import { describe, expect, test } from 'vitest'
import { ensemble } from '../ensemble.ts'
import { halfSpaceTrees } from '../half-space-trees.ts'
import { microClusters } from '../micro-clusters.ts'
import { featuresOf, judge, makeSeries, systemC, systemD } from '../testing/synthetic-faults.ts'
import type { FaultKind, System } from '../testing/synthetic-faults.ts'

function* seriesOf(system: System, kind: FaultKind) {
  for (let key = 0; key < 5; key++) yield makeSeries(system, kind, 7000 + key)
}

// A small part of testing/measure-faults.ts, to guard the defaults of what learns its own tail.
describe.each([systemC, systemD])('on system $name', (system) => {
  describe.each([halfSpaceTrees(), ensemble([microClusters(), halfSpaceTrees()])])('$kind', (model) => {
    test.each(['spike', 'single', 'stuck', 'noise'] as const)('finds %s, again and again', (kind) => {
      const tally = judge(model, featuresOf(system), seriesOf(system, kind))
      expect(tally.detected / tally.incidents).toBeGreaterThanOrEqual(0.9)
      expect(tally.flaggedFaulty / (tally.flaggedFaulty + tally.flaggedNormal)).toBeGreaterThanOrEqual(0.85)
    })

    test('flags few normal windows', () => {
      const tally = judge(model, featuresOf(system), seriesOf(system, 'none'))
      expect(tally.flaggedNormal / tally.normalWindows).toBeLessThan(0.002)
    })
  })

  test('half-space trees find most drifts', () => {
    const tally = judge(halfSpaceTrees(), featuresOf(system), seriesOf(system, 'drift'))
    expect(tally.detected / tally.incidents).toBeGreaterThanOrEqual(0.8)
  })
})
