import { systemClock, type Clock, type Logger } from '@tidewatch/kit'
import type { KafkaConnection } from './connection.ts'

export interface RecordSourceOptions {
  connection: KafkaConnection
  log: Logger
  groupId: string
  topic: string
  /**
   * A name that no other member has at the same time, and that this one has again when it is started anew, such as the pod's: come back
   * within the session, it is given what it had, and nobody else notices. Undefined: each process is a new member.
   */
  instanceId?: string
  /** How long without a record before the reader gets an `idle` event; 200. */
  idleAfterMs?: number
  /** The member is thrown out of its group after so long without a sign of life; 45 s. */
  sessionTimeoutMs?: number
  /** Pause between two signs of life, and so how soon a rebalance is heard of; 1 s. */
  heartbeatIntervalMs?: number
  /** How long the group waits for its members to join again; 60 s. */
  rebalanceTimeoutMs?: number
  /** How soon new partitions are seen; 30 s. */
  metadataMaxAgeMs?: number
  /** The longest that a fetch waits on the broker where nothing is there to fetch; 250. */
  maxWaitMs?: number
  /** Most bytes of one fetch, over all partitions; 8 MiB. Up to half of it waits for the reader while the next one comes: two of them are all that is held. */
  maxBytes?: number
  /** Most bytes of one fetch from one partition; 1 MiB. */
  maxBytesPerPartition?: number
  /** `isAlive` turns false after so long without a word from Kafka; 60 s. */
  aliveWithinMs?: number
  /** `isAlive` turns false after so long without the reader asking for the next event; 5 min. */
  maxPollIntervalMs?: number
  /** Show records of open and aborted transactions too; false. */
  readUncommitted?: boolean
  clock?: Clock
}

/** What is not asked for. */
export const sourceDefaults = {
  idleAfterMs: 200,
  sessionTimeoutMs: 45_000,
  heartbeatIntervalMs: 1_000,
  rebalanceTimeoutMs: 60_000,
  metadataMaxAgeMs: 30_000,
  maxWaitMs: 250,
  maxBytes: 8 * 1024 * 1024,
  maxBytesPerPartition: 1024 * 1024,
  aliveWithinMs: 60_000,
  maxPollIntervalMs: 300_000,
  readUncommitted: false,
  clock: systemClock,
}

export type SourceSettings = RecordSourceOptions & typeof sourceDefaults
