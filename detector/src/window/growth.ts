import { isWithinSpacing } from './completeness.ts'
import type { ClosedWindow } from './windowing.ts'

/**
 * Keys may move between partitions: from an offset of this partition on (and from this watermark on, where the clock moves it before the
 * next record comes), until another offset. The end is null while nobody knows it yet.
 */
export type Growth = [fromOffset: number, untilOffset: number | null, watermarkMs: number]

export interface GrowthState {
  partitions: number | undefined
  growths: Growth[]
}

/** So long after the partitions of a topic were raised producers may go on as before; most look every 5 minutes. */
export const movesWithinMs = 600_000

/** More of them within what a commit must reach back to (two checkpoints) nobody has, and its metadata is short. */
export const maxGrowths = 4

/**
 * What the raising of a topic's partitions means for the windows of one of them.
 *
 *     device D     p  * * * * * * * *                      its readings come to p, and from some moment on to q
 *                  q                  * * * * * * *
 *     window       p  [===========|xxxx)                   it lacks the readings that went to q
 *                  q              (xxxx|===========)       it lacks those that went to p
 *
 * When a device moves nobody tells: its producer hears of the new partitions when it asks. So from the first record that may come after
 * the growth until `movesWithinMs` later a window is judged only when nothing of it can be elsewhere:
 * - at its start: the device was heard in this partition since the growth began, before the window or as early in it as its readings
 *   are apart (whatever was heard before the growth does not count: it may have come back);
 * - at its end: the device was heard in this partition until no more of it could be in time, less the time that its readings are apart.
 */
export class Growths {
  #begun: Growth[] = []
  /** Still ahead of a replay. */
  #ahead: Growth[] = []

  #partitions: number | undefined

  /** How many partitions the input had when the work was begun; undefined where nobody told. */
  get partitions(): number | undefined {
    return this.#partitions
  }

  /** Whether keys may be moving to or from this partition. */
  get isMoving(): boolean {
    return (this.#ahead.at(-1) ?? this.#begun.at(-1))?.[1] === null
  }

  /**
   * @param isAdded whether this partition is among those that were added since the last commit.
   * @param offset and watermark: where the work goes on; `reach` tells when that is.
   * @returns whether keys may move from there on.
   */
  meet(count: number, isAdded: boolean, offset: number, watermarkMs: number): boolean {
    const hasGrown = isAdded || (this.#partitions !== undefined && this.#partitions < count)
    this.#partitions = count
    if (!hasGrown) return false
    this.#ahead.push([offset, null, watermarkMs])
    if (this.#begun.length + this.#ahead.length > maxGrowths) (this.#begun.length > 0 ? this.#begun : this.#ahead).shift()
    return true
  }

  /**
   * To be called before the record at an offset, or before the clock moves the watermark.
   *
   * @returns whether keys begin to move here: then it is no longer known since when each was heard.
   */
  reach(at: { offset: number } | { watermarkMs: number }): boolean {
    let hasBegun = false
    for (let next = this.#ahead[0]; next !== undefined && ('offset' in at ? next[0] <= at.offset : next[2] < at.watermarkMs); next = this.#ahead[0]) {
      this.#begun.push(this.#ahead.shift()!)
      hasBegun = true
    }
    return hasBegun
  }

  /** @param offset that of the next record to be written, or a later one. */
  end(offset: number): void {
    for (const growth of [...this.#begun, ...this.#ahead]) growth[1] ??= offset
  }

  /** Forgets what concerns only records that nobody reads again. */
  forgetBefore(offset: number): void {
    this.#begun = this.#begun.filter(([, until]) => until === null || until > offset)
  }

  /** Whether a part of a closed window of fixed bounds, or of a session, may lie in another partition. */
  isTorn(window: ClosedWindow, allowedLatenessMs: number, isSession: boolean): boolean {
    const last = this.#begun.at(-1)
    if (last === undefined) return false
    const { group, startMs, endMs, aggregates } = window
    const [, until] = last
    if (until !== null && firstOffsetOf(window) >= until) return false
    // Windows of fixed bounds know by themselves whether they were observed from their start.
    if (isSession && startMs <= group.observedFromMs) return true
    return !isWithinSpacing(aggregates, group.seriesNames.length, endMs + allowedLatenessMs - group.lastSeenMs)
  }

  /** Whether a group whose reading has this offset may have moved to another partition since, or may still do so: then its silence says nothing. */
  mayMove(offset: number): boolean {
    const last = this.#begun.at(-1)
    return last !== undefined && (last[1] === null || offset < last[1])
  }

  /** Oldest first. */
  toState(): GrowthState {
    return { partitions: this.#partitions, growths: [...this.#begun, ...this.#ahead].map(copy) }
  }

  /** @param startOffset where records are read from: what begins there or later is still ahead. */
  load({ partitions, growths }: GrowthState, startOffset: number): void {
    this.#partitions = partitions
    this.#begun = growths.filter(([from]) => from < startOffset).map(copy)
    this.#ahead = growths.filter(([from]) => from >= startOffset).map(copy)
  }
}

const copy = ([from, until, watermarkMs]: Growth): Growth => [from, until, watermarkMs]

function firstOffsetOf({ group, aggregates }: ClosedWindow): number {
  return aggregates.slice(0, group.seriesNames.length).reduce((first, { count, firstOffset }) => (count === 0 ? first : Math.min(first, firstOffset)), Infinity)
}
