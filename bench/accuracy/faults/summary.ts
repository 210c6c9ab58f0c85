import type { FaultCounts, RunKind } from './run-fault.ts'

/** Floors of `npm run bench:faults` for the default model: below them the command fails. */
const floor: Record<RunKind, number> = { spike: 0.9, stuck: 0.9, noise: 0.9, drift: 0.7 }
const mostNormalFlagged = 0.01
/** What every model is held to. */
export const goal: Record<RunKind, number> = { spike: 0.97, stuck: 0.97, noise: 0.95, drift: 0.85 }
export const goalNormalFlagged = 0.001

export interface FaultScore {
  incidents: number
  /** Incidents detected / incidents judged. */
  recall: number
  /** Flagged windows that lay in a fault / all flagged windows. 1 where nothing was flagged. */
  precision: number
  f1: number
  /** Event time from the first faulty reading to the end of the first flagged window; NaN when none was detected. */
  delayMs: { p50: number; p95: number }
  normalFlagged: number
  falseAlarmsPerDeviceDay: number
}

/** Several runs as one. */
export function summariseRuns(runs: readonly FaultCounts[]): FaultScore {
  const sum = (pick: (counts: FaultCounts) => number) => runs.reduce((total, run) => total + pick(run), 0)
  const flagged = sum((run) => run.faultWindowsFlagged)
  const falseAlarms = sum((run) => run.normalWindowsFlagged)
  const recall = sum((run) => run.detected) / sum((run) => run.incidents)
  const precision = flagged + falseAlarms === 0 ? 1 : flagged / (flagged + falseAlarms)
  const delays = runs.flatMap((run) => run.delaysMs).sort((a, b) => a - b)
  const quantile = (q: number) => delays[Math.min(delays.length - 1, Math.floor(q * delays.length))] ?? NaN
  return {
    incidents: sum((run) => run.incidents),
    recall,
    precision,
    f1: recall + precision === 0 ? 0 : (2 * recall * precision) / (recall + precision),
    delayMs: { p50: quantile(0.5), p95: quantile(0.95) },
    normalFlagged: falseAlarms / sum((run) => run.normalWindows),
    falseAlarmsPerDeviceDay: falseAlarms / sum((run) => run.deviceDays),
  }
}

/** Why a default model may not be shipped: empty when every floor holds. */
export function findBrokenFloors(where: string, kind: RunKind, { recall, precision, normalFlagged }: Pick<FaultScore, 'recall' | 'precision' | 'normalFlagged'>): string[] {
  return [
    ...(recall < floor[kind] ? [`${where}: recall ${recall.toFixed(3)} < ${floor[kind]}`] : []),
    ...(precision < floor[kind] ? [`${where}: precision ${precision.toFixed(3)} < ${floor[kind]}`] : []),
    ...(normalFlagged > mostNormalFlagged ? [`${where}: ${(100 * normalFlagged).toFixed(3)} % of normal windows flagged > ${100 * mostNormalFlagged} %`] : []),
  ]
}

/** What is below the goals. */
export function findMissedGoals(where: string, kind: RunKind, { f1, normalFlagged }: FaultScore): string[] {
  return [
    ...(f1 < goal[kind] ? [`${where} F1 ${f1.toFixed(3)} < ${goal[kind]}`] : []),
    ...(normalFlagged > goalNormalFlagged ? [`${where} ${(100 * normalFlagged).toFixed(3)} % of normal windows flagged > ${100 * goalNormalFlagged} %`] : []),
  ]
}
