import type { DetectorConfig, SimulatorConfig } from '@tidewatch/api'
import { createFactories } from '../detector/src/factories.ts'
import { TopologyDriver } from '@tidewatch/detector/testing'
import { createSimulation } from '@tidewatch/simulator'
import type { System } from '../bench/read-system.ts'
import type { SequenceGatherer } from './sequences.ts'

/** Enough to learn how windows scatter, few enough for a minute's work. */
const devices = 100
const durationMs = 2 * 3_600_000

/** Feeds the windows of two hours of a fleet without faults; another seed is another fleet. */
export function feedSimulated({ fleet, pipeline }: System, seed: number, gatherer: SequenceGatherer): void {
  const simulation = createSimulation({ ...fleet, devices: fewer(fleet.devices), durationMs, faults: [], seed, speed: 1e6 }, { shard: 0, nowMs: Date.UTC(2026, 0, 15) })
  const config: DetectorConfig = { ...pipeline, model: { kind: 'robustZScore', parameters: {} } }
  const driver = new TopologyDriver({ config, nowMs: simulation.startMs, models: gatherer.asModels(), thresholds: createFactories(config).thresholds })
  for (const { dueMs, key, value } of simulation) {
    driver.nowMs = dueMs
    driver.send({ key, value })
  }
}

const fewer = (given: SimulatorConfig['devices']): SimulatorConfig['devices'] => ('count' in given ? { ...given, count: Math.min(given.count, devices) } : given)
