import type { Group } from './group.ts'
import type { Aggregate } from './aggregate.ts'
import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'

/** A window whose time is over. Good until the next one is handed out. */
export interface ClosedWindow<Memory = unknown> {
  group: Group<Memory>
  startMs: number
  /** Exclusive. */
  endMs: number
  /** One for each of the group's series, in its order; a series without a reading in the window has count 0. */
  aggregates: readonly Aggregate[]
  /**
   * False for a window that began before we saw the group's first reading: part of it was never observed, so it
   * is counted and neither judged nor learned.
   */
  isComplete: boolean
}

/**
 * One value on its way into a pane. One object serves all of them: numbers that are handed from function to function one by one are each
 * put into memory of their own, numbers in an object are not.
 */
export interface Arrival {
  value: number
  eventTimeMs: number
  offset: number
  /** Number of the fault that the record is labelled with; 0 for none. */
  fault: number
  /** The watermark before this reading. */
  watermarkMs: number
}

export type OnClosed<Memory> = (window: ClosedWindow<Memory>) => void

/** Told of a group before a window of it is closed. */
export type OnClosing<Memory> = (group: Group<Memory>) => void

/** How the readings of a partition are grouped in event time. */
export interface Windowing<Memory = unknown> {
  /**
   * True when every window that the reading could belong to is closed. Such a reading must not be added.
   */
  isLate(group: Group<Memory>, eventTimeMs: number, watermarkMs: number): boolean
  /** Adds one value to a series of a group. Keeps nothing of the object. */
  add(group: Group<Memory>, series: number, arrival: Arrival): void
  /** Closes every window that ends at or before the watermark: by end, then by the groups' first appearance. */
  advance(watermarkMs: number, onClosed: OnClosed<Memory>): void
  /** The first record that an open window was computed from, and the watermark just before it. */
  oldestNeeded(): { offset: number; watermarkMs: number } | undefined
  /** What belongs to no group, for a snapshot. */
  writeTo(writer: SnapshotWriter): void
  readFrom(reader: SnapshotReader): void
  /** What a group has open. */
  writeGroupTo(writer: SnapshotWriter, group: Group<Memory>): void
  /**
   * To be called once the group's series are known.
   *
   * @param faultOf this process's number of a fault that has the given one in the snapshot.
   */
  readGroupFrom(reader: SnapshotReader, group: Group<Memory>, faultOf: (fault: number) => number): void
  /** Takes back a group that was read: a later snapshot has another state of it. */
  dropRead(group: Group<Memory>): void
  /** Opens the windows of all groups that were read and not dropped. Before, no reading may be added. */
  openRead(groups: readonly Group<Memory>[]): void
  /** Groups with an open window (fixed windows), or open sessions. */
  readonly openCount: number
  /** Memory held, in bytes. */
  readonly bytes: number
}
