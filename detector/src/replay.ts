import type { RestorePoint } from './restore-point.ts'
import { SnapshotNotOfThisCommit } from './snapshot/errors.ts'
import type { NoteFollower } from './snapshot/replay-notes.ts'

/** Where a topology begins to read. */
export interface Resumption {
  /** Give it records from here on ... */
  startOffset: number
  /** ... of which those before this one bring no effects: they only rebuild what was there at the commit. */
  committedOffset: number
}

/** Records before `untilOffset` are read again, whose effects are out already. */
export interface Replay {
  untilOffset: number
  point: RestorePoint
  follower: NoteFollower
  /** From a snapshot everything is done again; from a restore point only open windows are rebuilt. */
  isWhole: boolean
}

/** There is no exact way from a snapshot to a commit. */
export function notOfThisCommit(snapshotOffset: number, committedOffset: number, why: string) {
  return new SnapshotNotOfThisCommit(
    `The snapshot at offset ${snapshotOffset} does not lead to the committed offset ${committedOffset}: ${why}. Take the checkpoint before it, or resume without one: models warm up again.`,
  )
}
