import { faultKinds } from '../fleet/faults.ts'
import { detectorMetrics as names } from './names.ts'
import { computeQuantile, type Totals } from './totals.ts'

/** How the verdicts compare with the faults of one kind. */
export interface FaultAccuracy {
  /** Incidents: consecutive windows of one device (or metric) with this fault in them. */
  injected: number
  /** Those of which no window could be judged yet, because the model was warming up. */
  unjudged: number
  detected: number
  /** Share of the flagged windows of devices with this fault that lay in it; null without any. */
  precision: number | null
  /** Share of the judged incidents in which a window was flagged; null without any. */
  recall: number | null
  /** From the first faulty reading to the end of the first flagged window, in event time. */
  delayMs: { p50: number | null; p95: number | null }
}

export interface Accuracy {
  /** Share of the flagged windows that lay in a fault; null without ground truth or without a flagged window. */
  precision: number | null
  /** Share of the judged incidents that were found; null without any. */
  recall: number | null
  incidents: number
  detected: number
  /** Share of normal windows that were flagged. */
  falseAlarmRate: number | null
  byFault: Record<string, FaultAccuracy>
}

/** The label of what lies outside every fault. */
const noFault = 'none'

/** Holds the verdicts against the ground truth; undefined where none has flowed. */
export function computeAccuracy(totals: Totals): Accuracy | undefined {
  const incidents = totals.byLabel(names.incidents, 'fault')
  const flagged = totals.byLabel(names.faultWindows, 'fault', { flagged: 'true' })
  const seen = { ...incidents, ...totals.byLabel(names.faultWindows, 'fault'), ...totals.byLabel(names.incidentsUnjudged, 'fault') }
  const kinds = Object.keys(seen).filter((kind) => kind !== noFault).sort(byFaultOrder)
  if (kinds.length === 0) return undefined

  const byFault = Object.fromEntries(kinds.map((kind) => [kind, computeFault(totals, kind)]))
  const trueAlarms = sum(flagged)
  const falseAlarms = totals.sum(names.normalWindows, { flagged: 'true' })
  const judged = Object.values(byFault).reduce((total, { injected, unjudged }) => total + injected - unjudged, 0)
  const detected = Object.values(byFault).reduce((total, fault) => total + fault.detected, 0)
  return {
    precision: share(trueAlarms, trueAlarms + falseAlarms),
    recall: share(detected, judged),
    incidents: Object.values(byFault).reduce((total, { injected }) => total + injected, 0),
    detected,
    falseAlarmRate: share(falseAlarms, totals.sum(names.normalWindows)),
    byFault,
  }
}

function computeFault(totals: Totals, fault: string): FaultAccuracy {
  const judged = totals.sum(names.incidents, { fault })
  const unjudged = totals.sum(names.incidentsUnjudged, { fault })
  const detected = totals.sum(names.incidentsDetected, { fault })
  const trueAlarms = totals.sum(names.faultWindows, { fault, flagged: 'true' })
  const falseAlarms = totals.sum(names.falseAlarms, { fault })
  const delays = totals.buckets(names.detectionDelay, { fault })
  // Readings without a window are judged at once; no bucket is narrow enough to say so.
  const most = totals.sum(`${names.detectionDelay}_sum`, { fault }) === 0 ? 0 : undefined
  return {
    injected: judged + unjudged,
    unjudged,
    detected,
    precision: share(trueAlarms, trueAlarms + falseAlarms),
    recall: share(detected, judged),
    delayMs: { p50: inMs(computeQuantile(delays, 0.5, most)), p95: inMs(computeQuantile(delays, 0.95, most)) },
  }
}

function byFaultOrder(a: string, b: string): number {
  const rank = (kind: string) => (faultKinds as readonly string[]).indexOf(kind) + 1 || faultKinds.length + 1
  return rank(a) - rank(b) || a.localeCompare(b)
}

const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null)
const sum = (byKind: Record<string, number>): number => Object.values(byKind).reduce((total, value) => total + value, 0)
/** Milliseconds with three decimals; null for what is not known. */
export const inMs = (seconds: number | undefined): number | null => (seconds === undefined ? null : Math.round(seconds * 1e6) / 1e3)
