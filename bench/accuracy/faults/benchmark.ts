import { availableModels, type AvailableModel } from '@tidewatch/api'
import { smallExtent, systemC, systemD, wholeExtent, type Scenario } from '../../scenarios.ts'
import { figure, type Benchmark, type Result } from '../benchmark.ts'
import type { Contender, Series } from '../contender.ts'
import { resolveModel, slowModels } from '../models.ts'
import { runContender } from './replayed-models.ts'
import { faultKindsRun, runFault, type FaultCounts, type FaultRun, type RunKind } from './run-fault.ts'
import { findBrokenFloors, findMissedGoals, summariseRuns, type FaultScore } from './summary.ts'

type System = FaultRun['scenario']['system']
type ByKind = Record<RunKind, FaultCounts[]>

export interface FaultsOptions {
  /** Runs of each system and kind, with the seeds 1, 2, ... */
  seeds: number
}

/** Simulated faults on systems C and D: the same readings, windows and features for everybody, and no label in sight. */
export function faultsBenchmark({ seeds }: FaultsOptions): Benchmark {
  const captured = new Map<string, Series[]>()
  return {
    name: 'faults',
    title: `Faults: systems C and D with one kind of fault a run, at its default magnitude, ${seeds} seed${seeds === 1 ? '' : 's'}; each contender with its own boundary`,
    columns: ['system', 'fault', 'incidents', 'recall', 'precision', 'F1', 'delay p50', 'p95', 'normal flagged', 'false alarms per device-day'],
    notes: [
      'recall: of incidents. precision: of flagged windows. delay: from the first faulty reading to the end of the first flagged window. Nothing here is tuned on labels.',
      `Slow models (${slowModels.join(', ')}): ${smallExtent.devices} of C's ${wholeExtent.devices} sensors and ${smallExtent.hours} of D's ${wholeExtent.hours} hours.`,
      'must: F1 spike .97, stuck .97, noise .95, drift .85, and at most 0.1 % of normal windows flagged.',
    ],
    run: async (contender) => {
      const systems: Record<System, ByKind> = { C: emptyByKind(), D: emptyByKind() }
      for (const scenario of scenariosFor(contender.name)) {
        for (const kind of faultKindsRun) {
          for (let seed = 1; seed <= seeds; seed++) {
            const counts = await count({ scenario, kind, seed }, contender, captured)
            if (counts === undefined) return { contender: contender.name, rows: [Array.from({ length: 10 }, () => '-')], json: {}, missed: [], details: [] }
            systems[scenario.system][kind].push(counts)
          }
        }
      }
      return summarise(contender, systems)
    },
  }
}

/** Both systems, as much of them as a contender can be asked to judge. */
export function scenariosFor(contender: string): [Scenario, Scenario] {
  const extent = slowModels.includes(contender) ? smallExtent : wholeExtent
  return [systemC(extent), systemD(extent)]
}

const emptyByKind = (): ByKind => ({ spike: [], stuck: [], noise: [], drift: [] })

async function count(run: FaultRun, contender: Contender, captured: Map<string, Series[]>): Promise<FaultCounts | undefined> {
  return contender.kind === 'model' ? runFault(run, { model: resolveModel(contender.name as AvailableModel).model }) : runContender(run, contender, captured)
}

function summarise({ name, kind: contenderKind }: Contender, systems: Record<System, ByKind>): Result {
  const scores = (Object.keys(systems) as System[]).flatMap((system) => faultKindsRun.map((kind) => ({ system, kind, score: summariseRuns(systems[system][kind]) })))
  const isDefault = name === availableModels[0]
  return {
    contender: name,
    rows: scores.map(({ system, kind, score }) => cellsOf(system, kind, score)),
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

const seconds = (ms: number): string => (Number.isNaN(ms) ? '-' : `${(ms / 1_000).toFixed(0)} s`)

function cellsOf(system: System, kind: RunKind, score: FaultScore): string[] {
  return [
    system, kind, String(score.incidents), figure(score.recall, 3), figure(score.precision, 3), figure(score.f1, 3), seconds(score.delayMs.p50), seconds(score.delayMs.p95),
    `${(100 * score.normalFlagged).toFixed(3)} %`, figure(score.falseAlarmsPerDeviceDay, 2),
  ]
}

function describeByKind(scores: readonly (readonly [RunKind, FaultScore])[]) {
  return Object.fromEntries(scores.map(([kind, { precision, recall, f1, delayMs, normalFlagged }]) => [kind, { precision, recall, f1, delayMs, normalFlagged }]))
}

function describeSystem(byKind: ByKind) {
  return { ...describeByKind(faultKindsRun.map((kind) => [kind, summariseRuns(byKind[kind])])), falseAlarmsPerDeviceDay: summariseRuns(Object.values(byKind).flat()).falseAlarmsPerDeviceDay }
}
