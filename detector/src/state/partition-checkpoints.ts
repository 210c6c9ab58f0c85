import { type Clock, type Logger } from '@tidewatch/kit'
import type { DetectorMetrics } from '../metrics.ts'
import { describePieces } from '../snapshot/header.ts'
import type { Topology } from '../topology.ts'
import { computeMostChanged, type Chain } from './chain.ts'
import type { CheckpointStore } from './checkpoint-store.ts'

export interface PartitionCheckpointsOptions {
  store: CheckpointStore
  partition: number
  intervalMs: number
  /** Of the checkpoint that the state was restored from; undefined where there was none, and the first one is due at once. */
  restoredOffset: number | undefined
  metrics: DetectorMetrics
  clock: Clock
  log: Logger
}

/** A checkpoint may take one part in so many of the time. */
const pauseFactor = 20

/** The checkpoints of a partition in our hands: when one is due, and writing it. One that cannot be written is left out. */
export class PartitionCheckpoints {
  readonly #options: PartitionCheckpointsOptions
  #dueAtMs: number
  #publishing: Promise<void> | undefined
  /** Of the newest, and of the one before it. */
  #lastOffset: number | undefined
  /** What increments are made to; undefined before our first one: a predecessor may still delete its own. */
  #chain: (Chain & { id: string }) | undefined
  #beforeOffset: number | undefined

  constructor(options: PartitionCheckpointsOptions) {
    this.#options = options
    this.#lastOffset = options.restoredOffset
    // Partitions that begin together take turns.
    const turn = 0.5 + (options.partition % 8) / 16
    this.#dueAtMs = options.restoredOffset === undefined ? -Infinity : options.clock.now() + options.intervalMs * turn
  }

  /** The first record that is not in the newest checkpoint; undefined where there is none. */
  get lastOffset(): number | undefined {
    return this.#lastOffset
  }

  /** Resolves when nothing is being published. */
  get settled(): Promise<void> {
    return this.#publishing ?? Promise.resolve()
  }

  isDue(nowMs: number, isWanted: boolean): boolean {
    return this.#publishing === undefined && (nowMs >= this.#dueAtMs || isWanted)
  }

  /** Publishes a snapshot of a position that is committed: what is not committed must never be restored. */
  publish(topology: Topology, nextOffset: number, snapshot: Promise<Uint8Array[]>): void {
    // What is published later is of a later position; the one under way was not ours to wait for.
    if (this.#publishing !== undefined) return void snapshot.catch(() => {})
    this.#publishing = this.#publish(topology, nextOffset, snapshot).finally(() => (this.#publishing = undefined))
  }

  async #publish(topology: Topology, nextOffset: number, snapshot: Promise<Uint8Array[]>): Promise<void> {
    const { store, partition, intervalMs, metrics, clock, log } = this.#options
    const beganMs = clock.now()
    try {
      const pieces = await snapshot
      const { isIncrement, trailer } = describePieces(pieces)
      const before = isIncrement ? this.#chain : undefined
      const { id, bytes } = await store.publish(partition, { nextOffset, pieces, after: before?.id })
      const chain = before === undefined ? { id, increments: 0, fullBytes: bytes, incrementBytes: 0 } : { ...before, id, increments: before.increments + 1, incrementBytes: before.incrementBytes + bytes }
      this.#chain = chain
      topology.followWith(trailer, computeMostChanged(chain))
      metrics.checkpoints++
      metrics.checkpointBytes.set(partition, chain.fullBytes + chain.incrementBytes)
      this.#beforeOffset = this.#lastOffset
      this.#lastOffset = nextOffset
      topology.keepReplayNotesFrom(this.#beforeOffset ?? nextOffset)
      log.debug({ partition, nextOffset, bytes, increments: chain.increments }, 'Wrote a checkpoint')
    } catch (error) {
      metrics.checkpointsFailed++
      log.warn({ err: error, partition, nextOffset }, 'Could not write a checkpoint; the one before stays')
    }
    const endedMs = clock.now()
    this.#dueAtMs = endedMs + Math.max(intervalMs, (endedMs - beganMs) * pauseFactor)
  }
}
