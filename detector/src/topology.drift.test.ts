import type { DetectorConfig } from '@tidewatch/api'
import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { aConfig, TopologyDriver } from './testing/index.ts'

const startMs = Date.UTC(2026, 0, 1)
const drift = { delta: 0.002 }
const models: [string, DetectorConfig['model']][] = [
  ['robustZScore', { kind: 'robustZScore', parameters: { warmUp: 10 } }],
  ['microClusters', { kind: 'microClusters', parameters: { warmUp: 10 } }],
]

const aDriver = (given: Partial<DetectorConfig> = {}) =>
  new TopologyDriver({
    config: aConfig({ model: models[0]![1], warmUp: 10, window: { kind: 'none' }, outputs: { anomalies: 'anomalies', scores: 'scores', deadLetters: 'dead-letters' }, drift, ...given }),
    nowMs: startMs,
    keepsHistory: true,
  })

/** Sends readings around 20, moved by what is said of each. */
function send(driver: TopologyDriver, from: number, to: number, offsetOf: (i: number) => number): void {
  for (let i = from; i < to; i++) {
    driver.nowMs = startMs + i * 1_000
    driver.send({ value: { sensor_id: 'd', timestamp: new Date(driver.nowMs).toISOString(), metric: 't', value: 20 + gaussian(mulberry32(i + 1)) + offsetOf(i) } })
  }
}

const moved = (i: number): number => (i < 300 ? 0 : 30)
const generationsIn = ({ verdicts }: TopologyDriver) => verdicts.map(({ verdict }) => verdict.model.generation)
const toldIn = ({ verdicts }: TopologyDriver) => verdicts.filter(({ verdict }) => verdict.is_anomaly).length

describe.each(models)('%s', (_, model) => {
  test('where values have changed for good a new model takes the place of the old one, and the old one judges until then', () => {
    const driver = aDriver({ model })
    send(driver, 0, 700, moved)
    const generations = generationsIn(driver)
    const replacedAt = generations.indexOf(2)
    expect(new Set(generations)).toEqual(new Set([1, 2]))
    // Ten readings warm up; then a look every 32 scores, ten to learn and thirty on trial.
    expect(replacedAt + 10).toBeGreaterThan(300 + 40)
    expect(replacedAt + 10).toBeLessThan(300 + 2 * 32 + 10 + 30 + 2)
    expect(generations.slice(replacedAt).every((generation) => generation === 2)).toBe(true)
    expect({ drifts: driver.tallies.drifts, replaced: driver.tallies.modelsReplaced }).toEqual({ drifts: 1, replaced: 1 })
    expect(driver.verdicts.slice(replacedAt).filter(({ verdict }) => verdict.is_anomaly).length).toBeLessThan(8)
  })

  test('where they stay as they are, nothing is replaced', () => {
    const driver = aDriver({ model })
    send(driver, 0, 2_000, () => 0)
    expect(driver.tallies.modelsReplaced).toBe(0)
  })

  test('a fault that is over before the trial is leaves the old model in its place', () => {
    const driver = aDriver({ model })
    send(driver, 0, 700, (i) => (i >= 300 && i < 345 ? 30 : 0))
    expect({ found: driver.tallies.drifts > 0, replaced: driver.tallies.modelsReplaced }).toEqual({ found: true, replaced: 0 })
  })
})

test('without being asked for, drifts are not watched for', () => {
  const model = models[1]![1]
  const driver = new TopologyDriver({ config: aConfig({ model, warmUp: 10, window: { kind: 'none' } }), nowMs: startMs })
  send(driver, 0, 700, moved)
  expect({ drifts: driver.tallies.drifts, replaced: driver.tallies.modelsReplaced }).toEqual({ drifts: 0, replaced: 0 })
  // So the old model finds the new normal strange for longer.
  const watching = aDriver({ model })
  send(watching, 0, 700, moved)
  expect(toldIn(driver)).toBeGreaterThan(2 * toldIn(watching))
})

test('restored before, in and after a drift it goes on to the bit', () => {
  const whole = aDriver()
  const snapshots: [number, Uint8Array][] = []
  for (let i = 0; i < 460; i += 10) {
    snapshots.push([i, whole.topology.snapshot()])
    send(whole, i, i + 10, moved)
  }
  const last = whole.topology.snapshot()
  expect(whole.tallies.modelsReplaced).toBe(1)
  for (const [from, snapshot] of snapshots) {
    const second = aDriver()
    second.topology.restore(snapshot)
    second.continueAt(from)
    send(second, from, 460, moved)
    expect(second.verdicts).toEqual(whole.verdicts.slice(whole.verdicts.length - second.verdicts.length))
    expect(Buffer.compare(second.topology.snapshot(), last)).toBe(0)
  }
})

test('a snapshot outlives that drifts are watched for no more, in the middle of one, and the other way round', () => {
  const watching = aDriver()
  send(watching, 0, 350, moved)
  expect(watching.tallies.drifts).toBe(1)
  const without = new TopologyDriver({ config: aConfig({ model: models[0]![1], warmUp: 10, window: { kind: 'none' } }), nowMs: startMs })
  without.topology.restore(watching.topology.snapshot())
  without.continueAt(350)
  send(without, 350, 400, moved)
  expect(without.verdicts.length).toBeGreaterThan(10)
  expect(without.verdicts.every(({ verdict }) => verdict.model.generation === 1)).toBe(true)
  const again = aDriver()
  again.topology.restore(without.topology.snapshot())
  again.continueAt(400)
  send(again, 400, 600, moved)
  expect(again.verdicts).toHaveLength(200)
})
