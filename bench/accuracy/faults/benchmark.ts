import { availableModels } from '@tidewatch/api'
import { smallExtent, wholeExtent } from '../../scenarios.ts'
import type { Benchmark, Result } from '../benchmark.ts'
import type { Contender } from '../contender.ts'
import { slowModels } from '../models.ts'
import { cellsOf, describeByKind, describeSystem, faultColumns, type ByKind, type System } from './cells.ts'
import { scenariosFor, type FaultRuns } from './fault-runs.ts'
import { faultKindsRun } from './run-fault.ts'
import { findBrokenFloors, findMissedGoals, summariseRuns } from './summary.ts'

export interface FaultsOptions {
  /** Runs of each system and kind, with the seeds 1, 2, ... */
  seeds: number
  runs: Pick<FaultRuns, 'count'>
}

/** Simulated faults on systems C and D: the same readings, windows and features for everybody, and no label in sight. */
export function faultsBenchmark({ seeds, runs }: FaultsOptions): Benchmark {
  return {
    name: 'faults',
    title: `Faults: systems C and D with one kind of fault a run, at its default magnitude, ${seeds} seed${seeds === 1 ? '' : 's'}; each contender with its own boundary`,
    columns: ['system', 'fault', ...faultColumns],
    notes: [
      'recall: of incidents. precision: of flagged windows. delay: from the first faulty reading to the end of the first flagged window. Nothing here is tuned on labels.',
      `Baselines, peers and slow models (${slowModels.join(', ')}): ${smallExtent.devices} of C's ${wholeExtent.devices} sensors and ${smallExtent.hours} of D's ${wholeExtent.hours} hours. What a peer cannot judge yet is left out of its counts.`,
      'Peers without a boundary of their own say nothing here.',
      'must: F1 spike .97, stuck .97, noise .95, drift .85, and at most 0.1 % of normal windows flagged.',
    ],
    run: async (contender) => {
      const systems: Record<System, ByKind> = { C: emptyByKind(), D: emptyByKind() }
      for (const scenario of scenariosFor(contender)) {
        for (const kind of faultKindsRun) {
          for (let seed = 1; seed <= seeds; seed++) {
            const counts = await runs.count(contender, { scenario, kind, seed })
            if (counts === undefined) return { contender: contender.name, rows: [Array.from({ length: 2 + faultColumns.length }, () => '-')], json: {}, missed: [], details: [] }
            systems[scenario.system][kind].push(counts)
          }
        }
      }
      return summarise(contender, systems)
    },
  }
}

const emptyByKind = (): ByKind => ({ spike: [], stuck: [], noise: [], drift: [] })

function summarise({ name, kind: contenderKind }: Contender, systems: Record<System, ByKind>): Result {
  const scores = (Object.keys(systems) as System[]).flatMap((system) => faultKindsRun.map((kind) => ({ system, kind, score: summariseRuns(systems[system][kind]) })))
  const isDefault = name === availableModels[0]
  return {
    contender: name,
    rows: scores.map(({ system, kind, score }) => [system, kind, ...cellsOf(score)]),
    json: {
      ...describeByKind(faultKindsRun.map((kind) => [kind, summariseRuns([...systems.C[kind], ...systems.D[kind]])])),
      falseAlarmsPerDeviceDay: summariseRuns(Object.values(systems).flatMap((byKind) => Object.values(byKind).flat())).falseAlarmsPerDeviceDay,
      systems: Object.fromEntries((Object.keys(systems) as System[]).map((system) => [system, describeSystem(systems[system])])),
    },
    missed: contenderKind === 'model' ? scores.flatMap(({ system, kind, score }) => findMissedGoals(`${system} ${kind}`, kind, score)) : [],
    details: [],
    failures: isDefault ? scores.flatMap(({ system, kind, score }) => findBrokenFloors(`${name} on ${system}, ${kind}`, kind, score)) : [],
  }
}
