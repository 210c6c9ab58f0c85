import type { Schedule, Stretch } from './schedule.ts'

/** Percentiles in ms. */
export interface Percentiles {
  p50: number
  p95: number
  p99: number
  max: number
}

/** What the processes of one run are started with. */
export interface RunSetup {
  brokers: string
  topic: string
  /** Of the topic that the verdicts come to. */
  scores: string
  schedule: Omit<Schedule, 'startMs'>
  /** Undefined where each reading is judged by itself. */
  window: { slideMs: number; allowedLatenessMs: number } | undefined
}

/** From the benchmark to its load generator. */
export type ToGenerator =
  /** Each device sends a reading every `everyMs` of event time, as fast as Kafka takes them. */
  | { kind: 'history'; fromMs: number; toMs: number; everyMs: number }
  /** The schedule, at its time; ends at `untilMs`. */
  | { kind: 'live'; startMs: number; untilMs: number; measured: Stretch }

/** And back. */
export type FromGenerator =
  | { kind: 'ready' }
  | { kind: 'loaded'; readings: number }
  /** From a reading's moment to Kafka's acknowledgement, of those of the measured stretch. */
  | { kind: 'sent'; readings: number; acknowledgedMs: Percentiles }

export type ToReader =
  /** Comes before the first reading is due. */
  | { kind: 'measure'; startMs: number; measured: Stretch }
  | { kind: 'tell' }

export type FromReader =
  | { kind: 'ready' }
  /** All that belong to the measured stretch are there. */
  | { kind: 'complete' }
  | { kind: 'told'; verdicts: number; latencyMs: Percentiles }
