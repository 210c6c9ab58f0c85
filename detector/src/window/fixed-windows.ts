import type { Group } from './group.ts'
import { TimeHeap } from './heap.ts'
import type { PaneNeeds } from './needs.ts'
import { Aggregate } from './aggregate.ts'
import { none, PaneStore } from './pane-store.ts'
import { isObserved } from './completeness.ts'
import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'
import type { Arrival, ClosedWindow, OnClosed, OnClosing, Windowing } from './windowing.ts'

/**
 * Tumbling and sliding windows, aligned to the epoch, out of panes of one slide each. A reading touches one
 * pane; a window is the panes it covers, merged when it closes (size / slide merges).
 *
 *     size 60 s, slide 10 s        0    10   20   30   40   50   60   70   80
 *     panes                        |----|----|----|----|----|----|----|----|
 *     window that ends at 60       [=============================)
 *     window that ends at 70            [=============================)
 *     a reading at 47 is in pane 40-50, and so in every window that ends at 50, 60, ... 100
 *
 * A reading is late when the last of those windows is closed (pane start + size <= watermark); until then it
 * still counts in the ones that are open. A pane is freed with the last window it is part of.
 *
 * A group waits in one bucket only, that of the end of its next window, so a watermark that closes nothing
 * looks at no group.
 */
export class FixedWindows<Memory> implements Windowing<Memory> {
  readonly #sizeMs: number
  readonly #slideMs: number
  readonly #panes: PaneStore
  readonly #onClosing: OnClosing<Memory>
  /** Groups by the end of their next window. A group that has moved to an earlier end is left in the old one and skipped there. */
  readonly #buckets = new Map<number, Group<Memory>[]>()
  readonly #ends = new TimeHeap<number>()
  readonly #aggregates: Aggregate[] = []
  readonly #scratch: number[] = []
  /** Handed out again and again. */
  #closed: ClosedWindow<Memory> | undefined
  #openCount = 0

  constructor(sizeMs: number, slideMs: number, needs: PaneNeeds, seed: number, onClosing: OnClosing<Memory> = () => {}) {
    this.#sizeMs = sizeMs
    this.#slideMs = slideMs
    this.#panes = new PaneStore(needs, seed)
    this.#onClosing = onClosing
  }

  get openCount(): number {
    return this.#openCount
  }

  get bytes(): number {
    return this.#panes.bytes
  }

  isLate(_group: Group<Memory>, eventTimeMs: number, watermarkMs: number): boolean {
    return this.#paneStart(eventTimeMs) + this.#sizeMs <= watermarkMs
  }

  add(group: Group<Memory>, series: number, arrival: Arrival): void {
    const startMs = this.#paneStart(arrival.eventTimeMs)
    const panes = this.#panes
    const newest = group.newestPanes[series]!
    let pane = newest
    if (newest === none || panes.originMs(newest) !== startMs) {
      pane = this.#paneAt(group, series, startMs, arrival.offset, arrival.watermarkMs)
      this.#expect(group, startMs, arrival.watermarkMs)
    }
    panes.add(pane, arrival)
  }

  advance(watermarkMs: number, onClosed: OnClosed<Memory>): void {
    while (this.#ends.size > 0 && this.#ends.nextMs <= watermarkMs) {
      const endMs = this.#ends.pop()!
      const bucket = this.#buckets.get(endMs)!
      this.#buckets.delete(endMs)
      bucket.sort((a, b) => a.index - b.index)
      for (const group of bucket) if (group.nextEndMs === endMs) this.#close(group, endMs, onClosed)
    }
  }

  oldestNeeded(): { offset: number; watermarkMs: number } | undefined {
    return this.#panes.oldest()
  }

  writeTo(): void {}

  readFrom(): void {}

  writeGroupTo(writer: SnapshotWriter, group: Group<Memory>): void {
    writer.f64(group.nextEndMs)
    for (const newest of group.newestPanes) this.#panes.writeListTo(writer, newest)
  }

