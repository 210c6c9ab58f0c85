import type { DetectorConfig } from '@tidewatch/api'
import type { RecordView } from '@tidewatch/kafka'
import { clearEffects, noEffects, type Effects } from './effects.ts'
import type { GroupCounts } from './group-counts.ts'
import { createReader, type Reader } from './ingest/reader.ts'
import { Partition, type PartitionOptions } from './partition.ts'
import { notOfThisCommit, type Replay, type Resumption } from './replay.ts'
import { formatRestorePoint, parseRestorePoint, type RestorePoint } from './restore-point.ts'
import { describeConfiguration } from './snapshot/configuration.ts'
import { openSnapshot } from './snapshot/header.ts'
import { readPartition } from './snapshot/partition-state.ts'
import { NoteFollower, ReplayNotes } from './snapshot/replay-notes.ts'
import type { SnapshotOptions } from './snapshot/snapshots.ts'
import { joinPieces, type Trailer } from './snapshot/writer.ts'
import type { Tallies } from './tallies.ts'
import type { ThresholdFactory } from './threshold/threshold.ts'
import type { Growths } from './window/growth.ts'
import type { Watermark } from './window/watermark.ts'

export { clearEffects, noEffects, type EmittedVerdict, type Effects } from './effects.ts'

export type { OnWindow, PartitionOptions as TopologyOptions } from './partition.ts'
export type { Resumption } from './replay.ts'

/**
 * The way of the records of one input partition, from bytes to verdicts, as a pure object: records and the time go
 * in, effects come out. What it does is a function of the records alone, in their order; `nowMs` decides only how
 * far ahead an event time may be and when a silent partition closes its windows, and both are noted for a replay.
 *
 *     a new partition          start(offset)
 *     an earlier commit        resume(committed): open windows are rebuilt, models are new
 *     and a snapshot           restore(bytes), resumeSilently(committed): all is as it was
 */
export class Topology {
  readonly #config: DetectorConfig
  /** What the state depends on, as snapshots carry it. */
  readonly #configuration: string
  readonly #thresholds: ThresholdFactory
  readonly #read: Reader
  readonly #partition: Partition
  readonly #tallies: Tallies
  readonly #watermark: Watermark
  #nextOffset = 0
  #lastRecordAtMs: number | undefined
  readonly #notes = new ReplayNotes()
  /** The oldest snapshot that notes must reach back to. */
  #keepNotesFrom = Infinity
  #replay: Replay | undefined
  #replayDiverged = false
  /** Where effects go that are out already. */
  readonly #unheard = noEffects()

  constructor(options: PartitionOptions) {
    const { config, partition, thresholds, tallies } = options
    this.#config = config
    this.#configuration = describeConfiguration(config, partition)
    this.#thresholds = thresholds
    this.#tallies = tallies
    this.#read = createReader(config.reading, { maxClockSkewMs: config.maxClockSkewMs, needsDeviceType: config.scope === 'DeviceType' })
    this.#partition = new Partition(options)
    this.#watermark = this.#partition.watermark
  }

  /** The offset after the last record taken in. */
  get nextOffset(): number {
    return this.#nextOffset
  }

  /** -Infinity before the first reading. */
  get watermarkMs(): number {
    return this.#watermark.ms
  }

  get isReplaying(): boolean {
    return this.#replay !== undefined
  }

  get openWindows(): number {
    return this.#partition.windowing?.openCount ?? 0
  }

  /** Groups by whether their model judges already, and the most windows that one of them still has to bring; walks over all of them. */
  countGroups(): GroupCounts {
    return this.#partition.countGroups()
  }

  /** Memory of panes and groups, roughly, in bytes; models do not tell theirs. */
  get stateBytes(): number {
    return this.#partition.stateBytes
  }

  /** Begins at a record, with nothing known of those before it. */
  start(offset: number): void {
    this.#nextOffset = offset
    this.#notes.startAt(offset)
  }

