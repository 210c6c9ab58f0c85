import type { Group } from './group.ts'
import { TimeHeap } from './heap.ts'
import type { PaneNeeds } from './needs.ts'
import { Aggregate } from './aggregate.ts'
import { none, PaneStore } from './pane-store.ts'
import type { Arrival, OnClosed, OnClosing, Windowing } from './windowing.ts'
import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'

/** A span of readings of one group without a pause of `gap` in it. */
export interface Session {
  group: Group<never>
  /** Event time of the earliest reading. */
  startMs: number
  /** Event time of the latest reading. */
  lastMs: number
  /** The panes of each series; more than one where sessions were merged. Lists by `older`. */
  panes: number[]
  /** False once it was closed or merged into another. */
  isOpen: boolean
}

/**
 * Sessions: windows bounded by pauses of the group.
 *
 *     gap 10 s      0         10        20        30        40
 *     readings      x   x  x            x  x                       two sessions, [0, 17) and [20, 33)
 *     a late one              x (at 12)                            now one, [0, 33): 7 -> 12 and 12 -> 20 are no pauses
 *
 * - Two readings belong together when they are less than `gap` apart. A session ends `gap` after its last one.
 * - It is cut at `maxDuration`: a reading that would make it that long starts the next session, and two sessions
 *   that would be that long together are not merged. Where a reading could join two, the later one takes it.
 * - A reading is late when its own session, `gap` long, would be closed and no open one takes it.
 * - The first session of a group is incomplete when it starts within one gap of the partition's first reading:
 *   it may have begun before. A group that appears later is new, and its session is whole.
 *
 * Sessions are rebuilt exactly after a restart, with one exception: where readings out of order meet a session that was cut at
 * `maxDuration`, and that one is closed already, its neighbour may take a reading more or less.
 */
export class SessionWindows<Memory> implements Windowing<Memory> {
  readonly #gapMs: number
  readonly #maxDurationMs: number
  readonly #panes: PaneStore
  readonly #onClosing: OnClosing<Memory>
  readonly #aggregates: Aggregate[] = []
  /** Each open session once, at an end that it had at some time; looked at again when that comes. */
  readonly #ends = new TimeHeap<Session>()
  #observedFromMs: number
  #openCount = 0

  /** @param observedFromMs event time of the partition's first reading, where that is known from an earlier run. */
  constructor(gapMs: number, maxDurationMs: number, needs: PaneNeeds, seed: number, observedFromMs = Infinity, onClosing: OnClosing<Memory> = () => {}) {
    this.#gapMs = gapMs
    this.#maxDurationMs = maxDurationMs
    this.#panes = new PaneStore(needs, seed, true)
    this.#observedFromMs = observedFromMs
    this.#onClosing = onClosing
  }

  get openCount(): number {
    return this.#openCount
  }

  get bytes(): number {
    return this.#panes.bytes
  }

  isLate(group: Group<Memory>, eventTimeMs: number, watermarkMs: number): boolean {
    return eventTimeMs + this.#gapMs <= watermarkMs && this.#find(group, eventTimeMs) === undefined
  }

