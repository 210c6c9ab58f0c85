import { none } from './pane-store.ts'
import type { Pulse } from './pulse.ts'
import type { Session } from './session-windows.ts'

/** Shared by all groups that have none of a thing; never written to. */
const nothing: never[] = []

/** Metrics of one group at most. */
export const maxSeries = 256

/**
 * A new list of just this size: `push` would reserve sixteen places more, in each of a million groups, and so does `[...list, item]`
 * (184 bytes for a list of one, and 32 like this).
 */
export function withOneMore<Item>(list: readonly Item[], item: Item): Item[] {
  return list.length === 0 ? [item] : list.concat([item])
}

/**
 * What one window belongs to: a device with all its metrics, or one metric of a device. Its series are its
 * metrics; each has its own panes.
 *
 * `Memory` is whatever later steps remember of the group (its model, its accuracy); windows do not look at it.
 */
export class Group<Memory = unknown> {
  /** Order of first appearance in the partition. */
  readonly index: number
  readonly device: string
  /** The metric where groups are metrics of a device, else undefined. */
  readonly metric: string | undefined
  deviceType: string | undefined
  /** Metrics, in the order of their first appearance, or in the mapping's. */
  seriesNames: readonly string[] = nothing
  /** The newest pane of each series (fixed windows only). */
  newestPanes: number[] = nothing
  /** Open sessions by start (session windows only). */
  sessions: Session[] = nothing
  /** End of the next window to close; Infinity where none is open (fixed windows only). */
  nextEndMs = Infinity
  /** Event time of the earliest reading seen: windows that began well before it are incomplete. */
  observedFromMs = Infinity
  /** Event time of the latest reading seen. */
  lastSeenMs = -Infinity
  /** When it is heard; undefined where silence is not watched. */
  pulse: Pulse | undefined
  memory: Memory | undefined
  /** The number of the first snapshot that holds its last change. */
  changedFor = 0
  /** The number of the snapshot that it is still to be written into; 0 for none. */
  awaitedBy = 0

  constructor(index: number, device: string, metric: string | undefined) {
    this.index = index
    this.device = device
    this.metric = metric
  }

  /**
   * The position of a metric's series, made where it is new; -1 where the group has too many.
   *
   * @param hint where it would be if the metrics came in the same order as before, which they mostly do.
   */
  seriesOf(name: string, hint: number): number {
    if (this.seriesNames[hint] === name) return hint
    const found = this.seriesNames.indexOf(name)
    if (found >= 0) return found
    if (this.seriesNames.length === maxSeries) return -1
    this.newestPanes = withOneMore(this.newestPanes, none)
    this.seriesNames = withOneMore(this.seriesNames, name === this.metric ? this.metric : name)
    return this.seriesNames.length - 1
  }

  get hasOpenWindows(): boolean {
    return this.nextEndMs !== Infinity || this.sessions.length > 0
  }
}
