import type { Anomaly } from '../run/anomaly.ts'

/** One pipeline at one moment. */
export interface PipelineView {
  name: string
  model: string
  window: string
  /** Undefined while it cannot be read. */
  lag: number | undefined
  openWindows: number
  keys: { warming: number; active: number }
  detectors: { running: number; wanted: number }
}

/** Everything that the live table shows, at one moment. */
export interface LiveView {
  elapsedMs: number
  /** How long the run is to last, where that is known. */
  totalMs: number | undefined
  /** What is going on, in a word or two: `running`, `draining`. */
  phase: string
  /** Undefined when no fleet belongs to the run. */
  sent: { total: number; perSecond: number } | undefined
  processed: { total: number; perSecond: number }
  pipelines: PipelineView[]
  windows: number
  anomalies: number
  late: number
  deadLetters: Record<string, number>
  /** Undefined where no ground truth has flowed. */
  accuracy: { precision: number | null; recall: number | null; incidents: number; detected: number } | undefined
  /** Newest first. */
  latest: readonly Anomaly[]
  /** What happened lately that a person should know: newest first. */
  notices: readonly string[]
}