  add(group: Group<Memory>, series: number, arrival: Arrival): void {
    const { eventTimeMs } = arrival
    if (eventTimeMs < this.#observedFromMs) this.#observedFromMs = eventTimeMs
    let session = this.#find(group, eventTimeMs)
    if (session === undefined) session = this.#open(group, eventTimeMs)
    else this.#extend(session, eventTimeMs)

    while (session.panes.length <= series) session.panes.push(none)
    let pane = session.panes[series]!
    if (pane === none) {
      pane = this.#panes.make(eventTimeMs, arrival.offset, arrival.watermarkMs)
      session.panes[series] = pane
    }
    this.#panes.add(pane, arrival)
  }

  advance(watermarkMs: number, onClosed: OnClosed<Memory>): void {
    if (this.#ends.nextMs > watermarkMs) return
    const due: Session[] = []
    while (this.#ends.size > 0 && this.#ends.nextMs <= watermarkMs) {
      const session = this.#ends.pop()!
      if (!session.isOpen) continue
      const endMs = this.#endOf(session)
      if (endMs <= watermarkMs) {
        // At once, not when it is closed below: it may be in the heap twice.
        session.isOpen = false
        due.push(session)
      } else this.#ends.push(endMs, session)
    }
    due.sort((a, b) => this.#endOf(a) - this.#endOf(b) || a.group.index - b.group.index || a.startMs - b.startMs)
    for (const session of due) this.#close(session, onClosed)
  }

  oldestNeeded(): { offset: number; watermarkMs: number } | undefined {
    return this.#panes.oldest()
  }

  writeTo(writer: SnapshotWriter): void {
    writer.f64(this.#observedFromMs)
  }

  readFrom(reader: SnapshotReader): void {
    this.#observedFromMs = reader.f64()
  }

  writeGroupTo(writer: SnapshotWriter, group: Group<Memory>): void {
    writer.u32(group.sessions.length)
    for (const { startMs, lastMs, panes } of group.sessions) {
      writer.f64(startMs)
      writer.f64(lastMs)
      writer.u32(panes.length)
      for (const first of panes) this.#panes.writeListTo(writer, first)
    }
  }

  readGroupFrom(reader: SnapshotReader, group: Group<Memory>, faultOf: (fault: number) => number): void {
    // The series' panes hang on sessions here; a group's own list only tells their number.
    group.newestPanes = group.seriesNames.map(() => none)
    const sessions = reader.count(20)
    for (let i = 0; i < sessions; i++) {
      const session: Session = { group: group as Group<never>, startMs: reader.f64(), lastMs: reader.f64(), panes: [], isOpen: true }
      session.panes = Array.from({ length: reader.count(4) }, () => this.#panes.readListFrom(reader, faultOf))
      group.sessions = [...group.sessions, session]
    }
  }

  dropRead(group: Group<Memory>): void {
    for (const { panes } of group.sessions) for (const first of panes) this.#panes.freeList(first)
  }

  openRead(groups: readonly Group<Memory>[]): void {
    this.#panes.linkRead()
    for (const { sessions } of groups) {
      for (const session of sessions) this.#ends.push(this.#endOf(session), session)
      this.#openCount += sessions.length
    }
  }

  #endOf(session: Session): number {
    return Math.min(session.lastMs + this.#gapMs, session.startMs + this.#maxDurationMs)
  }

  /** The open session that takes a reading: the latest that is near enough and not full. */
  #find(group: Group<Memory>, eventTimeMs: number): Session | undefined {
    const { sessions } = group
    for (let i = sessions.length - 1; i >= 0; i--) {
      const session = sessions[i]!
      const isNear = eventTimeMs > session.startMs - this.#gapMs && eventTimeMs < session.lastMs + this.#gapMs
      const lengthMs = Math.max(session.lastMs, eventTimeMs) - Math.min(session.startMs, eventTimeMs)
      if (isNear && lengthMs < this.#maxDurationMs) return session
    }
    return undefined
  }

  #open(group: Group<Memory>, eventTimeMs: number): Session {
    const session: Session = { group: group as Group<never>, startMs: eventTimeMs, lastMs: eventTimeMs, panes: [], isOpen: true }
    group.sessions = [...group.sessions, session]
    if (group.sessions.length > 1) group.sessions.sort((a, b) => a.startMs - b.startMs)
    this.#openCount++
    this.#ends.push(this.#endOf(session), session)
    return session
  }

  #extend(session: Session, eventTimeMs: number): void {
    if (eventTimeMs > session.lastMs) session.lastMs = eventTimeMs
    if (eventTimeMs >= session.startMs) {
      if (session.group.sessions.length > 1) this.#mergeNeighbours(session)
      return
    }
    session.startMs = eventTimeMs
    // A session whose length is at its limit ends earlier when it starts earlier, so its place must be looked up again.
    this.#ends.push(this.#endOf(session), session)
    if (session.group.sessions.length > 1) this.#mergeNeighbours(session)
  }

  /** Takes over neighbours that are no pause away any more. */
  #mergeNeighbours(session: Session): void {
    const { sessions } = session.group
    sessions.sort((a, b) => a.startMs - b.startMs)
    const at = sessions.indexOf(session)
    for (const neighbour of [sessions[at + 1], sessions[at - 1]]) {
      if (neighbour === undefined) continue
      const pauseMs = Math.max(neighbour.startMs - session.lastMs, session.startMs - neighbour.lastMs)
      const startMs = Math.min(session.startMs, neighbour.startMs)
      const lastMs = Math.max(session.lastMs, neighbour.lastMs)
      if (pauseMs < this.#gapMs && lastMs - startMs < this.#maxDurationMs) this.#takeOver(session, neighbour, startMs, lastMs)
    }
  }

  #takeOver(session: Session, neighbour: Session, startMs: number, lastMs: number): void {
    const panes = this.#panes
    session.startMs = startMs
    session.lastMs = lastMs
    neighbour.isOpen = false
    this.#openCount--
    const { sessions } = session.group
    sessions.splice(sessions.indexOf(neighbour), 1)
    neighbour.panes.forEach((first, series) => {
      while (session.panes.length <= series) session.panes.push(none)
      if (first === none) return
      let last = first
      while (panes.older(last) !== none) last = panes.older(last)
      panes.setOlder(last, session.panes[series]!)
      session.panes[series] = first
    })
    this.#ends.push(this.#endOf(session), session)
  }

  #close(session: Session, onClosed: OnClosed<Memory>): void {
    const panes = this.#panes
    const aggregates = this.#aggregates
    const group = session.group as Group<Memory>
    this.#onClosing(group)
    const endMs = this.#endOf(session)
    while (aggregates.length < group.seriesNames.length) aggregates.push(new Aggregate())
    for (let series = 0; series < group.seriesNames.length; series++) {
      const aggregate = aggregates[series]!
      aggregate.clear()
      const merged: number[] = []
      for (let pane = session.panes[series] ?? none; pane !== none; pane = panes.older(pane)) merged.push(pane)
      // In the order in which they were made, whichever session took over which.
      if (merged.length > 1) merged.sort((a, b) => (panes.isOlder(a, b) ? -1 : 1))
      for (const pane of merged) {
        panes.mergeInto(pane, aggregate)
        panes.free(pane)
      }
    }
    this.#openCount--
    group.sessions.splice(group.sessions.indexOf(session), 1)
    const isComplete = session.startMs - this.#gapMs >= this.#observedFromMs || group.observedFromMs < session.startMs - this.#gapMs
    onClosed({ group, startMs: session.startMs, endMs, aggregates, isComplete })
  }
}
