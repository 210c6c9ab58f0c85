/**
 * Precision and recall by kind of fault on systems C and D, with default parameters, over three seeds:
 *
 *     npm run bench:faults -- [--model microClusters|robustZScore]... [--seeds N] [--json FILE]
 *
 * Each run has one kind of fault, so every figure belongs to that kind. Readings go through the detector's whole path
 * but Kafka. Exits with 1 when a figure of the default model misses its floor.
 */
import { parseArgs } from 'node:util'
import { availableModels, type AvailableModel } from '@tidewatch/api'
import { checkWritable, writeJson } from '@tidewatch/cli'
import { TopologyDriver } from '@tidewatch/detector/testing'
import { createSimulation } from '@tidewatch/simulator'
import { comparedModels, resolveModel } from './accuracy/models.ts'
import { systemC, systemD, withFault, type Scenario } from './scenarios.ts'

const kinds = ['spike', 'stuck', 'noise', 'drift'] as const
type Kind = (typeof kinds)[number]

/** Default magnitudes of the manifest. */
const magnitude: Record<Kind, number> = { spike: 8, stuck: 1, noise: 5, drift: 8 }
const floor: Record<Kind, number> = { spike: 0.9, stuck: 0.9, noise: 0.9, drift: 0.7 }
const mostNormalFlagged = 0.01

/** What one run, or several together, counted. */
interface Counts {
  incidents: number
  detected: number
  unjudged: number
  faultWindows: number
  faultWindowsFlagged: number
  normalWindows: number
  normalWindowsFlagged: number
  delaysMs: number[]
}

interface Row {
  system: 'C' | 'D'
  model: AvailableModel
  fault: Kind
  incidents: number
  recall: number
  precision: number
  normalFlagged: number
  delayMs: { p50: number; p95: number }
}

const { values } = parseArgs({
  options: { model: { type: 'string', multiple: true }, seeds: { type: 'string', default: '3' }, json: { type: 'string' } },
})
if (values.json !== undefined) checkWritable(values.json)
const models = comparedModels.filter((name) => values.model?.includes(name) ?? true)
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1)

const rows: Row[] = []
console.log('system  model          fault   incidents  recall  precision  normal flagged  delay p50     p95')
for (const scenario of [systemC(), systemD()]) {
  for (const model of models) {
    for (const kind of kinds) {
      const row = summarise(scenario.system, model, kind, seeds.map((seed) => runOnce(scenario, model, kind, seed)))
      rows.push(row)
      print(row)
    }
  }
}

const missed = rows.filter((row) => row.model === availableModels[0] && !holds(row))
console.log(
  missed.length === 0
    ? `\nEvery figure of ${availableModels[0]} holds: recall and precision >= 0.9 (drift 0.7), at most 1 % of normal windows flagged, over ${seeds.length} seeds.`
    : `\nMissed by ${availableModels[0]}: ${missed.map(({ system, fault }) => `${fault} on ${system}`).join(', ')}`,
)
if (values.json !== undefined) writeJson(values.json, rows)
process.exitCode = missed.length === 0 ? 0 : 1

function runOnce(scenario: Scenario, model: AvailableModel, kind: Kind, seed: number): Counts {
  const { fleet, pipeline } = withFault(scenario, kind, seed, magnitude[kind])
  const simulation = createSimulation(fleet, { shard: 0, nowMs: Date.UTC(2026, 0, 15) })
  const driver = new TopologyDriver({ config: { ...pipeline, model: resolveModel(model).model, seed }, nowMs: simulation.startMs })
  for (const { dueMs, key, value, fault } of simulation) {
    driver.nowMs = dueMs
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
  }
}

function summarise(system: Row['system'], model: AvailableModel, fault: Kind, runs: Counts[]): Row {
  const sum = (pick: (counts: Counts) => number) => runs.reduce((total, run) => total + pick(run), 0)
  const flagged = sum((run) => run.faultWindowsFlagged)
  const falseAlarms = sum((run) => run.normalWindowsFlagged)
  const delays = runs.flatMap((run) => run.delaysMs).sort((a, b) => a - b)
  const quantile = (q: number) => delays[Math.min(delays.length - 1, Math.floor(q * delays.length))] ?? NaN
  return {
    system,
    model,
    fault,
    incidents: sum((run) => run.incidents),
    recall: sum((run) => run.detected) / sum((run) => run.incidents),
    precision: flagged / (flagged + falseAlarms),
    normalFlagged: falseAlarms / sum((run) => run.normalWindows),
    delayMs: { p50: quantile(0.5), p95: quantile(0.95) },
  }
}

function holds({ fault, recall, precision, normalFlagged }: Row): boolean {
  return recall >= floor[fault] && precision >= floor[fault] && normalFlagged <= mostNormalFlagged
}

function print({ system, model, fault, incidents, recall, precision, normalFlagged, delayMs }: Row): void {
  console.log(
    [
      system.padEnd(6),
      model.padEnd(13),
      fault.padEnd(6),
      String(incidents).padStart(9),
      recall.toFixed(3).padStart(6),
      precision.toFixed(3).padStart(9),
      `${(100 * normalFlagged).toFixed(3)} %`.padStart(14),
      `${(delayMs.p50 / 1_000).toFixed(0)} s`.padStart(9),
      `${(delayMs.p95 / 1_000).toFixed(0)} s`.padStart(6),
    ].join('  '),
  )
}
