import type { Aggregate } from './aggregate.ts'
import type { PaneNeeds } from './needs.ts'
import { Samples } from './samples.ts'
import type { Arrival } from './windowing.ts'
import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'

/** No pane. */
export const none = -1

// The columns that every pane has.
const COUNT = 0
const MEAN = 1
const M2 = 2
const FIRST_MS = 3
const LAST_MS = 4
/** The pane's start (or a session's first event time): times inside are kept relative to it, to stay exact. */
const ORIGIN_MS = 5
const FIRST_OFFSET = 6
const LAST_OFFSET = 7
/** From here on: which panes are near. */
const linkColumns = 8
/** Next older pane of the same series. */
const OLDER = 8
/** Neighbours in the order in which panes were made, which is the order of their first offsets. */
const MADE_BEFORE = 9
const MADE_AFTER = 10
const commonColumns = 11

/** The first segment grows up to a whole one; a partition of few keys needs no more. */
const initialPanes = 64
/** Panes of a segment, as a power of two. */
const segmentBits = 12
const segmentPanes = 1 << segmentBits
const segmentMask = segmentPanes - 1

/**
 * The panes of one partition: what is kept of the readings of one metric of one group key in one slide of
 * event time (or one session).
 *
 * A pane is a row of a Float64Array. Rows rather than one array per column, because a reading touches a
 * dozen columns of one pane and hardly ever two panes: a row is two cache lines, columns would be a dozen.
 * Columns that no feature needs do not exist. Freed rows are used again. Rows lie in segments of 4,096, so a store that grows copies nothing and
 * has hardly more than it needs: with a million keys one array that grows by a half is copied by the hundreds of megabytes.
 *
 * Moments are kept by Welford's recursion and merged by Chan's, so a mean of 1e9 with a spread of 1e-3 is
 * still right.
 */
export class PaneStore {
  readonly #stride: number
  readonly #minColumn: number
  readonly #firstColumn: number
  readonly #timeColumn: number
  /** The watermark when the pane was made. */
  readonly #bornColumn: number
  readonly #keepsSamples: boolean
  readonly #seed: number
  readonly #segments: Float64Array[]
  #samples: (Samples | undefined)[] = []
  /** The few panes with a labelled reading: the first label and its earliest moment. */
  readonly #faults = new Map<number, { fault: number; fromMs: number }>()
  #used = 0
  #free = none
  #freeCount = 0
  #oldestMade = none
  #newestMade = none

  /** @param keepsWatermarks whether `oldest` tells the watermark of that moment. */
  constructor(needs: PaneNeeds, seed: number, keepsWatermarks = false) {
    let columns = commonColumns
    const take = (isNeeded: boolean, count: number): number => {
      if (!isNeeded) return none
      columns += count
      return columns - count
    }
    this.#minColumn = take(needs.extremes, 2)
    this.#firstColumn = take(needs.ends, 2)
    this.#timeColumn = take(needs.trend, 3)
    this.#bornColumn = take(keepsWatermarks, 1)
    this.#keepsSamples = needs.samples
    this.#seed = seed
    this.#stride = columns
    this.#segments = [new Float64Array(initialPanes * columns)]
  }

  /** Panes in use. */
  get size(): number {
    return this.#used - this.#freeCount
  }

