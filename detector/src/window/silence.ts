import type { Group } from './group.ts'
import { TimeHeap } from './heap.ts'
import { Pulse } from './pulse.ts'
import type { OnClosing } from './windowing.ts'

/** How long a group may be unheard of before it is silent. */
export type SilenceLimit = { afterMs: number } | { missedIntervals: number }

/** Bounds on limits that are learned, in milliseconds. */
export interface SilenceBounds {
  leastMs: number
  /** At most the time after which a group is forgotten. */
  mostMs: number
}

/** A group that has fallen silent. */
export interface Silence<Memory = unknown> {
  group: Group<Memory>
  /** When it was last heard, in event time. */
  startMs: number
  /** When it had been silent for too long: the limit after its start. */
  endMs: number
  /** The last record of it. */
  lastOffset: number
}

/** What a group costs here, measured: its pulse and a place in the heap. */
export const bytesPerPulse = 100

/**
 * Tells which groups have stopped sending, at the watermark.
 *
 *     limit 5        0    5    10   15   20
 *     readings of d  x  x  x x |                          heard at 8 for the last time
 *     watermark              8....13                      silent when it reaches 13: told once, from 8 to 13
 *                                      x                  heard again: nothing is told, and it is waited for as before
 *
 * A group waits in the heap once, at a moment at which it was due at some time; looked at when that comes, and put back where it was heard
 * since. So a reading costs no more than a few additions, and a silence is found without a look at the others.
 * The moment at which a group is due never comes nearer, because its limit shrinks slower than time passes (`Pulse`).
 */
export class SilenceWatch<Memory> {
  readonly #limit: SilenceLimit
  readonly #bounds: SilenceBounds
  readonly #onChanging: OnClosing<Memory>
  #due = new TimeHeap<Group<Memory>>()

  /** @param onChanging told of a group before its state changes by what is found out here. */
  constructor(limit: SilenceLimit, bounds: SilenceBounds, onChanging: OnClosing<Memory> = () => {}) {
    this.#limit = limit
    this.#bounds = bounds
    this.#onChanging = onChanging
  }

  /** No group falls silent before the watermark is here; Infinity where none is waited for. */
  get nextMs(): number {
    return this.#due.nextMs
  }

  /**
   * Takes in that a group was heard. Whoever calls has told of its change.
   *
   * @param watermarkMs before this reading.
   * @param isMoving whether the group may be moving to another partition: then it is not waited for.
   */
  hear(group: Group<Memory>, eventTimeMs: number, offset: number, watermarkMs: number, isMoving: boolean): void {
    let { pulse } = group
    if (pulse === undefined) pulse = group.pulse = new Pulse(Math.max(eventTimeMs, watermarkMs), offset)
    else pulse.hear(eventTimeMs, offset, watermarkMs)
    if (pulse.isWatched || isMoving || !pulse.isWarm) return
    pulse.isWatched = true
    this.#due.push(this.#dueMs(pulse), group)
  }

  /** The groups that are silent when the watermark is here, and were not before: by the moment at which they became it, then by their first appearance. */
  takeSilent(watermarkMs: number): Silence<Memory>[] {
    const silent: Silence<Memory>[] = []
    while (this.#due.nextMs <= watermarkMs) {
      const group = this.#due.pop()!
      const pulse = group.pulse!
      const endMs = this.#dueMs(pulse)
      if (endMs > watermarkMs) {
        this.#due.push(endMs, group)
        continue
      }
      this.#onChanging(group)
      pulse.isWatched = false
      silent.push({ group, startMs: pulse.heardMs, endMs, lastOffset: pulse.lastOffset })
    }
    return silent.length > 1 ? silent.sort((a, b) => a.endMs - b.endMs || a.group.index - b.group.index) : silent
  }

  /** Waits for none of these any more until it is heard again: it may have moved to another partition. Whoever calls has told of their change. */
  forgiveAll(groups: Iterable<Group<Memory>>): void {
    for (const { pulse } of groups) if (pulse !== undefined) pulse.isWatched = false
    this.#due = new TimeHeap()
  }

  /** Waits for those of these groups that are to be waited for, and for no others: some were read, or some forgotten. */
  waitFor(groups: Iterable<Group<Memory>>): void {
    this.#due = new TimeHeap()
    for (const group of groups) if (group.pulse?.isWatched === true) this.#due.push(this.#dueMs(group.pulse), group)
  }

  #dueMs({ heardMs, usualGapMs }: Pulse): number {
    const limit = this.#limit
    if ('afterMs' in limit) return heardMs + limit.afterMs
    const { leastMs, mostMs } = this.#bounds
    return heardMs + Math.min(mostMs, Math.max(leastMs, limit.missedIntervals * usualGapMs))
  }
}
