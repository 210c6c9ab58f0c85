import type { ThresholdFactory } from '../threshold/threshold.ts'
import type { EntryReader, EntryWriter } from '../verdict/entry-state.ts'
import type { FaultLabels } from '../verdict/fault-labels.ts'
import { GroupMemory } from '../verdict/group-memory.ts'
import type { Judge } from '../verdict/judge.ts'
import type { ModelEntry } from '../verdict/model-store.ts'
import type { Group } from '../window/group.ts'
import type { GroupTable } from '../window/group-table.ts'
import { Pulse } from '../window/pulse.ts'
import type { SilenceWatch } from '../window/silence.ts'
import type { Watermark } from '../window/watermark.ts'
import type { Windowing } from '../window/windowing.ts'
import type { PriorsState } from '../verdict/prior/priors.ts'
import { SnapshotDamaged } from './errors.ts'
import type { Bound, Jump, ReplayNotesState } from './replay-notes.ts'
import type { SnapshotReader } from './reader.ts'
import type { SnapshotWriter, Trailer } from './writer.ts'

/** Marks before the parts, so that a layout gone wrong is found where it goes wrong. */
const mark = { figures: 1, windows: 2, models: 3, groups: 4, end: 5, priors: 6 } as const

/** Bits of what a group has. */
const has = { memory: 1, entry: 2, pulse: 4 } as const

/** The objects that hold a partition's state. */
export interface PartitionParts {
  watermark: Watermark
  groups: GroupTable<GroupMemory>
  judge: Judge
  windowing: Windowing<GroupMemory> | undefined
  silence: SilenceWatch<GroupMemory> | undefined
  /** Numbers of faults are the process's own: a snapshot names them. */
  labels: FaultLabels
}

/** What a topology keeps itself. */
export interface PartitionFigures {
  /** Event time of the partition's first reading; Infinity before it. */
  observedFromMs: number
  /** The clock when the last record was taken in. */
  lastRecordAtMs: number | undefined
  notes: ReplayNotesState
}

/** Writes a partition's state: what belongs to no group at once, then the groups, one by one and in any order. */
export class PartitionWriter {
  readonly #writer: SnapshotWriter
  readonly #parts: PartitionParts
  readonly #entries: EntryWriter
  /** As they were at the cut: written last, where older layouts have nothing. */
  readonly #priors: PriorsState

  /**
   * @param groups those that will be written.
   * @param priorsSince for an increment, the judge's `priorChanges` at the snapshot before.
   */
  constructor(writer: SnapshotWriter, parts: PartitionParts, figures: PartitionFigures, groups: readonly Group<GroupMemory>[], priorsSince?: number) {
    const { watermark, judge, windowing, labels } = parts
    this.#writer = writer
    this.#parts = parts
    this.#priors = judge.priorsState(priorsSince)
    writer.u8(mark.figures)
    writer.f64(watermark.ms)
    writer.f64(watermark.maxEventTimeMs)
    writer.f64(figures.observedFromMs)
    writer.f64(figures.lastRecordAtMs ?? -Infinity)
    writeNotes(writer, figures.notes)
    labels.writeTo(writer)
    writer.u8(mark.windows)
    windowing?.writeTo(writer)
    writer.u8(mark.models)
    this.#entries = judge.writeTo(writer)
    this.#writeShared(groups)
    writer.u8(mark.groups)
    parts.groups.writeTo(writer)
    writer.u32(groups.length)
  }

  /** To be called once for each. */
  group(group: Group<GroupMemory>): void {
    const writer = this.#writer
    const { memory, pulse } = group
    group.awaitedBy = 0
    this.#parts.groups.writeGroupTo(writer, group)
    this.#parts.windowing?.writeGroupTo(writer, group)
    writer.u8((memory === undefined ? 0 : has.memory) + (memory?.entry === undefined ? 0 : has.entry) + (pulse === undefined ? 0 : has.pulse))
    pulse?.writeTo(writer)
    memory?.writeTo(writer)
    if (memory?.entry !== undefined) this.#entries.entry(memory.entry)
  }

  /** The full pieces since the last time. */
  takePieces(): Uint8Array[] {
    return this.#writer.hasPieces ? this.#writer.takePieces() : nothing
  }

  /** @returns the last pieces. */
  finish(): Uint8Array[] {
    if (this.#priors.length > 0) {
      this.#writer.u8(mark.priors)
      this.#writer.value(this.#priors)
    }
    this.#writer.u8(mark.end)
    this.#writer.finish()
    return this.#writer.takePieces()
  }

  get trailer(): Trailer {
    return this.#writer.trailer
  }

