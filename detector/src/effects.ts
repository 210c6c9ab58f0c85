import type { KafkaRecord } from '@tidewatch/kafka'
import type { Rejection } from './ingest/rejection.ts'
import type { ClusterEventRecord } from './verdict/cluster-event.ts'
import type { Verdict } from './verdict/verdict.ts'

/** What processing brings about, in the order in which it happened. The topology only adds; whoever writes it out empties it. */
export interface Effects {
  /** Anomalies; with a scores topic every judged window. */
  verdicts: EmittedVerdict[]
  deadLetters: { record: KafkaRecord; rejection: Rejection }[]
  /** Late records, where there is a topic for them. */
  late: KafkaRecord[]
  /** What became of models' clusters, where there is a topic for it. */
  clusterEvents: EmittedClusterEvent[]
  /** Of each record that brought complete windows to be judged or learned: its own timestamp, and how many. */
  judged: { timestampMs: number; windows: number }[]
}

export interface EmittedVerdict {
  verdict: Verdict
  device: string
  /** The ground truth of the window, for the header; undefined where there is none. */
  fault: string | undefined
  /** Timestamp of the record that completed the window. */
  timestampMs: number
}

export interface EmittedClusterEvent {
  event: ClusterEventRecord
  device: string
  /** Timestamp of the record that completed the window. */
  timestampMs: number
}

export const noEffects = (): Effects => ({ verdicts: [], deadLetters: [], late: [], clusterEvents: [], judged: [] })

/** Records that effects come to: verdicts, dead letters, late ones, events of clusters. */
export const countOutputs = ({ verdicts, deadLetters, late, clusterEvents }: Effects): number => verdicts.length + deadLetters.length + late.length + clusterEvents.length

/** Whether there is anything to write or to tell. */
export const hasOutput = (effects: Effects): boolean => countOutputs(effects) + effects.judged.length > 0

/** All of several effects, one after the other. */
export function joinEffects(parts: Iterable<Effects>): Effects {
  const joined = noEffects()
  for (const { verdicts, deadLetters, late, clusterEvents, judged } of parts) {
    for (const verdict of verdicts) joined.verdicts.push(verdict)
    for (const deadLetter of deadLetters) joined.deadLetters.push(deadLetter)
    for (const record of late) joined.late.push(record)
    for (const event of clusterEvents) joined.clusterEvents.push(event)
    for (const windows of judged) joined.judged.push(windows)
  }
  return joined
}

export function clearEffects(effects: Effects): void {
  effects.verdicts.length = 0
  effects.deadLetters.length = 0
  effects.late.length = 0
  effects.clusterEvents.length = 0
  effects.judged.length = 0
}

/** One entry for all that came of one moment: without a window there may be a hundred thousand a second. */
export function noteJudged({ judged }: Effects, timestampMs: number, windows: number): void {
  const last = judged.at(-1)
  if (last?.timestampMs === timestampMs) last.windows += windows
  else judged.push({ timestampMs, windows })
}
