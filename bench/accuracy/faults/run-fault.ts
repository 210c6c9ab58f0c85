import type { DetectorConfig, FaultKind } from '@tidewatch/api'
import { TopologyDriver, type TopologyDriverOptions } from '@tidewatch/detector/testing'
import { createSimulation } from '@tidewatch/simulator'
import { withFault, type Scenario } from '../../scenarios.ts'

export const faultKindsRun = ['spike', 'stuck', 'noise', 'drift'] as const satisfies readonly FaultKind[]
export type RunKind = (typeof faultKindsRun)[number]

/** Default magnitudes of the manifest; a reading that is stuck has none. */
export const magnitude: Record<RunKind, number> = { spike: 8, stuck: 1, noise: 5, drift: 8 }

/** What one run, or several together, counted. */
export interface FaultCounts {
  incidents: number
  detected: number
  unjudged: number
  faultWindows: number
  faultWindowsFlagged: number
  normalWindows: number
  normalWindowsFlagged: number
  delaysMs: number[]
  /** Devices times event time, for false alarms per day. */
  deviceDays: number
}

/** One kind of fault on one system with one seed. */
export interface FaultRun {
  scenario: Scenario
  kind: RunKind
  seed: number
  /** Times the default magnitude; default: 1. */
  factor?: number
}

/** What tells a run from the others, of a scenario of one extent. */
export const nameOfRun = ({ scenario, kind, seed, factor = 1 }: FaultRun): string => `${scenario.system} ${kind} ${seed}${factor === 1 ? '' : ` x${factor}`}`

/** Who judges: a model as a manifest configures it, or models and a threshold of somebody else. */
export type Judges = Pick<DetectorConfig, 'model'> | Required<Pick<TopologyDriverOptions, 'models' | 'thresholds'>>

/** Sends the readings of a simulated fleet through the detector's whole path but Kafka, and counts against the labels. */
export function runFault({ scenario, kind, seed, factor = 1 }: FaultRun, judges: Judges): FaultCounts {
  const { fleet, pipeline } = withFault(scenario, kind, seed, factor * magnitude[kind])
  const simulation = createSimulation(fleet, { shard: 0, nowMs: Date.UTC(2026, 0, 15) })
  const config = { ...pipeline, seed, ...('model' in judges && judges) }
  const driver = new TopologyDriver({ config, nowMs: simulation.startMs, ...(!('model' in judges) && judges) })
  const devices = new Set<string>()
  for (const { dueMs, key, value, fault } of simulation) {
    driver.nowMs = dueMs
    devices.add(String(key))
    driver.send(fault === undefined ? { key, value } : { key, value, fault })
  }
  // The last windows close with the clock.
  driver.advance(scenario.pipeline.idleTimeoutMs + 2 * 60_000)

  const { accuracy } = driver.tallies
  const tally = accuracy.tallyOf(accuracy.labels.numberOf(kind))
  return {
    incidents: tally.incidents,
    detected: tally.detected,
    unjudged: tally.unjudged,
    faultWindows: tally.judged,
    faultWindowsFlagged: tally.flagged,
    normalWindows: accuracy.normalJudged,
    normalWindowsFlagged: accuracy.normalFlagged,
    delaysMs: driver.detectionDelaysMs.get(kind) ?? [],
    deviceDays: (devices.size * (driver.nowMs - simulation.startMs)) / 86_400_000,
  }
}
