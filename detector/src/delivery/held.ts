import type { CommittedPosition } from '@tidewatch/kafka'
import { nextTurn } from '@tidewatch/kit'
import { countOutputs, hasOutput, joinEffects, noEffects, type Effects } from '../effects.ts'
import type { PartitionCheckpoints } from '../state/partition-checkpoints.ts'
import type { Topology } from '../topology.ts'
import { fillsLimit, type TransactionLimit } from './pace.ts'

/** What belongs together: all that came of the records up to a position, since the commit before. */
export interface Commit {
  effects: Effects
  position: CommittedPosition
  /** No window is open there, so nothing needs to be rebuilt. */
  isAtRest: boolean
  /** The state at just this position, where a checkpoint is due. */
  snapshot: Promise<Uint8Array[]> | undefined
}

/** A partition in our hands: its state, what came of it and is not out yet, and what the group knows of it. */
export class Held {
  readonly partition: number
  readonly topology: Topology
  readonly #checkpoints: PartitionCheckpoints | undefined
  /** What has come out since the last commit was taken. */
  out: Effects = noEffects()
  /** Where the group stands, as far as we know; undefined where nothing was ever committed. */
  committed: CommittedPosition | undefined
  /** The log's end, as far as we know. */
  highWatermark: number
  /** Since when we know of the input's growth, while keys may still move. */
  growingSinceMs: number | undefined
  /** The log has said that records after the checkpoint came to something else. */
  isDivergenceTold = false
  #restsAt: number | undefined
  /** A snapshot that is being written; the topology goes on meanwhile. */
  #writing: Promise<void> | undefined

  constructor(options: { partition: number; topology: Topology; committed: CommittedPosition | undefined; highWatermark: number; checkpoints?: PartitionCheckpoints | undefined }) {
    this.partition = options.partition
    this.topology = options.topology
    this.committed = options.committed
    this.highWatermark = options.highWatermark
    this.#checkpoints = options.checkpoints
  }

  get hasOutput(): boolean {
    return hasOutput(this.out)
  }

  /** Something has come out that somebody may wait for, not only figures to be told. */
  get hasRecords(): boolean {
    return countOutputs(this.out) > 0
  }

  /** Nothing of the partition's log is known that was not taken in. */
  get isCaughtUp(): boolean {
    return this.topology.nextOffset >= this.highWatermark
  }

  /** As much has come out as one transaction may hold, or more. */
  fills(limit: TransactionLimit): boolean {
    return fillsLimit(this.out, limit)
  }

  /** Records were taken in that the group does not know of. */
  get hasMoved(): boolean {
    return !this.topology.isReplaying && this.topology.nextOffset !== this.committed?.offset
  }

  takeOutput(): Effects {
    const effects = this.out
    this.out = noEffects()
    return effects
  }

  /** Takes what is to be committed; undefined where there is nothing that the group does not know, or records are still read again. */
  takeCommit(nowMs: number): Commit | undefined {
    const { topology, committed } = this
    const position = topology.position()
    if (position === undefined) return undefined
    // With no window open there is nothing to rebuild, and the watermark of a silent partition need not be told again and again.
    if (!this.hasOutput && (isSamePosition(position, committed) || this.#restsAt === position.offset)) return undefined
    const isDue = this.#writing === undefined && this.#checkpoints?.isDue(nowMs, topology.wantsCheckpoint) === true
    const snapshot = isDue ? this.#takeSnapshot() : undefined
    return { effects: this.takeOutput(), position, isAtRest: topology.openWindows === 0, snapshot }
  }

  /** What was taken is in. */
  confirm({ position, isAtRest, snapshot }: Commit): void {
    this.committed = position
    this.#restsAt = isAtRest ? position.offset : undefined
    if (snapshot !== undefined) this.#checkpoints?.publish(this.topology, position.offset, snapshot)
  }

  /** What was taken is not in: it goes out with what has come since. */
  putBack({ effects }: Commit): void {
    this.out = joinEffects([effects, this.out])
  }

  /** Publishes a checkpoint where all is committed and the last one is of an earlier position. */
  async checkpointNow(): Promise<void> {
    const checkpoints = this.#checkpoints
    if (checkpoints === undefined || this.committed === undefined) return
    await Promise.all([this.#writing, checkpoints.settled])
    const position = this.topology.position()
    if (position === undefined || position.offset !== this.committed.offset || checkpoints.lastOffset === position.offset) return
    if (!isSamePosition(position, this.committed) && this.#restsAt !== position.offset) return
    checkpoints.publish(this.topology, position.offset, this.#takeSnapshot())
    await checkpoints.settled
  }

  /** Resolves when the checkpoint that is being published is out. */
  async settleCheckpoint(): Promise<void> {
    await this.#checkpoints?.settled
  }

  /** Of this moment; written a piece at a time, the event loop in between: signs of life and all partitions go on. */
  #takeSnapshot(): Promise<Uint8Array[]> {
    const taken = takeAll(this.topology.snapshotInSlices())
    this.#writing = taken.then(
      () => void (this.#writing = undefined),
      () => void (this.#writing = undefined),
    )
    return taken
  }
}

async function takeAll(slices: Generator<Uint8Array, void>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  for (const piece of slices) {
    pieces.push(piece)
    await nextTurn()
  }
  return pieces
}

export function isSamePosition(one: CommittedPosition | undefined, other: CommittedPosition | undefined): boolean {
  return one?.offset === other?.offset && one?.metadata === other?.metadata
}