  /** Models that several groups learn by change with any of them: they are written now. Some of them the store has forgotten already. */
  #writeShared(groups: readonly Group<GroupMemory>[]): void {
    const shared = new Set<ModelEntry>()
    if (!this.#parts.judge.store.isOnePerGroup) for (const { memory } of groups) if (memory?.entry !== undefined) shared.add(memory.entry)
    this.#writer.u32(shared.size)
    for (const entry of shared) this.#entries.entry(entry)
  }
}

const nothing: never[] = []

/**
 * Reads the state into objects that are new.
 *
 * @param snapshots a full one and the increments to it, in their order. Of a group the last one counts.
 * @throws SnapshotDamaged, or SnapshotOfAnotherVersion for a model or threshold that cannot be read.
 */
export function readPartition(snapshots: readonly SnapshotReader[], parts: PartitionParts, thresholds: ThresholdFactory): PartitionFigures {
  const groups = new Map<number, Group<GroupMemory>>()
  let figures: PartitionFigures | undefined
  for (const reader of snapshots) figures = readOne(reader, parts, thresholds, groups)
  const inOrder = [...groups.values()].sort((a, b) => a.index - b.index)
  parts.groups.addRead(inOrder)
  parts.windowing?.openRead(inOrder)
  parts.silence?.waitFor(inOrder)
  return figures!
}

function readOne(reader: SnapshotReader, parts: PartitionParts, thresholds: ThresholdFactory, groups: Map<number, Group<GroupMemory>>): PartitionFigures {
  const { watermark, judge, windowing, labels } = parts
  expectMark(reader, mark.figures)
  watermark.resume(reader.f64(), reader.f64())
  const observedFromMs = reader.f64()
  const lastRecordAtMs = reader.f64()
  const notes = readNotes(reader)
  const faultOf = labels.readFrom(reader)
  expectMark(reader, mark.windows)
  windowing?.readFrom(reader)
  expectMark(reader, mark.models)
  const entries = judge.readFrom(reader, thresholds)
  for (let count = reader.count(4); count > 0; count--) entries.entry()
  expectMark(reader, mark.groups)
  parts.groups.readFrom(reader)
  for (let count = reader.count(1); count > 0; count--) {
    const group = readGroup(reader, parts, entries, faultOf)
    const earlier = groups.get(group.index)
    if (earlier !== undefined) windowing?.dropRead(earlier)
    groups.set(group.index, group)
  }
  const found = reader.u8()
  judge.loadPriors(found === mark.priors ? (reader.value() as PriorsState) : [])
  if (found !== mark.priors) checkMark(found, mark.end)
  else expectMark(reader, mark.end)
  reader.checkEnd()
  return { observedFromMs, lastRecordAtMs: lastRecordAtMs === -Infinity ? undefined : lastRecordAtMs, notes }
}

function readGroup(reader: SnapshotReader, { groups, windowing, silence }: PartitionParts, entries: EntryReader, faultOf: (fault: number) => number): Group<GroupMemory> {
  const group = groups.readGroupFrom(reader)
  windowing?.readGroupFrom(reader, group, faultOf)
  const parts = reader.u8()
  // Where nobody watches any more it would be out of date when somebody does again.
  const pulse = (parts & has.pulse) === 0 ? undefined : Pulse.readFrom(reader)
  if (silence !== undefined) group.pulse = pulse
  if ((parts & has.memory) !== 0) group.memory = GroupMemory.readFrom(reader, faultOf)
  if ((parts & has.entry) !== 0) group.memory!.entry = entries.entry()
  return group
}

function writeNotes(writer: SnapshotWriter, { jumps, bounds, completeFrom }: ReplayNotesState): void {
  writer.f64(completeFrom)
  for (const notes of [jumps, bounds]) {
    writer.u32(notes.length)
    for (const [offset, ms] of notes) {
      writer.f64(offset)
      writer.f64(ms)
    }
  }
}

function readNotes(reader: SnapshotReader): ReplayNotesState {
  const completeFrom = reader.f64()
  const jumps = Array.from({ length: reader.count(16) }, (): Jump => [reader.f64(), reader.f64()])
  const bounds = Array.from({ length: reader.count(16) }, (): Bound => [reader.f64(), reader.f64()])
  return { jumps, bounds, completeFrom }
}

function expectMark(reader: SnapshotReader, expected: number): void {
  checkMark(reader.u8(), expected)
}

function checkMark(found: number, expected: number): void {
  if (found === expected) return
  throw new SnapshotDamaged(`The snapshot is damaged: part ${expected} does not begin where it should (${found} is there). Take the checkpoint before it, or start without one.`)
}
