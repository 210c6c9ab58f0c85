import { readFileSync } from 'node:fs'
import { resolveFleet, resolvePipeline, type DetectorConfig, type SimulatorConfig } from '@tidewatch/api'
import { checkManifests, formatDiagnostic } from '@tidewatch/cli'
import { createFactories } from '../detector/src/factories.ts'
import { TopologyDriver } from '@tidewatch/detector/testing'
import { createSimulation } from '@tidewatch/simulator'
import type { SequenceGatherer } from './sequences.ts'

/** Enough to learn how windows scatter, few enough for a minute's work. */
const devices = 100
const durationMs = 2 * 3_600_000

/** What the manifests of one file send and how it is windowed. @throws Error naming what is missing. */
export function readSystem(file: string): { fleet: SimulatorConfig; pipeline: DetectorConfig } {
  const { manifests: checked, diagnostics } = checkManifests([{ file, text: readFileSync(file, 'utf8') }], 'error')
  if (diagnostics.length > 0) throw new Error(diagnostics.map((one) => formatDiagnostic(one)).join('\n'))
  const manifests = checked.map(({ manifest }) => manifest)
  const fleet = manifests.find((manifest) => manifest.kind === 'DeviceFleet')
  const pipeline = manifests.find((manifest) => manifest.kind === 'DetectionPipeline')
  if (fleet === undefined || pipeline === undefined) throw new Error(`${file} must hold a DeviceFleet and a DetectionPipeline`)
  return { fleet: resolveFleet(fleet), pipeline: resolvePipeline(pipeline) }
}

/** Feeds the windows of two hours of a fleet without faults; another seed is another fleet. */
export function feedSimulated({ fleet, pipeline }: ReturnType<typeof readSystem>, seed: number, gatherer: SequenceGatherer): void {
  const simulation = createSimulation({ ...fleet, devices: fewer(fleet.devices), durationMs, faults: [], seed, speed: 1e6 }, { shard: 0, nowMs: Date.UTC(2026, 0, 15) })
  const config: DetectorConfig = { ...pipeline, model: { kind: 'robustZScore', parameters: {} } }
  const driver = new TopologyDriver({ config, nowMs: simulation.startMs, models: gatherer.asModels(), thresholds: createFactories(config).thresholds })
  for (const { dueMs, key, value } of simulation) {
    driver.nowMs = dueMs
    driver.send({ key, value })
  }
}

const fewer = (given: SimulatorConfig['devices']): SimulatorConfig['devices'] => ('count' in given ? { ...given, count: Math.min(given.count, devices) } : given)
