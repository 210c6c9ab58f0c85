import type { DetectorConfig } from '@tidewatch/api'
import type { KafkaRecord } from '@tidewatch/kafka'
import { needsOf } from './features/registry.ts'
import { createReader, type Reader } from './ingest/reader.ts'
import type { Reading } from './ingest/reading.ts'
import type { Rejection } from './ingest/rejection.ts'
import type { ModelFactory } from './models/model.ts'
import { formatRestorePoint, maxJumps, parseRestorePoint, type RestorePoint } from './restore-point.ts'
import type { Tallies } from './tallies.ts'
import type { ThresholdFactory } from './threshold/threshold.ts'
import { GroupMemory } from './verdict/group-memory.ts'
import { Judge, type JudgeResult } from './verdict/judge.ts'
import { isGroupedByMetric } from './verdict/layout.ts'
import { buildVerdict, type Verdict } from './verdict/verdict.ts'
import { FixedWindows } from './window/fixed-windows.ts'
import type { Group } from './window/group.ts'
import { GroupTable } from './window/group-table.ts'
import { SessionWindows } from './window/session-windows.ts'
import { Watermark } from './window/watermark.ts'
import { isWithinSpacing } from './window/completeness.ts'
import type { ClosedWindow, Windowing } from './window/windowing.ts'

/** What processing brings about, in the order in which it happened. The topology only adds; whoever writes it out empties it. */
export interface Effects {
  /** Anomalies; with a scores topic every judged window. */
  verdicts: EmittedVerdict[]
  deadLetters: { record: KafkaRecord; rejection: Rejection }[]
  /** Late records, where there is a topic for them. */
  late: KafkaRecord[]
  /** Of each record that brought complete windows to be judged or learned: its own timestamp, and how many. */
  judged: { timestampMs: number; windows: number }[]
}

export interface EmittedVerdict {
  verdict: Verdict
  device: string
  /** The ground truth of the window, for the header; undefined where there is none. */
  fault: string | undefined
  /** Timestamp of the record that completed the window. */
  timestampMs: number
}

export const noEffects = (): Effects => ({ verdicts: [], deadLetters: [], late: [], judged: [] })

/** Told of every closed window, with what was made of it; for tests. */
export type OnWindow = (window: ClosedWindow<GroupMemory>, result: JudgeResult) => void

export interface TopologyOptions {
  config: DetectorConfig
  partition: number
  models: ModelFactory
  thresholds: ThresholdFactory
  /** Shared by all partitions of a process. */
  tallies: Tallies
  onWindow?: OnWindow
}

/** Where a topology begins to read. */
export interface Resumption {
  /** Give it records from here on ... */
  startOffset: number
  /** ... of which those before this one only rebuild open windows. */
  committedOffset: number
}

const dayMs = 86_400_000

/** A group unseen for a day, or for so many windows where that is longer, is forgotten, and its model with it. */
const retentionWindows = 100

/**
 * The way of the records of one input partition, from bytes to verdicts, as a pure object: records and the time go
 * in, effects come out. What it does is a function of the records alone, in their order; `nowMs` decides only how
 * far ahead an event time may be and when a silent partition closes its windows.
 */
export class Topology {
  readonly #config: DetectorConfig
  readonly #partition: number
  readonly #read: Reader
  readonly #watermark: Watermark
  readonly #groups: GroupTable<GroupMemory>
  readonly #judge: Judge
  readonly #tallies: Tallies
  readonly #onWindow: OnWindow | undefined
  readonly #isGroupedByMetric: boolean
  readonly #isLong: boolean
  readonly #retentionMs: number
  /** Undefined where every reading is judged by itself. */
  #windowing: Windowing<GroupMemory> | undefined
  #nextOffset = 0
  #observedFromMs = Infinity
  #lastRecordAtMs: number | undefined
  #jumps: [number, number][] = []
  /** Set while records before `untilOffset` are read again. */
  #replay: { untilOffset: number; point: RestorePoint } | undefined