  readGroupFrom(reader: SnapshotReader, group: Group<Memory>, faultOf: (fault: number) => number): void {
    group.nextEndMs = reader.f64()
    group.newestPanes = group.seriesNames.map(() => this.#panes.readListFrom(reader, faultOf))
  }

  dropRead(group: Group<Memory>): void {
    for (const newest of group.newestPanes) this.#panes.freeList(newest)
  }

  openRead(groups: readonly Group<Memory>[]): void {
    this.#panes.linkRead()
    for (const group of groups) {
      if (group.nextEndMs === Infinity) continue
      this.#openCount++
      this.#wait(group, group.nextEndMs)
    }
  }

  #paneStart(eventTimeMs: number): number {
    return Math.floor(eventTimeMs / this.#slideMs) * this.#slideMs
  }

  /** The pane of a series that starts at `startMs`, made where there is none. Series are lists, newest first. */
  #paneAt(group: Group<Memory>, series: number, startMs: number, offset: number, watermarkMs: number): number {
    const panes = this.#panes
    let newer = none
    let pane = group.newestPanes[series]!
    while (pane !== none && panes.originMs(pane) > startMs) {
      newer = pane
      pane = panes.older(pane)
    }
    if (pane !== none && panes.originMs(pane) === startMs) return pane
    const made = panes.make(startMs, offset, watermarkMs)
    panes.setOlder(made, pane)
    if (newer === none) group.newestPanes[series] = made
    else panes.setOlder(newer, made)
    return made
  }

  /** Puts the group into the bucket of the first open window that holds the pane, unless it waits for an earlier one. */
  #expect(group: Group<Memory>, paneStartMs: number, watermarkMs: number): void {
    const slideMs = this.#slideMs
    const lastClosedEndMs = Math.floor(watermarkMs / slideMs) * slideMs
    const endMs = Math.max(paneStartMs, lastClosedEndMs) + slideMs
    if (endMs >= group.nextEndMs) return
    if (group.nextEndMs === Infinity) this.#openCount++
    this.#wait(group, endMs)
  }

  #wait(group: Group<Memory>, endMs: number): void {
    group.nextEndMs = endMs
    const bucket = this.#buckets.get(endMs)
    if (bucket !== undefined) bucket.push(group)
    else {
      this.#buckets.set(endMs, [group])
      this.#ends.push(endMs, endMs)
    }
  }

  #close(group: Group<Memory>, endMs: number, onClosed: OnClosed<Memory>): void {
    this.#onClosing(group)
    const startMs = endMs - this.#sizeMs
    const slideMs = this.#slideMs
    const panes = this.#panes
    const aggregates = this.#aggregates
    const seriesCount = group.newestPanes.length
    while (aggregates.length < seriesCount) aggregates.push(new Aggregate())
    let oldestKeptMs = Infinity
    for (let series = 0; series < seriesCount; series++) {
      const aggregate = aggregates[series]!
      aggregate.clear()
      const inWindow = this.#scratch
      inWindow.length = 0
      let newer = none
      let pane = group.newestPanes[series]!
      while (pane !== none) {
        const paneMs = panes.originMs(pane)
        if (paneMs < startMs) break
        if (paneMs < endMs) inWindow.push(pane)
        // The oldest pane of this window is part of no later one; older ones are gone already.
        if (paneMs > startMs) {
          oldestKeptMs = Math.min(oldestKeptMs, paneMs)
          newer = pane
        }
        pane = panes.older(pane)
      }
      // Oldest first, so that of two readings of the same moment the later pane's is the last.
      for (let i = inWindow.length - 1; i >= 0; i--) panes.mergeInto(inWindow[i]!, aggregate)
      const expired = newer === none ? group.newestPanes[series]! : panes.older(newer)
      if (expired !== none) {
        if (newer === none) group.newestPanes[series] = none
        else panes.setOlder(newer, none)
        panes.freeList(expired)
      }
    }
    // The group must be in its next bucket before anyone looks at it.
    if (oldestKeptMs === Infinity) {
      group.nextEndMs = Infinity
      this.#openCount--
    } else this.#wait(group, Math.max(endMs, oldestKeptMs) + slideMs)

    const closed = (this.#closed ??= { group, startMs, endMs, aggregates, isComplete: false })
    closed.group = group
    closed.startMs = startMs
    closed.endMs = endMs
    closed.isComplete = isObserved(group, aggregates, seriesCount, startMs)
    onClosed(closed)
  }
}
