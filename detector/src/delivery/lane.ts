import type { TransactionalSink } from '@tidewatch/kafka'
import type { Commit } from './held.ts'
import { largestTransaction } from './pace.ts'

/** The way of one partition's transactions: one at a time. */
export class Lane {
  readonly partition: number
  readonly sink: TransactionalSink
  /** The transaction or the recovery that is under way; never rejects. */
  inFlight: Promise<void> | undefined
  /** Went wrong, and may be in all the same. */
  uncertain: Commit | undefined
  /** The producer has to begin anew before the next transaction. */
  needsInit = false
  /** What ends the process, unless the group takes the partition away first. */
  failure: Error | undefined
  failures = 0
  failingSinceMs = 0
  retryAtMs = 0
  /** When the last transaction ended, and how long they take; undefined before the first one. */
  endedAtMs = -Infinity
  tookMs: number | undefined
  /** When it last had something to show. */
  shownAtMs = -Infinity
  /** Looks again at the end of the pause, where no event of the source may come; undefined where nothing waits for it. */
  alarm: AbortController | undefined
  /** How much one transaction may hold: less where they take long. */
  limit = largestTransaction
  /** No more records of the partition are fetched for now. */
  isPaused = false

  constructor(partition: number, sink: TransactionalSink) {
    this.partition = partition
    this.sink = sink
  }

  silenceAlarm(): void {
    this.alarm?.abort()
    this.alarm = undefined
  }

  /** After `init`, and after what was uncertain is settled: nothing of before counts any more. */
  reset(): void {
    this.uncertain = undefined
    this.needsInit = false
    this.failure = undefined
    this.failures = 0
  }
}