  constructor(options: TopologyOptions) {
    const { config, partition, models, thresholds, tallies, onWindow } = options
    const { window } = config
    this.#config = config
    this.#partition = partition
    this.#tallies = tallies
    this.#onWindow = onWindow
    this.#read = createReader(config.reading, { maxClockSkewMs: config.maxClockSkewMs, needsDeviceType: config.scope === 'DeviceType' })
    this.#watermark = new Watermark(config)
    this.#isGroupedByMetric = isGroupedByMetric(config)
    this.#isLong = config.reading.metric !== undefined
    const spanMs = window.kind === 'none' ? 0 : window.kind === 'session' ? window.maxDurationMs : window.sizeMs
    this.#retentionMs = Math.max(dayMs, retentionWindows * spanMs)
    this.#groups = new GroupTable(this.#isGroupedByMetric, this.#retentionMs)
    this.#judge = new Judge(config, models, thresholds.create(), (values) => (tallies.unexpectedMetrics += values))
    this.#windowing = this.#createWindowing()
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
    return this.#windowing?.openCount ?? 0
  }

  /** Groups by whether their model judges already; walks over all of them. */
  countGroups(): { warming: number; active: number } {
    let active = 0
    for (const { memory } of this.#groups.all()) {
      const entry = memory?.entry
      if (entry?.model?.isReady() === true && entry.learned >= this.#config.warmUp) active++
    }
    return { warming: this.#groups.size - active, active }
  }

  /** Memory of panes and groups, roughly, in bytes; models do not tell theirs. */
  get stateBytes(): number {
    return (this.#windowing?.bytes ?? 0) + this.#groups.size * bytesPerGroup
  }

  /** Begins at a record, with nothing known of those before it. */
  start(offset: number): void {
    this.#nextOffset = offset
  }

  /**
   * Begins where an earlier detector stopped. Metadata that is not ours begins at the offset, with nothing known
   * of the open windows.
   */
  resume(committed: { offset: number; metadata: string }): Resumption {
    const point = parseRestorePoint(committed.metadata)
    this.#nextOffset = committed.offset
    if (point === undefined || point.restoreOffset > committed.offset) return { startOffset: committed.offset, committedOffset: committed.offset }

    this.#observedFromMs = point.observedFromMs
    if (Number.isFinite(point.lastRecordAtMs)) this.#lastRecordAtMs = point.lastRecordAtMs
    this.#windowing = this.#createWindowing()
    if (point.restoreOffset === committed.offset) {
      this.#watermark.resume(point.watermarkMs, point.maxEventTimeMs)
    } else {
      // Fixed windows: whatever is late by the watermark at the commit is in no open window, and the other way round.
      // Sessions grow together in the order of their readings, so there the watermark is led through its old course.
      const isSession = this.#config.window.kind === 'session'
      this.#watermark.resume(isSession ? point.startWatermarkMs : point.watermarkMs, isSession ? point.startWatermarkMs + this.#config.allowedLatenessMs : point.maxEventTimeMs)
      this.#jumps = [...point.jumps]
      this.#nextOffset = point.restoreOffset
      this.#replay = { untilOffset: committed.offset, point }
    }
    return { startOffset: point.restoreOffset, committedOffset: committed.offset }
  }

  /** Offset and metadata to commit, once everything up to here is written. Undefined while records are being read again. */
  position(): { offset: number; metadata: string } | undefined {
    if (this.#replay !== undefined) return undefined
    return { offset: this.#nextOffset, metadata: formatRestorePoint(this.restorePoint()) }
  }

  restorePoint(): RestorePoint {
    const oldest = this.#windowing?.oldestNeeded()
    const restoreOffset = oldest?.offset ?? this.#nextOffset
    this.#jumps = this.#jumps.filter(([offset]) => offset > restoreOffset)
    return {
      restoreOffset,
      watermarkMs: this.#watermark.ms,
      maxEventTimeMs: this.#watermark.maxEventTimeMs,
      startWatermarkMs: this.#config.window.kind === 'session' && oldest !== undefined ? oldest.watermarkMs : -Infinity,
      jumps: this.#jumps,
      observedFromMs: this.#observedFromMs,
      lastRecordAtMs: this.#lastRecordAtMs ?? -Infinity,
    }
  }

  /** Takes in the next record. Never throws because of what is in it. */
  step(record: KafkaRecord, nowMs: number, out: Effects): void {
    if (this.#replay !== undefined) {
      if (record.offset >= this.#replay.untilOffset) this.#endReplay()
      else return this.#stepAgain(record, nowMs)
    }
    this.#nextOffset = record.offset + 1
    this.#lastRecordAtMs = nowMs
    const tallies = this.#tallies
    tallies.records++
    const reading = this.#read(record, nowMs)
    if (reading.kind === 'reading') {
      tallies.readings++
      if (this.#windowing === undefined) this.#judgeReading(record, reading, out)
      else if (!this.#addToWindows(this.#windowing, record, reading)) {
        tallies.late++
        if (this.#config.outputs.late !== undefined) out.late.push(record)
      }
    } else if (reading.kind === 'rejected') {
      tallies.deadLetters[reading.reason]++
      out.deadLetters.push({ record, rejection: reading })
      return
    } else tallies.passedOver++

    if (this.#watermark.observe(reading.eventTimeMs)) this.#closeWindows(record.timestampMs, out)
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
      const isSession = this.#config.window.kind === 'session'
      if (isSession) this.#noteJump()
      // Silence is how a session ends; only windows of fixed bounds are cut short by it.
      this.#closeWindows(nowMs, out, isSession ? Infinity : this.#watermark.maxEventTimeMs)
    }
  }

  /** Counts silence from now on: before, nobody could have been heard. */
  restartSilence(nowMs: number): void {
    this.#lastRecordAtMs = nowMs
  }

  #createWindowing(): Windowing<GroupMemory> | undefined {
    const { window, features, seed } = this.#config
    const needs = needsOf(features)
    switch (window.kind) {
      case 'tumbling':
        return new FixedWindows(window.sizeMs, window.sizeMs, needs, seed)
      case 'sliding':
        return new FixedWindows(window.sizeMs, window.slideMs, needs, seed)
      case 'session':
        return new SessionWindows(window.gapMs, window.maxDurationMs, needs, seed, this.#observedFromMs)
      case 'none':
        return undefined
    }
  }

  /** A record from before the commit: its effects are out already, only its place in open windows is wanted. */
  #stepAgain(record: KafkaRecord, nowMs: number): void {
    const { point } = this.#replay!
    while (this.#jumps[0] !== undefined && this.#jumps[0][0] <= record.offset) this.#watermark.raiseTo(this.#jumps.shift()![1])
    this.#nextOffset = record.offset + 1
    const reading = this.#read(record, nowMs)
    // One that is ahead of all that was taken then was refused then; only now, later, the clock has caught up with it.
    if (reading.kind === 'rejected' || reading.eventTimeMs > point.maxEventTimeMs) return
    if (reading.kind === 'reading') this.#addToWindows(this.#windowing!, record, reading)
    if (this.#watermark.observe(reading.eventTimeMs)) this.#windowing!.advance(this.#watermark.ms, () => {})
  }

  #endReplay(): void {
    const { untilOffset, point } = this.#replay!
    this.#replay = undefined
    this.#nextOffset = Math.max(this.#nextOffset, untilOffset)
    this.#jumps = point.jumps
    this.#watermark.resume(point.watermarkMs, point.maxEventTimeMs)
    this.#windowing?.advance(point.watermarkMs, () => {})
  }

  #noteJump(): void {
    const last = this.#jumps.at(-1)
    if (last !== undefined && last[0] === this.#nextOffset) last[1] = this.#watermark.ms
    else this.#jumps.push([this.#nextOffset, this.#watermark.ms])
    if (this.#jumps.length > maxJumps) this.#jumps.shift()
  }

  /** @returns false for a late reading. */
  #addToWindows(windowing: Windowing<GroupMemory>, record: KafkaRecord, reading: Reading): boolean {
    const { names, values, eventTimeMs } = reading
    const watermarkMs = this.#watermark.ms
    const fault = this.#faultOf(record)
    let group: Group<GroupMemory> | undefined
    let isLate = false
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!
      if (group === undefined || this.#isGroupedByMetric) {
        group = this.#groupOf(reading, name)
        isLate = windowing.isLate(group, eventTimeMs, watermarkMs)
      }
      if (isLate) continue
      if (eventTimeMs < this.#observedFromMs) this.#observedFromMs = eventTimeMs
      if (eventTimeMs < group.observedFromMs) group.observedFromMs = eventTimeMs
      if (eventTimeMs > group.lastSeenMs) group.lastSeenMs = eventTimeMs
      const series = group.seriesOf(name, i)
      // Names come from outside: a device that makes up ever new ones is heard up to a bound.
      if (series < 0) {
        if (this.#replay === undefined) this.#tallies.unexpectedMetrics++
        continue
      }
      windowing.add(group, series, values[i]!, eventTimeMs, record.offset, fault, watermarkMs)
    }
    return !isLate
  }

  #judgeReading(record: KafkaRecord, reading: Reading, out: Effects): void {
    const { names, values } = reading
    const fault = this.#faultOf(record)
    if (reading.eventTimeMs < this.#observedFromMs) this.#observedFromMs = reading.eventTimeMs
    // Wide records grouped by metric are as many vectors of one value; any other record is one vector.
    const isSplit = this.#isGroupedByMetric && !(this.#isLong && this.#config.groupBy === 'Device') && names.length > 1
    for (let i = 0; i < (isSplit ? names.length : 1); i++) {
      const group = this.#groupOf(reading, names[i]!)
      if (reading.eventTimeMs > group.lastSeenMs) group.lastSeenMs = reading.eventTimeMs
      const result = isSplit
        ? this.#judge.judgeReading(group, [names[i]!], [values[i]!], reading.eventTimeMs)
        : this.#judge.judgeReading(group, names, values, reading.eventTimeMs)
      this.#conclude(group, result, {
        startMs: reading.eventTimeMs, endMs: reading.eventTimeMs, firstOffset: record.offset, lastOffset: record.offset,
        fault, faultFromMs: reading.eventTimeMs, timestampMs: record.timestampMs,
      }, out)
      if (result !== 'incomplete') noteJudged(out, record.timestampMs, 1)
    }
  }

  #groupOf(reading: Reading, metric: string): Group<GroupMemory> {
    const group = this.#groups.groupOf(reading.device, metric)
    group.memory ??= new GroupMemory()
    if (reading.deviceType !== undefined) group.deviceType = reading.deviceType
    return group
  }

  /**
   * @param observedUntilMs where the partition fell silent. A window of fixed bounds that reaches well beyond it lacks an
   *   unknown part: a whole partition that stops is its sender's doing and no sign of a device's fault.
   */
  #closeWindows(timestampMs: number, out: Effects, observedUntilMs = Infinity): void {
    if (this.#groups.sweep(this.#watermark.ms)) this.#judge.store.forgetUnusedSince(this.#watermark.ms - this.#retentionMs)
    if (this.#windowing === undefined) return
    const tallies = this.#tallies
    const takenInBefore = tallies.judged + tallies.warming
    this.#windowing.advance(this.#watermark.ms, (window) => {
      const isCut = !isWithinSpacing(window.aggregates, window.group.seriesNames.length, window.endMs - observedUntilMs)
      const result = isCut ? 'incomplete' : this.#judge.judgeWindow(window)
      this.#onWindow?.(window, result)
      this.#conclude(window.group, result, { ...extentOf(window), startMs: window.startMs, endMs: window.endMs, timestampMs }, out)
    })
    const windows = tallies.judged + tallies.warming - takenInBefore
    if (windows > 0) noteJudged(out, timestampMs, windows)
  }

  /** Counts a closed window and emits its verdict. */
  #conclude(group: Group<GroupMemory>, result: JudgeResult, window: WindowExtent, out: Effects): void {
    const tallies = this.#tallies
    tallies.windows++
    const isJudged = typeof result !== 'string'
    if (result === 'incomplete') tallies.incomplete++
    else if (result === 'warming') tallies.warming++
    group.memory!.observe(tallies.accuracy, window.fault, window.faultFromMs, window.endMs, !isJudged ? 'unjudged' : result.isAnomaly ? 'anomalous' : 'normal')
    if (!isJudged) return
    tallies.judged++
    if (result.isAnomaly) tallies.anomalies++
    else if (this.#config.outputs.scores === undefined) return

    const { entry, score } = result
    const { metrics, names } = entry.layout!
    const { pipeline, deviceField, topic } = this.#config
    const verdict = buildVerdict({
      pipelineUid: pipeline.uid,
      deviceField,
      device: group.device,
      metric: group.metric ?? (metrics.length === 1 ? metrics[0]! : null),
      startMs: window.startMs,
      endMs: window.endMs,
      score: score.value,
      threshold: result.threshold,
      isAnomaly: result.isAnomaly,
      names,
      vector: result.vector,
      contributions: score.contributions,
      expected: score.expected,
      model: { kind: this.#judge.store.kind, generation: entry.generation },
      offsets: { topic, partition: this.#partition, first: window.firstOffset, last: window.lastOffset },
    })
    out.verdicts.push({
      verdict,
      device: group.device,
      fault: window.fault === 0 ? undefined : tallies.accuracy.labels.nameOf(window.fault),
      timestampMs: window.timestampMs,
    })
  }

  #faultOf(record: KafkaRecord): number {
    const header = record.headers?.[this.#config.faultHeader]
    if (header === undefined) return 0
    const label = String(Array.isArray(header) ? header[0] : header)
    return label === '' ? 0 : this.#tallies.accuracy.labels.numberOf(label)
  }
}

/** One entry for all that came of one moment: without a window there may be a hundred thousand a second. */
function noteJudged({ judged }: Effects, timestampMs: number, windows: number): void {
  const last = judged.at(-1)
  if (last?.timestampMs === timestampMs) last.windows += windows
  else judged.push({ timestampMs, windows })
}

/** A group object with its lists, names and memory, measured roughly. */
const bytesPerGroup = 400

interface WindowExtent {
  startMs: number
  endMs: number
  firstOffset: number
  lastOffset: number
  fault: number
  faultFromMs: number
  timestampMs: number
}

/** Offsets and ground truth of a window over all its metrics. */
function extentOf({ group, aggregates }: ClosedWindow<GroupMemory>): Pick<WindowExtent, 'firstOffset' | 'lastOffset' | 'fault' | 'faultFromMs'> {
  const extent = { firstOffset: Infinity, lastOffset: -Infinity, fault: 0, faultFromMs: Infinity }
  for (let series = 0; series < group.seriesNames.length; series++) {
    const aggregate = aggregates[series]!
    if (aggregate.count === 0) continue
    if (aggregate.firstOffset < extent.firstOffset) extent.firstOffset = aggregate.firstOffset
    if (aggregate.lastOffset > extent.lastOffset) extent.lastOffset = aggregate.lastOffset
    if (aggregate.fault !== 0 && aggregate.faultFromMs < extent.faultFromMs) {
      extent.fault = aggregate.fault
      extent.faultFromMs = aggregate.faultFromMs
    }
  }
  return extent
}
