import { figure } from '../benchmark.ts'
import { faultKindsRun, type FaultCounts, type FaultRun, type RunKind } from './run-fault.ts'
import { summariseRuns, type FaultScore } from './summary.ts'

export type System = FaultRun['scenario']['system']
export type ByKind = Record<RunKind, FaultCounts[]>

/** What `cellsOf` fills. */
export const faultColumns = ['incidents', 'recall', 'precision', 'F1', 'delay p50', 'p95', 'normal flagged', 'false alarms per device-day'] as const

/** One line of a table. */
export function cellsOf(score: FaultScore): string[] {
  return [
    String(score.incidents), figure(score.recall, 3), figure(score.precision, 3), figure(score.f1, 3), seconds(score.delayMs.p50), seconds(score.delayMs.p95),
    `${(100 * score.normalFlagged).toFixed(3)} %`, figure(score.falseAlarmsPerDeviceDay, 2),
  ]
}

const seconds = (ms: number): string => (Number.isNaN(ms) ? '-' : `${(ms / 1_000).toFixed(0)} s`)

/** As it stands in the JSON. */
export const describeScore = ({ precision, recall, f1, delayMs, normalFlagged }: FaultScore) => ({ precision, recall, f1, delayMs, normalFlagged })

export function describeByKind(scores: readonly (readonly [RunKind, FaultScore])[]) {
  return Object.fromEntries(scores.map(([kind, score]) => [kind, describeScore(score)]))
}

export function describeSystem(byKind: ByKind) {
  return { ...describeByKind(faultKindsRun.map((kind) => [kind, summariseRuns(byKind[kind])])), falseAlarmsPerDeviceDay: summariseRuns(Object.values(byKind).flat()).falseAlarmsPerDeviceDay }
}
