import type { AssignedPartition } from '@tidewatch/kafka'
import type { AssignedOfTopic } from './growth-watch.ts'
import type { Held } from './held.ts'

/** When outputs are delivered, and why. */
export interface Moment {
  nowMs: number
  /** Nothing has arrived for a while: what is left goes out now. */
  isIdle: boolean
}

/**
 * How what comes out of partitions reaches Kafka, and how Kafka learns where they stand. One for each promise that a pipeline
 * can make (`delivery`).
 */
export interface Delivery {
  /**
   * Takes charge of partitions before any of their records is read, and tells where the group stands in them, for good: whoever
   * worked on them before can move nothing any more.
   *
   * @param before what was held until now; what was under way for it is settled first.
   */
  begin(assigned: readonly AssignedPartition[], before: ReadonlyMap<number, Held>): Promise<AssignedOfTopic[]>
  /**
   * To be called when the source has told of anything but a new assignment.
   *
   * @throws what went wrong since, if a new process has the better chance: another detector works on a partition of ours and the
   *   group has not told us, Kafka refuses for good, or it has not answered for too long.
   */
  check(): void
  /** Sends what is due. Waits only where more has piled up than may be held. */
  deliver(held: Iterable<Held>, moment: Moment): Promise<void>
  /** Sends all that is left and waits until it is in. */
  settle(held: Iterable<Held>): Promise<void>
  close(): Promise<void>
}
