import type { PaneNeeds } from './needs.ts'
import { Samples } from './samples.ts'
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
/** Next older pane of the same series. */
const OLDER = 8
/** Neighbours in the order in which panes were made, which is the order of their first offsets. */
const MADE_BEFORE = 9
const MADE_AFTER = 10
const commonColumns = 11

const initialPanes = 64

/**
 * The panes of one partition: what is kept of the readings of one metric of one group key in one slide of
 * event time (or one session).
 *
 * A pane is a row of one Float64Array. Rows rather than one array per column, because a reading touches a
 * dozen columns of one pane and hardly ever two panes: a row is two cache lines, columns would be a dozen.
 * Columns that no feature needs do not exist. Freed rows are used again.
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
  #rows: Float64Array
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
    this.#rows = new Float64Array(initialPanes * columns)
  }

  /** Panes in use. */
  get size(): number {
    return this.#used - this.#freeCount
  }

  /** Memory held, in bytes. */
  get bytes(): number {
    let bytes = this.#rows.byteLength
    for (const samples of this.#samples) bytes += samples?.bytes ?? 0
    return bytes
  }

  /** Makes an empty pane. Panes must be made in the order of their first offsets. */
  make(originMs: number, offset: number, watermarkMs: number): number {
    let pane = this.#free
    if (pane === none) {
      pane = this.#used++
      if (this.#used * this.#stride > this.#rows.length) this.#grow()
    } else {
      this.#free = this.#rows[pane * this.#stride + OLDER]!
      this.#freeCount--
    }
    const rows = this.#rows
    const at = pane * this.#stride
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
    else rows[this.#newestMade * this.#stride + MADE_AFTER] = pane
    this.#newestMade = pane
    if (this.#keepsSamples) this.#samples[pane] = new Samples(this.#sampleSeed(offset))
    return pane
  }

  /** Gives a pane back. */
  free(pane: number): void {
    const rows = this.#rows
    const at = pane * this.#stride
    const before = rows[at + MADE_BEFORE]!
    const after = rows[at + MADE_AFTER]!
    if (before === none) this.#oldestMade = after
    else rows[before * this.#stride + MADE_AFTER] = after
    if (after === none) this.#newestMade = before
    else rows[after * this.#stride + MADE_BEFORE] = before
    rows[at + OLDER] = this.#free
    this.#free = pane
    this.#freeCount++
    if (this.#keepsSamples) this.#samples[pane] = undefined
    if (this.#faults.size > 0) this.#faults.delete(pane)
  }

  /**
   * Adds a reading.
   *
   * @param fault number of the fault that the record is labelled with; 0 for none.
   */
  add(pane: number, value: number, eventTimeMs: number, offset: number, fault: number): void {
    const rows = this.#rows
    const at = pane * this.#stride
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
    return this.#rows[pane * this.#stride + ORIGIN_MS]!
  }

  older(pane: number): number {
    return this.#rows[pane * this.#stride + OLDER]!
  }

  setOlder(pane: number, older: number): void {
    this.#rows[pane * this.#stride + OLDER] = older
  }

  /** The smallest offset that any pane was computed from, and the watermark just before that record (-Infinity where it is not kept). */
  oldest(): { offset: number; watermarkMs: number } | undefined {
    if (this.#oldestMade === none) return undefined
    const at = this.#oldestMade * this.#stride
    return { offset: this.#rows[at + FIRST_OFFSET]!, watermarkMs: this.#bornColumn === none ? -Infinity : this.#rows[at + this.#bornColumn]! }
  }

  /** True when `a` was made before `b`. */
  isOlder(a: number, b: number): boolean {
    return this.#rows[a * this.#stride + FIRST_OFFSET]! < this.#rows[b * this.#stride + FIRST_OFFSET]!
  }

  /** Adds a pane's content to an aggregate. */
  mergeInto(pane: number, into: Aggregate): void {
    const rows = this.#rows
    const at = pane * this.#stride
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

  /** Rows go as they lie there, freed ones too: panes are known by their places. */
  writeTo(writer: SnapshotWriter): void {
    for (const figure of [this.#used, this.#free, this.#freeCount, this.#oldestMade, this.#newestMade]) writer.f64(figure)
    writer.floats(this.#rows, this.#used * this.#stride)
    if (this.#keepsSamples) {
      for (let pane = 0; pane < this.#used; pane++) {
        const samples = this.#samples[pane]
        writer.u8(samples === undefined ? 0 : 1)
        samples?.writeTo(writer)
      }
    }
    writer.u32(this.#faults.size)
    for (const [pane, { fault, fromMs }] of this.#faults) {
      writer.u32(pane)
      writer.u32(fault)
      writer.f64(fromMs)
    }
  }

  /** @param faultOf this process's number of a fault that has the given one in the snapshot. */
  readFrom(reader: SnapshotReader, faultOf: (fault: number) => number): void {
    this.#used = reader.f64()
    this.#free = reader.f64()
    this.#freeCount = reader.f64()
    this.#oldestMade = reader.f64()
    this.#newestMade = reader.f64()
    const rows = reader.floats()
    if (rows.length > this.#rows.length) this.#rows = rows
    else this.#rows.set(rows)
    if (this.#keepsSamples) {
      for (let pane = 0; pane < this.#used; pane++) {
        const isThere = reader.u8() === 1
        this.#samples[pane] = isThere ? Samples.readFrom(reader, this.#sampleSeed(rows[pane * this.#stride + FIRST_OFFSET]!)) : undefined
      }
    }
    for (let count = reader.count(16); count > 0; count--) this.#faults.set(reader.u32(), { fault: faultOf(reader.u32()), fromMs: reader.f64() })
  }

  #sampleSeed(firstOffset: number): number {
    return this.#seed ^ (firstOffset | 0)
  }

  #grow(): void {
    // By a half: doubling would leave up to as much again unused.
    const rows = new Float64Array(Math.ceil(this.#rows.length / this.#stride * 1.5) * this.#stride)
    rows.set(this.#rows)
    this.#rows = rows
  }
}

/** What the readings of one metric in one closed window come to. Reused from window to window. */
export class Aggregate {
  count = 0
  mean = 0
  /** Sum of squared distances from the mean. */
  m2 = 0
  min = Infinity
  max = -Infinity
  first = 0
  firstMs = Infinity
  last = 0
  lastMs = -Infinity
  originMs = 0
  /** Mean of the times in seconds after `originMs`. */
  timeMean = 0
  /** Sum of squared distances from it. */
  timeM2 = 0
  /** Sum of products of the distances of time and of value. */
  timeValue = 0
  samples: Samples[] = []
  firstOffset = Infinity
  lastOffset = -Infinity
  fault = 0
  faultFromMs = Infinity

  clear(): void {
    this.count = 0
    this.mean = 0
    this.m2 = 0
    this.min = Infinity
    this.max = -Infinity
    this.firstMs = Infinity
    this.lastMs = -Infinity
    this.timeMean = 0
    this.timeM2 = 0
    this.timeValue = 0
    if (this.samples.length > 0) this.samples.length = 0
    this.firstOffset = Infinity
    this.lastOffset = -Infinity
    this.fault = 0
    this.faultFromMs = Infinity
  }
}
