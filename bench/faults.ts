/**
 * Precision and recall by kind of fault on systems C and D, with default parameters, over three seeds:
 *
 *     npm run bench:faults -- [--model NAME]... [--seeds N] [--json FILE]
 *
 * Each run has one kind of fault, so every figure belongs to that kind. Readings go through the detector's whole path
 * but Kafka; slow models are given fewer devices and hours. Default: two models that take a minute each. Exits with 1
 * when a figure of the default model misses its floor.
 */
import { parseArgs } from 'node:util'
import { availableModels, type AvailableModel } from '@tidewatch/api'
import { checkWritable, writeJson } from '@tidewatch/cli'
import { scenariosFor } from './accuracy/faults/fault-runs.ts'
import { faultKindsRun, runFault, type RunKind } from './accuracy/faults/run-fault.ts'
import { findBrokenFloors, summariseRuns, type FaultScore } from './accuracy/faults/summary.ts'
import { comparedModels, resolveModel } from './accuracy/models.ts'
import type { Scenario } from './scenarios.ts'

interface Row extends Pick<FaultScore, 'incidents' | 'recall' | 'precision' | 'normalFlagged' | 'delayMs'> {
  system: Scenario['system']
  model: AvailableModel
  fault: RunKind
}

const { values } = parseArgs({
  options: { model: { type: 'string', multiple: true, default: ['microClusters', 'robustZScore'] }, seeds: { type: 'string', default: '3' }, json: { type: 'string' } },
})
if (values.json !== undefined) checkWritable(values.json)
const unknown = values.model.find((asked) => !comparedModels.some((name) => name === asked))
if (unknown !== undefined) throw new TypeError(`There is no model ${unknown} to compare: name ${comparedModels.join(', ')}`)
const models = comparedModels.filter((name) => values.model.includes(name))
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1)

const rows: Row[] = []
console.log('system  model          fault   incidents  recall  precision  normal flagged  delay p50     p95')
for (const model of models) {
  for (const scenario of scenariosFor({ name: model, kind: 'model' })) {
    const judges = { model: resolveModel(model).model }
    for (const fault of faultKindsRun) {
      const { incidents, recall, precision, normalFlagged, delayMs } = summariseRuns(seeds.map((seed) => runFault({ scenario, kind: fault, seed }, judges)))
      const row = { system: scenario.system, model, fault, incidents, recall, precision, normalFlagged, delayMs }
      rows.push(row)
      print(row)
    }
  }
}

const missed = rows.filter((row) => row.model === availableModels[0] && findBrokenFloors(row.model, row.fault, row).length > 0)
console.log(
  missed.length === 0
    ? `\nEvery figure of ${availableModels[0]} holds: recall and precision >= 0.9 (drift 0.7), at most 1 % of normal windows flagged, over ${seeds.length} seeds.`
    : `\nMissed by ${availableModels[0]}: ${missed.map(({ system, fault }) => `${fault} on ${system}`).join(', ')}`,
)
if (values.json !== undefined) writeJson(values.json, rows)
process.exitCode = missed.length === 0 ? 0 : 1

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