  /** Memory held, in bytes. */
  get bytes(): number {
    let bytes = this.#segments.length === 1 ? this.#segments[0]!.byteLength : this.#segments.length * segmentPanes * this.#stride * 8
    for (const samples of this.#samples) bytes += samples?.bytes ?? 0
    return bytes
  }

  /** Makes an empty pane. Panes must be made in the order of their first offsets. */
  make(originMs: number, offset: number, watermarkMs: number): number {
    const pane = this.#takeRow()
    const rows = this.#segments[pane >> segmentBits]!
    const at = (pane & segmentMask) * this.#stride
    rows.fill(0, at, at + this.#stride)
    rows[at + FIRST_MS] = Infinity
    rows[at + LAST_MS] = -Infinity
    rows[at + ORIGIN_MS] = originMs
    rows[at + FIRST_OFFSET] = offset
    if (this.#bornColumn !== none) rows[at + this.#bornColumn] = watermarkMs
    rows[at + OLDER] = none
    rows[at + MADE_BEFORE] = this.#newestMade
    rows[at + MADE_AFTER] = none
    if (this.#newestMade === none) this.#oldestMade = pane
    else this.#set(this.#newestMade, MADE_AFTER, pane)
    this.#newestMade = pane
    if (this.#keepsSamples) this.#samples[pane] = new Samples(this.#sampleSeed(offset))
    return pane
  }

  /** Gives a pane back. */
  free(pane: number): void {
    const rows = this.#segments[pane >> segmentBits]!
    const at = (pane & segmentMask) * this.#stride
    const before = rows[at + MADE_BEFORE]!
    const after = rows[at + MADE_AFTER]!
    if (before === none) this.#oldestMade = after
    else this.#set(before, MADE_AFTER, after)
    if (after === none) this.#newestMade = before
    else this.#set(after, MADE_BEFORE, before)
    rows[at + OLDER] = this.#free
    this.#free = pane
    this.#freeCount++
    if (this.#keepsSamples) this.#samples[pane] = undefined
    if (this.#faults.size > 0) this.#faults.delete(pane)
  }

  /** Adds a reading. */
  add(pane: number, { value, eventTimeMs, offset, fault }: Omit<Arrival, 'watermarkMs'>): void {
    const rows = this.#segments[pane >> segmentBits]!
    const at = (pane & segmentMask) * this.#stride
    const count = (rows[at + COUNT]! += 1)
    const mean = rows[at + MEAN]!
    const difference = value - mean
    const newMean = mean + difference / count
    rows[at + MEAN] = newMean
    rows[at + M2]! += difference * (value - newMean)
    rows[at + LAST_OFFSET] = offset
    if (fault !== 0) this.#addFault(pane, fault, eventTimeMs)

    const isEarliest = eventTimeMs < rows[at + FIRST_MS]!
    // A reading of the same moment as the latest one replaces it: it came later.
    const isLatest = eventTimeMs >= rows[at + LAST_MS]!
    if (isEarliest) rows[at + FIRST_MS] = eventTimeMs
    if (isLatest) rows[at + LAST_MS] = eventTimeMs

    const min = this.#minColumn
    if (min !== none) {
      if (count === 1 || value < rows[at + min]!) rows[at + min] = value
      if (count === 1 || value > rows[at + min + 1]!) rows[at + min + 1] = value
    }
    const first = this.#firstColumn
    if (first !== none) {
      if (isEarliest) rows[at + first] = value
      if (isLatest) rows[at + first + 1] = value
    }
    const time = this.#timeColumn
    if (time !== none) {
      const seconds = (eventTimeMs - rows[at + ORIGIN_MS]!) / 1_000
      const timeMean = rows[at + time]!
      const timeDifference = seconds - timeMean
      const newTimeMean = timeMean + timeDifference / count
      rows[at + time] = newTimeMean
      rows[at + time + 1]! += timeDifference * (seconds - newTimeMean)
      rows[at + time + 2]! += timeDifference * (value - newMean)
    }
    if (this.#keepsSamples) this.#samples[pane]!.add(value, eventTimeMs)
  }

  #addFault(pane: number, fault: number, eventTimeMs: number): void {
    const known = this.#faults.get(pane)
    if (known === undefined) this.#faults.set(pane, { fault, fromMs: eventTimeMs })
    else if (eventTimeMs < known.fromMs) known.fromMs = eventTimeMs
  }

  originMs(pane: number): number {
    return this.#cell(pane, ORIGIN_MS)
  }

  older(pane: number): number {
    return this.#cell(pane, OLDER)
  }

  setOlder(pane: number, older: number): void {
    this.#set(pane, OLDER, older)
  }

  /** The smallest offset that any pane was computed from, and the watermark just before that record (-Infinity where it is not kept). */
  oldest(): { offset: number; watermarkMs: number } | undefined {
    if (this.#oldestMade === none) return undefined
    const pane = this.#oldestMade
    return { offset: this.#cell(pane, FIRST_OFFSET), watermarkMs: this.#bornColumn === none ? -Infinity : this.#cell(pane, this.#bornColumn) }
  }

  /** True when `a` was made before `b`. */
  isOlder(a: number, b: number): boolean {
    return this.#cell(a, FIRST_OFFSET) < this.#cell(b, FIRST_OFFSET)
  }

  /** Adds a pane's content to an aggregate. */
  mergeInto(pane: number, into: Aggregate): void {
    const rows = this.#segments[pane >> segmentBits]!
    const at = (pane & segmentMask) * this.#stride
    const count = rows[at + COUNT]!
    const total = into.count + count
    const difference = rows[at + MEAN]! - into.mean
    const share = count / total
    into.mean += difference * share
    into.m2 += rows[at + M2]! + difference * difference * into.count * share

    const time = this.#timeColumn
    if (time !== none) {
      // Times of the pane are relative to its own origin, those of the aggregate to that of its first pane.
      const originMs = rows[at + ORIGIN_MS]!
      if (into.count === 0) into.originMs = originMs
      const timeDifference = rows[at + time]! + (originMs - into.originMs) / 1_000 - into.timeMean
      into.timeMean += timeDifference * share
      into.timeM2 += rows[at + time + 1]! + timeDifference * timeDifference * into.count * share
      into.timeValue += rows[at + time + 2]! + timeDifference * difference * into.count * share
    }
    const min = this.#minColumn
    if (min !== none) {
      if (rows[at + min]! < into.min) into.min = rows[at + min]!
      if (rows[at + min + 1]! > into.max) into.max = rows[at + min + 1]!
    }
    const isEarliest = rows[at + FIRST_MS]! < into.firstMs
    const isLatest = rows[at + LAST_MS]! >= into.lastMs
    const first = this.#firstColumn
    if (isEarliest) {
      into.firstMs = rows[at + FIRST_MS]!
      if (first !== none) into.first = rows[at + first]!
    }
    if (isLatest) {
      into.lastMs = rows[at + LAST_MS]!
      if (first !== none) into.last = rows[at + first + 1]!
    }
    into.count = total
    if (rows[at + FIRST_OFFSET]! < into.firstOffset) into.firstOffset = rows[at + FIRST_OFFSET]!
    if (rows[at + LAST_OFFSET]! > into.lastOffset) into.lastOffset = rows[at + LAST_OFFSET]!
    const labelled = this.#faults.size === 0 ? undefined : this.#faults.get(pane)
    if (labelled !== undefined && (into.fault === 0 || labelled.fromMs < into.faultFromMs)) {
      into.fault = labelled.fault
      into.faultFromMs = labelled.fromMs
    }
    if (this.#keepsSamples) into.samples.push(this.#samples[pane]!)
  }

  /** Frees a pane and all older ones of its series. */
  freeList(newest: number): void {
    for (let pane = newest; pane !== none; ) {
      const older = this.older(pane)
      this.free(pane)
      pane = older
    }
  }

  /** The panes of a series by what is in them: their places are others in the store that reads them. */
  writeListTo(writer: SnapshotWriter, newest: number): void {
    let count = 0
    for (let pane = newest; pane !== none; pane = this.older(pane)) count++
    writer.u32(count)
    for (let pane = newest; pane !== none; pane = this.older(pane)) this.#writePaneTo(writer, pane)
  }

  /**
   * Makes the panes of a series as they were written. After the last one `linkRead` must be called, before any is made in another way.
   *
   * @param faultOf this process's number of a fault that has the given one in the snapshot.
   * @returns the newest.
   */
  readListFrom(reader: SnapshotReader, faultOf: (fault: number) => number): number {
    let newest = none
    let newer = none
    for (let count = reader.count(8 * linkColumns); count > 0; count--) {
      const pane = this.#readPaneFrom(reader, faultOf)
      if (newer === none) newest = pane
      else this.setOlder(newer, pane)
      newer = pane
    }
    return newest
  }

  #writePaneTo(writer: SnapshotWriter, pane: number): void {
    const rows = this.#segments[pane >> segmentBits]!
    const at = (pane & segmentMask) * this.#stride
    writer.doubles(rows, at, at + linkColumns)
    writer.doubles(rows, at + commonColumns, at + this.#stride)
    if (this.#keepsSamples) this.#samples[pane]!.writeTo(writer)
    const labelled = this.#faults.size === 0 ? undefined : this.#faults.get(pane)
    writer.u8(labelled === undefined ? 0 : 1)
    if (labelled === undefined) return
    writer.u32(labelled.fault)
    writer.f64(labelled.fromMs)
  }

  #readPaneFrom(reader: SnapshotReader, faultOf: (fault: number) => number): number {
    const pane = this.#takeRow()
    const rows = this.#segments[pane >> segmentBits]!
    const at = (pane & segmentMask) * this.#stride
    reader.doublesInto(rows, at, at + linkColumns)
    rows.fill(none, at + linkColumns, at + commonColumns)
    reader.doublesInto(rows, at + commonColumns, at + this.#stride)
    if (this.#keepsSamples) this.#samples[pane] = Samples.readFrom(reader, this.#sampleSeed(rows[at + FIRST_OFFSET]!))
    if (reader.u8() === 1) this.#faults.set(pane, { fault: faultOf(reader.u32()), fromMs: reader.f64() })
    return pane
  }

  /** Brings the panes that were read into the order in which they were made. */
  linkRead(): void {
    const isFree = new Uint8Array(this.#used)
    for (let pane = this.#free; pane !== none; pane = this.#cell(pane, OLDER)) isFree[pane] = 1
    const offsetOf = (pane: number): number => this.#cell(pane, FIRST_OFFSET)
    const made = Array.from(isFree.keys()).filter((pane) => isFree[pane] === 0).sort((a, b) => offsetOf(a) - offsetOf(b))
    made.forEach((pane, i) => {
      this.#set(pane, MADE_BEFORE, made[i - 1] ?? none)
      this.#set(pane, MADE_AFTER, made[i + 1] ?? none)
    })
    this.#oldestMade = made[0] ?? none
    this.#newestMade = made.at(-1) ?? none
  }

  #cell(pane: number, column: number): number {
    return this.#segments[pane >> segmentBits]![(pane & segmentMask) * this.#stride + column]!
  }

  #set(pane: number, column: number, value: number): void {
    this.#segments[pane >> segmentBits]![(pane & segmentMask) * this.#stride + column] = value
  }

  #takeRow(): number {
    const pane = this.#free
    if (pane !== none) {
      this.#free = this.#cell(pane, OLDER)
      this.#freeCount--
      return pane
    }
    const next = this.#used++
    const segment = this.#segments[next >> segmentBits]
    if (segment === undefined || (next & segmentMask) * this.#stride === segment.length) this.#grow(segment)
    return next
  }

  #sampleSeed(firstOffset: number): number {
    return this.#seed ^ (firstOffset | 0)
  }

  /** @param first the first segment, where it has room for less than a whole one. */
  #grow(first: Float64Array | undefined): void {
    if (first === undefined) {
      this.#segments.push(new Float64Array(segmentPanes * this.#stride))
      return
    }
    const grown = new Float64Array(first.length * 2)
    grown.set(first)
    this.#segments[0] = grown
  }
}