  /**
   * Begins where an earlier detector stopped. Metadata that is not ours begins at the offset, with nothing known
   * of the open windows.
   */
  resume(committed: { offset: number; metadata: string }): Resumption {
    const point = parseRestorePoint(committed.metadata)
    if (point === undefined || point.restoreOffset > committed.offset) {
      this.start(committed.offset)
      return { startOffset: committed.offset, committedOffset: committed.offset }
    }
    this.#nextOffset = committed.offset
    this.growths.load(point, point.restoreOffset)
    this.#notes.load({ ...point, completeFrom: Math.min(point.completeFrom, committed.offset) })
    if (Number.isFinite(point.lastRecordAtMs)) this.#lastRecordAtMs = point.lastRecordAtMs
    this.#partition.restartWindows(point.observedFromMs)
    if (point.restoreOffset === committed.offset) {
      this.#watermark.resume(point.watermarkMs, point.maxEventTimeMs)
    } else {
      // Fixed windows: whatever is late by the watermark at the commit is in no open window, and the other way round.
      // Sessions grow together in the order of their readings, so there the watermark is led through its old course.
      const isSession = this.#config.window.kind === 'session'
      this.#watermark.resume(isSession ? point.startWatermarkMs : point.watermarkMs, isSession ? point.startWatermarkMs + this.#config.allowedLatenessMs : point.maxEventTimeMs)
      this.#nextOffset = point.restoreOffset
      this.#beginReplay({ untilOffset: committed.offset, point, follower: new NoteFollower(point), isWhole: false })
    }
    return { startOffset: point.restoreOffset, committedOffset: committed.offset }
  }

