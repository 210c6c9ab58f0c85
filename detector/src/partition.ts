import type { DetectorConfig } from '@tidewatch/api'
import type { RecordView } from '@tidewatch/kafka'
import { noEffects, noteJudged, type Effects } from './effects.ts'
import { needsOf } from './features/registry.ts'
import { countGroups, type GroupCounts } from './group-counts.ts'
import type { PassedOver, Reading } from './ingest/reading.ts'
import type { ModelFactory } from './models/model.ts'
import type { PartitionParts } from './snapshot/partition-state.ts'
import { Snapshots } from './snapshot/snapshots.ts'
import { Tallies } from './tallies.ts'
import type { ThresholdFactory } from './threshold/threshold.ts'
import { buildClusterEvent } from './verdict/cluster-event.ts'
import { buildEmitted, type Origin } from './verdict/emit.ts'
import { extentOf, type WindowExtent } from './verdict/extent.ts'
import type { FaultLabels } from './verdict/fault-labels.ts'
import { GroupMemory } from './verdict/group-memory.ts'
import { Judge, type JudgeResult, type OnDrift } from './verdict/judge.ts'
import { isGroupedByMetric } from './verdict/layout.ts'
import { buildSilence } from './verdict/silence.ts'
import { isWithinSpacing } from './window/completeness.ts'
import { FixedWindows } from './window/fixed-windows.ts'
import type { Group } from './window/group.ts'
import { GroupTable } from './window/group-table.ts'
import { SessionWindows } from './window/session-windows.ts'
import { Growths } from './window/growth.ts'
import { bytesPerPulse, SilenceWatch } from './window/silence.ts'
import { Watermark } from './window/watermark.ts'
import type { Arrival, ClosedWindow, Windowing } from './window/windowing.ts'

/** Told of every closed window, with what was made of it; for tests. */
export type OnWindow = (window: ClosedWindow<GroupMemory>, result: JudgeResult) => void

export interface PartitionOptions {
  config: DetectorConfig
  partition: number
  models: ModelFactory
  thresholds: ThresholdFactory
  /** Shared by all partitions of a process. */
  tallies: Tallies
  onWindow?: OnWindow
  /** Told of drifts, and of models that took the place of another. */
  onDrift?: OnDrift | undefined
}

const dayMs = 86_400_000

/** A group unseen for a day, or for so many windows where that is longer, is forgotten, and its model with it. */
const retentionWindows = 100

/** What is kept of one input partition, and what a reading or a silence makes of it: windows, models, watermark. */
export class Partition implements PartitionParts {
  readonly watermark: Watermark
  readonly groups: GroupTable<GroupMemory>
  readonly judge: Judge
  /** Undefined where every reading is judged by itself. */
  windowing: Windowing<GroupMemory> | undefined
  /** Undefined where nobody asks for silences. */
  readonly silence: SilenceWatch<GroupMemory> | undefined
  /** Event time of the first reading. */
  observedFromMs = Infinity
  readonly snapshots = new Snapshots()
  readonly #beforeChange = (group: Group<GroupMemory>): void => this.snapshots.beforeChange(group)
  /** Told in commits, not in snapshots. */
  readonly growths = new Growths()
  readonly #arrival: Arrival = { value: NaN, eventTimeMs: NaN, offset: 0, fault: 0, watermarkMs: NaN }
  /** What `#concludeWindow` is to know, while windows are closed. */
  readonly #closing = { timestampMs: 0, observedUntilMs: Infinity, out: noEffects() }
  readonly #config: DetectorConfig
  readonly #origin: Origin
  readonly #liveTallies: Tallies
  /** The live ones; while muted those of nobody. */
  #tallies: Tallies
  #isMuted = false
  readonly #onWindow: OnWindow | undefined
  readonly #onDrift: OnDrift | undefined
  readonly #isGroupedByMetric: boolean
  readonly #isLong: boolean
  readonly #retentionMs: number

