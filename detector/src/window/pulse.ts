import type { SnapshotReader } from '../snapshot/reader.ts'
import type { SnapshotWriter } from '../snapshot/writer.ts'

/** Gaps that must have been seen before a silence means anything. */
export const neededGaps = 10

/** A longest gap is forgotten within so many times its length. Above `missedIntervals` at most (100), so that a limit never comes nearer while readings come. */
const memory = 200

/** A single gap makes the usual one at most so many times as long: one outage must not hide the next. */
const mostGrowth = 2

/** In a snapshot, beside the number of gaps. */
const watchedBit = 0x80

/**
 * When a group is heard, and how long its pauses usually are.
 *
 *     heard          *  *  *     *  *  *  *                     late or behind the watermark: counts as heard at the watermark
 *     gaps             1  1   2    1  1  1
 *     usual gap        1  1   2  2  2  2  2  ... 1              the longest lately: 2 is forgotten within 400
 *
 * The longest one, not the mean: it holds for readings at random moments and in bursts as well as for regular ones, and silence is
 * what is far beyond it. It is forgotten with time, not with readings, so a flood of them changes little.
 */
export class Pulse {
  /** The event time at which it was last heard: that of its last reading, or the watermark where the reading came behind it. */
  heardMs: number
  /** The last record of it. */
  lastOffset: number
  usualGapMs = 0
  /** Gaps seen, up to `neededGaps`. */
  gaps = 0
  /** Whether it is waited for. Not while too little is known of it, after its silence was told, nor while it may have moved to another partition. */
  isWatched = false

  constructor(heardMs: number, lastOffset: number) {
    this.heardMs = heardMs
    this.lastOffset = lastOffset
  }

  /** Takes in that the group was heard; several readings of one moment are one. */
  hear(eventTimeMs: number, offset: number, watermarkMs: number): void {
    this.lastOffset = offset
    const heardMs = Math.max(eventTimeMs, watermarkMs)
    const gapMs = heardMs - this.heardMs
    if (gapMs <= 0) return
    this.heardMs = heardMs
    const isWarm = this.gaps === neededGaps
    if (!isWarm) this.gaps++
    const learnedMs = isWarm ? Math.min(gapMs, this.usualGapMs * mostGrowth) : gapMs
    this.usualGapMs = Math.max(learnedMs, this.usualGapMs - gapMs / memory)
  }

  get isWarm(): boolean {
    return this.gaps === neededGaps
  }

  writeTo(writer: SnapshotWriter): void {
    writer.f64(this.heardMs)
    writer.f64(this.lastOffset)
    writer.f64(this.usualGapMs)
    writer.u8(this.gaps + (this.isWatched ? watchedBit : 0))
  }

  static readFrom(reader: SnapshotReader): Pulse {
    const pulse = new Pulse(reader.f64(), reader.f64())
    pulse.usualGapMs = reader.f64()
    const gaps = reader.u8()
    pulse.gaps = gaps & ~watchedBit
    pulse.isWatched = (gaps & watchedBit) !== 0
    return pulse
  }
}