  /** Offset and metadata to commit, once everything up to here is written. Undefined while records are being read again. */
  position(): { offset: number; metadata: string } | undefined {
    if (this.#replay !== undefined) return undefined
    return { offset: this.#nextOffset, metadata: formatRestorePoint(this.restorePoint()) }
  }

  restorePoint(): RestorePoint {
    const oldest = this.#partition.windowing?.oldestNeeded()
    const restoreOffset = oldest?.offset ?? this.#nextOffset
    const readAgainFrom = Math.min(restoreOffset, this.#keepNotesFrom)
    this.#notes.forgetBefore(readAgainFrom)
    this.growths.forgetBefore(readAgainFrom)
    return {
      restoreOffset,
      watermarkMs: this.#watermark.ms,
      maxEventTimeMs: this.#watermark.maxEventTimeMs,
      startWatermarkMs: this.#config.window.kind === 'session' && oldest !== undefined ? oldest.watermarkMs : -Infinity,
      ...this.#notes.toState(),
      observedFromMs: this.#partition.observedFromMs,
      lastRecordAtMs: this.#lastRecordAtMs ?? -Infinity,
      ...this.growths.toState(),
    }
  }

  /** A full snapshot in one piece; see `snapshotInSlices`. */
  snapshot(): Uint8Array {
    return joinPieces([...this.snapshotInSlices({ isFull: true })])
  }

  /**
   * The partition's state as it is now, in pieces of up to 512 KiB that follow each other: all of it, or, after `followWith`, what has
   * changed. Between two pieces the topology may go on. May be given up at any piece.
   *
   * To be taken together with `position()`, and to be published only once that is committed: an uncommitted one may hold what the clock
   * did here and not where the partition went on.
   *
   * @throws Error while records are being read again, or at the piece after which another snapshot was begun.
   */
  snapshotInSlices(options: SnapshotOptions = {}): Generator<Uint8Array, void> {
    if (this.#replay !== undefined) throw new Error(`the topology is still reading again what is before offset ${this.#replay.untilOffset}: there is nothing to take a snapshot of`)
    const nextOffset = this.#nextOffset
    this.#keepNotesFrom = Math.min(this.#keepNotesFrom, nextOffset)
    const figures = { observedFromMs: this.#partition.observedFromMs, lastRecordAtMs: this.#lastRecordAtMs, notes: this.#notes.toState() }
    return this.#partition.snapshots.begin(this.#partition, { nextOffset, configuration: this.#configuration, figures }, options)
  }

  /**
   * The next snapshot may be an increment to the last one, which is stored and ends with this trailer.
   *
   * @param mostChanged up to which part of all groups having changed, in [0, 1]; beyond, and where groups share models or were forgotten
   *   since, it is a full one.
   */
  followWith(trailer: Trailer, mostChanged: number): void {
    this.#partition.snapshots.followWith(trailer, mostChanged)
  }

  /**
   * Takes up the state of a full snapshot and the increments behind it. The topology must be new; after an error it is of no use any more.
   *
   * @throws SnapshotDamaged: take the one before. SnapshotOfAnotherVersion, SnapshotOfAnotherConfiguration: start without one.
   */
  restore(bytes: Uint8Array): { nextOffset: number } {
    const opened = openSnapshot(bytes, this.#configuration)
    const figures = readPartition(opened.map(({ reader }) => reader), this.#partition, this.#thresholds)
    const { header } = opened.at(-1)!
    this.#nextOffset = header.nextOffset
    this.#partition.observedFromMs = figures.observedFromMs
    this.#lastRecordAtMs = figures.lastRecordAtMs
    this.#notes.load(figures.notes)
    this.#keepNotesFrom = header.nextOffset
    return { nextOffset: header.nextOffset }
  }

  /**
   * After `restore`: goes on from a commit. Records before it are taken in as they were the first time, without effects and tallies.
   *
   * @throws SnapshotNotOfThisCommit when there is no exact way from the snapshot to the commit.
   */
  resumeSilently(committed: { offset: number; metadata: string }): Resumption {
    const point = parseRestorePoint(committed.metadata)
    const startOffset = this.#nextOffset
    const isAhead = startOffset > committed.offset || (startOffset === committed.offset && point !== undefined && this.#watermark.ms > point.watermarkMs)
    if (point === undefined) throw notOfThisCommit(startOffset, committed.offset, 'the commit was not made by a detector')
    if (isAhead) throw notOfThisCommit(startOffset, committed.offset, 'the snapshot is ahead of the commit')
    if (point.completeFrom > startOffset) throw notOfThisCommit(startOffset, committed.offset, `the notes of the commit begin at ${point.completeFrom}`)
    this.#notes.load(point)
    this.growths.load(point, startOffset)
    this.#beginReplay({ untilOffset: committed.offset, point, follower: new NoteFollower(point), isWhole: true })
    if (startOffset === committed.offset) this.#endReplay()
    return { startOffset, committedOffset: committed.offset }
  }

  /** Keeps the commit's metadata telling all that a replay from this offset needs: that of the oldest checkpoint which may still be restored. */
  keepReplayNotesFrom(offset: number): void {
    this.#keepNotesFrom = offset
  }

  /** Whether the commit's metadata fills up: a new checkpoint (or two) would make most of it superfluous. */
  get wantsCheckpoint(): boolean {
    return this.#notes.isCrowded
  }

  /** True after a replay that did not come to where the commit was, because records are gone: judgements may differ from now on. */
  get replayDiverged(): boolean {
    return this.#replayDiverged
  }

  /** Takes in the next record. Never throws because of what is in it. */
  step(record: RecordView, nowMs: number, out: Effects): void {
    if (this.#replay !== undefined) {
      if (record.offset >= this.#replay.untilOffset) this.#endReplay()
      else return this.#stepAgain(this.#replay, record)
    }
    this.#nextOffset = record.offset + 1
    this.#lastRecordAtMs = nowMs
    const tallies = this.#tallies
    tallies.records++
    const reading = this.#read(record, nowMs)
    if (reading.kind === 'rejected') {
      tallies.deadLetters[reading.reason]++
      out.deadLetters.push({ record: record.toRecord(), rejection: reading })
      if (reading.reason === 'timestampTooFarAhead') this.#noteRefused(record)
      return
    }
    if (reading.eventTimeMs >= this.#notes.refusedFromMs) this.#notes.noteTaken(record.offset)
    this.#partition.takeIn(record, reading, out)
  }

  /** Goes on behind what holds no records: markers of transactions, and what compaction has taken away. */
  skipTo(offset: number): void {
    if (offset <= this.#nextOffset) return
    if (this.#replay !== undefined && offset >= this.#replay.untilOffset) this.#endReplay()
    this.#nextOffset = Math.max(this.#nextOffset, offset)
  }

  /**
   * Lets the clock act: a partition that has been silent for `idleTimeout` moves its watermark on.
   *
   * @param isCaughtUp whether every record of the log was taken in. Silence of one that lags is its reader's own.
   */
  tick(nowMs: number, isCaughtUp: boolean, out: Effects): void {
    if (!isCaughtUp) return
    // The last records before the commit may be no readings at all (markers of transactions).
    if (this.#replay !== undefined) this.#endReplay()
    if (this.#lastRecordAtMs === undefined) this.#lastRecordAtMs = nowMs
    else if (this.#watermark.observeSilence(this.#lastRecordAtMs, nowMs)) {
      const acted = this.#partition.closeInSilence(nowMs, out)
      this.#notes.noteJump(this.#nextOffset, this.#watermark.ms, acted)
    }
  }

  /** Counts silence from now on: before, nobody could have been heard. */
  restartSilence(nowMs: number): void {
    this.#lastRecordAtMs = nowMs
  }

  /** What is known of how many partitions the input has, and of keys that move because of it. */
  get growths(): Growths {
    return this.#partition.growths
  }

  /**
   * Tells how many partitions the input has, before the first record. Where there are more than at the commit that it goes on from (or this
   * one is among those that were added), keys may move from that commit on.
   *
   * @returns whether they may.
   */
  meetPartitions(count: number, isAdded = false): boolean {
    const offset = this.#replay?.untilOffset ?? this.#nextOffset
    if (!this.growths.meet(count, isAdded, offset, this.#replay?.point.watermarkMs ?? this.#watermark.ms)) return false
    if (this.#replay === undefined) this.#partition.reachGrowth({ offset })
    return true
  }

  #beginReplay(replay: Replay): void {
    this.#replay = replay
    this.#partition.mute()
  }

  /** A record from before the commit: its effects are out already, only what it left in the state is wanted. */
  #stepAgain({ point, follower, isWhole, untilOffset }: Replay, record: RecordView): void {
    this.#repeatJumps(follower, isWhole, record.offset)
    this.#partition.reachGrowth({ offset: record.offset })
    this.#nextOffset = record.offset + 1
    // The clock has moved on since: what it decided then is in the notes. Whatever was taken then is not ahead of the latest that was.
    const reading = this.#read(record, Infinity)
    const wasTaken = reading.kind !== 'rejected' && !follower.wasRefused(record.offset, reading.eventTimeMs) && reading.eventTimeMs <= point.maxEventTimeMs
    if (wasTaken && isWhole) {
      this.#partition.takeIn(record, reading, this.#unheard)
      clearEffects(this.#unheard)
    } else if (wasTaken) this.#partition.rebuild(record, reading)
    if (isWhole && this.#nextOffset >= untilOffset) this.#endReplay()
  }

  /** What the clock did before the record at `offset`. Where only windows are rebuilt the watermark moves, and whoever comes next closes them. */
  #repeatJumps(follower: NoteFollower, isWhole: boolean, offset: number): void {
    for (let ms = follower.takeJump(offset); ms !== undefined; ms = follower.takeJump(offset)) {
      this.#partition.reachGrowth({ watermarkMs: ms })
      if (this.#watermark.raiseTo(ms) && isWhole) this.#partition.closeInSilence(0, this.#unheard)
    }
    if (isWhole) clearEffects(this.#unheard)
  }

  #endReplay(): void {
    const { untilOffset, point, follower, isWhole } = this.#replay!
    if (isWhole) this.#repeatJumps(follower, isWhole, untilOffset)
    this.#partition.reachGrowth({ offset: untilOffset })
    this.#replay = undefined
    this.#partition.unmute()
    this.#nextOffset = Math.max(this.#nextOffset, untilOffset)
    if (isWhole) {
      this.#lastRecordAtMs = Number.isFinite(point.lastRecordAtMs) ? point.lastRecordAtMs : undefined
      this.#replayDiverged = this.#watermark.ms !== point.watermarkMs || this.#watermark.maxEventTimeMs !== point.maxEventTimeMs
      if (!this.#replayDiverged) return
    }
    this.#watermark.resume(point.watermarkMs, point.maxEventTimeMs)
    this.#partition.dropUntil(point.watermarkMs)
  }

  /** Notes a reading that only the clock refused: by its own timestamp it would be refused again anyway. */
  #noteRefused(record: RecordView): void {
    const reading = this.#read(record, Infinity)
    if (reading.kind !== 'rejected') this.#notes.noteRefused(record.offset, reading.eventTimeMs, this.#watermark.maxEventTimeMs)
  }
}