  constructor(options: PartitionOptions) {
    const { config, partition, models, thresholds, tallies, onWindow, onDrift } = options
    const { window } = config
    this.#config = config
    this.#origin = { config, partition, modelKind: models.kind }
    this.#liveTallies = tallies
    this.#tallies = tallies
    this.#onWindow = onWindow
    this.#onDrift = onDrift
    this.watermark = new Watermark(config)
    this.#isGroupedByMetric = isGroupedByMetric(config)
    this.#isLong = config.reading.metric !== undefined
    const spanMs = window.kind === 'none' ? 0 : window.kind === 'session' ? window.maxDurationMs : window.sizeMs
    this.#retentionMs = Math.max(dayMs, retentionWindows * spanMs)
    this.groups = new GroupTable(this.#isGroupedByMetric, this.#retentionMs)
    this.judge = new Judge(config, models, thresholds.create(), (values) => (this.#tallies.unexpectedMetrics += values), this.#noteDrift)
    this.windowing = this.#createWindowing()
    // A learned limit ends where groups are forgotten, and where the clock begins to move the watermark nothing is silent yet.
    if (config.silence !== undefined) this.silence = new SilenceWatch(config.silence, { leastMs: Math.min(config.idleTimeoutMs, dayMs), mostMs: dayMs }, this.#beforeChange)
  }

  /** Faults are numbers in panes and memories. */
  get labels(): FaultLabels {
    return this.#liveTallies.accuracy.labels
  }

  /** Groups by whether their model judges already, and the most windows that one of them still has to bring; walks over all of them. */
  countGroups(): GroupCounts {
    return countGroups(this.groups, this.judge)
  }

  /** Memory of panes and groups, roughly, in bytes; models do not tell theirs. */
  get stateBytes(): number {
    return (this.windowing?.bytes ?? 0) + this.groups.size * (bytesPerGroup + (this.silence === undefined ? 0 : bytesPerPulse))
  }

  /** What happens from now on has happened before: nothing is counted, told or emitted. */
  mute(): void {
    this.#isMuted = true
    // Faults keep their numbers.
    this.#tallies = new Tallies(undefined, this.labels)
  }

  unmute(): void {
    this.#isMuted = false
    this.#tallies = this.#liveTallies
  }

  /** Windows as they begin where an earlier run's first reading is known. */
  restartWindows(observedFromMs: number): void {
    this.observedFromMs = observedFromMs
    this.windowing = this.#createWindowing()
  }

  /** Takes in a reading: into its windows, which it may close, or to be judged by itself. */
  takeIn(record: RecordView, reading: Reading | PassedOver, out: Effects): void {
    const tallies = this.#tallies
    // Before the reading is looked at: its own device may have been silent until now.
    const reachedMs = reading.eventTimeMs - this.#config.allowedLatenessMs
    if (this.silence !== undefined && this.silence.nextMs <= reachedMs) this.#concludeSilences(reachedMs, record.timestampMs, out)
    if (reading.kind === 'reading') {
      tallies.readings++
      if (this.windowing === undefined) this.#judgeReading(record, reading, out)
      else if (!this.#addToWindows(this.windowing, record, reading)) {
        tallies.late++
        if (this.#config.outputs.late !== undefined) out.late.push(record.toRecord())
      }
    } else tallies.passedOver++

    if (this.watermark.observe(reading.eventTimeMs)) this.#closeWindows(record.timestampMs, out)
  }

  /** Puts a reading back into the windows that it was in. Those that it closes are not looked at: they were, the first time. */
  rebuild(record: RecordView, reading: Reading | PassedOver): void {
    if (reading.kind === 'reading') this.#addToWindows(this.windowing!, record, reading)
    if (this.watermark.observe(reading.eventTimeMs)) this.dropUntil(this.watermark.ms)
  }

  /** To be called where the raising of the input's partitions may begin to matter: from there on, since when each key was heard says nothing any more. */
  reachGrowth(at: Parameters<Growths['reach']>[0]): void {
    if (!this.growths.reach(at)) return
    for (const group of this.groups.all()) {
      this.snapshots.beforeChange(group)
      group.observedFromMs = Infinity
    }
    this.silence?.forgiveAll(this.groups.all())
  }

  /** Closes windows, and passes silences, without looking at them. */
  dropUntil(watermarkMs: number): void {
    this.silence?.takeSilent(watermarkMs)
    this.windowing?.advance(watermarkMs, () => {})
  }

  /**
   * Closes what the watermark, moved by the clock, has passed.
   *
   * @returns whether anything was closed or forgotten. Silences do not count: passed in one step or in many, they leave the same behind.
   */
  closeInSilence(nowMs: number, out: Effects): boolean {
    this.#concludeSilences(this.watermark.ms, nowMs, out)
    // Silence is how a session ends; only windows of fixed bounds are cut short by it.
    return this.#closeWindows(nowMs, out, this.#config.window.kind === 'session' ? Infinity : this.watermark.maxEventTimeMs)
  }

  #createWindowing(): Windowing<GroupMemory> | undefined {
    const { window, features, seed } = this.#config
    const needs = needsOf(features)
    switch (window.kind) {
      case 'tumbling':
        return new FixedWindows(window.sizeMs, window.sizeMs, needs, seed, this.#beforeChange)
      case 'sliding':
        return new FixedWindows(window.sizeMs, window.slideMs, needs, seed, this.#beforeChange)
      case 'session':
        return new SessionWindows(window.gapMs, window.maxDurationMs, needs, seed, this.observedFromMs, this.#beforeChange)
      case 'none':
        return undefined
    }
  }

  /** @returns false for a late reading. */
  #addToWindows(windowing: Windowing<GroupMemory>, record: RecordView, reading: Reading): boolean {
    const { names, values, eventTimeMs } = reading
    const watermarkMs = this.watermark.ms
    const arrival = this.#arrival
    arrival.eventTimeMs = eventTimeMs
    arrival.offset = record.offset
    arrival.fault = this.#faultOf(record)
    arrival.watermarkMs = watermarkMs
    let group: Group<GroupMemory> | undefined
    let isLate = false
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!
      if (group === undefined || this.#isGroupedByMetric) {
        group = this.#groupOf(reading, name, record.offset)
        isLate = windowing.isLate(group, eventTimeMs, watermarkMs)
      }
      if (isLate) continue
      if (eventTimeMs < this.observedFromMs) this.observedFromMs = eventTimeMs
      if (eventTimeMs < group.observedFromMs) group.observedFromMs = eventTimeMs
      if (eventTimeMs > group.lastSeenMs) group.lastSeenMs = eventTimeMs
      const series = group.seriesOf(name, i)
      // Names come from outside: a device that makes up ever new ones is heard up to a bound.
      if (series < 0) {
        this.#tallies.unexpectedMetrics++
        continue
      }
      arrival.value = values[i]!
      windowing.add(group, series, arrival)
    }
    return !isLate
  }

  #judgeReading(record: RecordView, reading: Reading, out: Effects): void {
    const { names, values } = reading
    const fault = this.#faultOf(record)
    if (reading.eventTimeMs < this.observedFromMs) this.observedFromMs = reading.eventTimeMs
    // Wide records grouped by metric are as many vectors of one value; any other record is one vector.
    const isSplit = this.#isGroupedByMetric && !(this.#isLong && this.#config.groupBy === 'Device') && names.length > 1
    for (let i = 0; i < (isSplit ? names.length : 1); i++) {
      const group = this.#groupOf(reading, names[i]!, record.offset)
      if (reading.eventTimeMs > group.lastSeenMs) group.lastSeenMs = reading.eventTimeMs
      const result = isSplit
        ? this.judge.judgeReading(group, [names[i]!], [values[i]!], reading.eventTimeMs)
        : this.judge.judgeReading(group, names, values, reading.eventTimeMs)
      this.#conclude(group, result, {
        startMs: reading.eventTimeMs, endMs: reading.eventTimeMs, firstOffset: record.offset, lastOffset: record.offset,
        fault, faultFromMs: reading.eventTimeMs, timestampMs: record.timestampMs,
      }, out)
      if (result !== 'incomplete') noteJudged(out, record.timestampMs, 1)
    }
  }

  #groupOf(reading: Reading, metric: string, offset: number): Group<GroupMemory> {
    const group = this.groups.groupOf(reading.device, metric, reading.deviceNumber)
    this.snapshots.beforeChange(group)
    group.memory ??= new GroupMemory()
    if (reading.deviceType !== undefined) group.deviceType = reading.deviceType
    // A late one too: whoever sends is not silent.
    this.silence?.hear(group, reading.eventTimeMs, offset, this.watermark.ms, this.growths.mayMove(offset))
    return group
  }

  /**
   * @param observedUntilMs where the partition fell silent. A window of fixed bounds that reaches well beyond it lacks an
   *   unknown part: a whole partition that stops is its sender's doing and no sign of a device's fault.
   * @returns whether anything was closed or forgotten.
   */
  #closeWindows(timestampMs: number, out: Effects, observedUntilMs = Infinity): boolean {
    const isSwept = this.groups.sweep(this.watermark.ms)
    if (isSwept) {
      this.judge.forgetUnusedSince(this.watermark.ms - this.#retentionMs)
      this.silence?.waitFor(this.groups.all())
    }
    if (this.windowing === undefined) return isSwept
    const tallies = this.#tallies
    const closedBefore = tallies.windows
    const takenInBefore = tallies.judged + tallies.warming
    this.#closing.timestampMs = timestampMs
    this.#closing.observedUntilMs = observedUntilMs
    this.#closing.out = out
    this.windowing.advance(this.watermark.ms, this.#concludeWindow)
    const windows = tallies.judged + tallies.warming - takenInBefore
    if (windows > 0) noteJudged(out, timestampMs, windows)
    return isSwept || tallies.windows > closedBefore
  }

  /** One function for all windows: a reading that closes none would else pay for a new one. */
  readonly #concludeWindow = (window: ClosedWindow<GroupMemory>): void => {
    const { timestampMs, observedUntilMs, out } = this.#closing
    const isCut = !isWithinSpacing(window.aggregates, window.group.seriesNames.length, window.endMs - observedUntilMs)
    const isTorn = this.growths.isTorn(window, this.#config.allowedLatenessMs, this.#config.window.kind === 'session')
    const result = isCut || isTorn ? 'incomplete' : this.judge.judgeWindow(window)
    if (!this.#isMuted) this.#onWindow?.(window, result)
    const extent = extentOf(window)
    extent.timestampMs = timestampMs
    this.#conclude(window.group, result, extent, out)
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
    if (!this.#isMuted) for (const event of result.clusterEvents) out.clusterEvents.push(buildClusterEvent(this.#origin, group, result, window, event))
    if (result.isAnomaly) tallies.anomalies++
    else if (this.#config.outputs.scores === undefined) return

    // Its effects are out already.
    if (this.#isMuted) return
    out.verdicts.push(buildEmitted(this.#origin, group, result, window, window.fault === 0 ? undefined : tallies.accuracy.labels.nameOf(window.fault)))
  }

  /** Emits a verdict of each group that is silent when the watermark is here. No record carries the ground truth of a silence, so there is none to count. */
  #concludeSilences(watermarkMs: number, timestampMs: number, out: Effects): void {
    for (const silence of this.silence?.takeSilent(watermarkMs) ?? nothing) {
      this.#tallies.silences++
      this.#tallies.anomalies++
      if (!this.#isMuted) out.verdicts.push(buildSilence(this.#origin, silence, timestampMs))
    }
  }

  readonly #noteDrift: OnDrift = (step, entry) => {
    if (step === 'drift') this.#tallies.drifts++
    if (step === 'replaced') this.#tallies.modelsReplaced++
    if (!this.#isMuted) this.#onDrift?.(step, entry)
  }

  #faultOf(record: RecordView): number {
    const header = record.headers?.[this.#config.faultHeader]
    if (header === undefined) return 0
    const label = String(Array.isArray(header) ? header[0] : header)
    return label === '' ? 0 : this.#tallies.accuracy.labels.numberOf(label)
  }
}

const nothing: readonly never[] = []

/** A group object with its lists, names and memory, measured roughly. */
const bytesPerGroup = 400
