import type { Verdict } from '@tidewatch/detector'
import type { FoundVerdict } from './find-verdict.ts'
import type { Replayed } from './replay.ts'
import { bitsOf, findChanges } from './verdict-text.ts'

/** Why a verdict cannot be proved. */
export const refusals = {
  NotFound: 'No record of that id lies on the topics of verdicts.',
  OtherPipeline: 'The manifest is not the one that the verdict was made by.',
  RecordsGone: 'Retention (or somebody) has deleted records that the verdict was computed from.',
  NoCheckpoint: 'No checkpoint before the verdict is left, and the log is not whole.',
  ConfigurationChanged: 'Windows, features, mapping or model of the pipeline have changed since.',
  DecidedByClock: 'The clock of the detector had a part in it, and what it showed is not recorded any more.',
} as const
export type Refusal = keyof typeof refusals

/** Where a replay began. */
export interface Beginning {
  kind: 'checkpoint' | 'log'
  /** The first record that was taken in. */
  offset: number
}

export type Explanation =
  | { kind: 'refused'; reason: Refusal; message: string; found?: FoundVerdict; beginning?: Beginning; replayed?: Replayed }
  | { kind: 'reproduced'; found: FoundVerdict; beginning: Beginning; replayed: Replayed & { verdict: Verdict } }
  | { kind: 'differs'; found: FoundVerdict; beginning: Beginning; replayed: Replayed; changes: string[] }

/**
 * Holds what a replay came to against the verdict that was written.
 *
 * @param doubts sentences about what the replay could not repeat: with any of them a difference proves nothing.
 */
export function judgeReplay(found: FoundVerdict, beginning: Beginning, replayed: Replayed, doubts: readonly string[]): Explanation {
  const { verdict } = replayed
  if (replayed.outcome === 'open') {
    const message = 'No record that is there closes the window: the partition fell silent and the clock closed it, at a moment that cannot be repeated from here'
    return { kind: 'refused', reason: 'DecidedByClock', message, found, beginning, replayed }
  }
  // As it would have been written: JSON knows no -0, for one.
  const changes = verdict === undefined ? ['anomaly_score'] : findChanges(found.verdict, JSON.parse(JSON.stringify(verdict)))
  if (verdict !== undefined && changes.length === 0) return { kind: 'reproduced', found, beginning, replayed: { ...replayed, verdict } }
  if (doubts.length > 0) return { kind: 'refused', reason: 'DecidedByClock', message: `The replay came to something else, which proves nothing: ${doubts.join('; ')}`, found, beginning, replayed }
  return { kind: 'differs', found, beginning, replayed, changes }
}

/** 0: reproduced to the bit. 1: it comes to something else. 2: it cannot be said. */
export function exitCodeOf({ kind }: Explanation): number {
  return kind === 'reproduced' ? 0 : kind === 'differs' ? 1 : 2
}

/** The explanation as it is given with `--json`. */
export function toJson(id: string, explanation: Explanation): object {
  const { found, beginning, replayed } = explanation
  return {
    id,
    reproduced: explanation.kind === 'refused' ? null : explanation.kind === 'reproduced',
    reason: explanation.kind === 'refused' ? explanation.reason : null,
    message: explanation.kind === 'refused' ? explanation.message : null,
    changes: explanation.kind === 'differs' ? explanation.changes : [],
    verdict: found?.verdict ?? null,
    written: found === undefined ? null : { topic: found.topic, partition: found.partition, offset: found.offset, timestamp: new Date(found.timestampMs).toISOString() },
    replayedFrom: beginning ?? null,
    replayed: replayed === undefined ? null : { ...replayed, verdict: replayed.verdict ?? null, closedBy: replayed.closedBy ?? null },
    score: found === undefined ? null : { written: scoreOf(found.verdict), replayed: replayed?.verdict === undefined ? null : scoreOf(replayed.verdict) },
  }
}

function scoreOf({ anomaly_score: value }: Verdict): { value: number; bits: string } {
  return { value, bits: bitsOf(value) }
}
