import type { ThresholdFactory } from '../threshold/threshold.ts'
import type { FaultLabels } from '../verdict/fault-labels.ts'
import { GroupMemory } from '../verdict/group-memory.ts'
import type { Judge } from '../verdict/judge.ts'
import type { GroupTable } from '../window/group-table.ts'
import type { Watermark } from '../window/watermark.ts'
import type { Windowing } from '../window/windowing.ts'
import { SnapshotDamaged } from './errors.ts'
import type { Bound, Jump, ReplayNotesState } from './replay-notes.ts'
import type { SnapshotReader } from './reader.ts'
import type { SnapshotWriter } from './writer.ts'

/** Marks before the parts, so that a layout gone wrong is found where it goes wrong. */
const mark = { figures: 1, windows: 2, models: 3, groups: 4, end: 5 } as const

/** The objects that hold a partition's state. */
export interface PartitionParts {
  watermark: Watermark
  groups: GroupTable<GroupMemory>
  judge: Judge
  windowing: Windowing<GroupMemory> | undefined
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

/** Writes all of a partition's state, handing out the pieces as they fill. The state must not change before the last one. */
export function* writePartition(writer: SnapshotWriter, { watermark, groups, judge, windowing, labels }: PartitionParts, figures: PartitionFigures): Generator<Uint8Array, void> {
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
  const entries = judge.writeTo(writer)
  writer.u8(mark.groups)
  groups.writeTo(writer)
  for (const group of groups.all()) {
    groups.writeGroupTo(writer, group)
    windowing?.writeGroupTo(writer, group)
    const { memory } = group
    const parts = (memory === undefined ? 0 : 1) + (memory?.entry === undefined ? 0 : 2)
    writer.u8(parts)
    memory?.writeTo(writer)
    if (memory?.entry !== undefined) entries.entry(memory.entry)
    if (writer.hasPieces) yield* writer.takePieces()
  }
  writer.u8(mark.end)
  writer.finish()
  yield* writer.takePieces()
}

/**
 * Reads the state into objects that are new.
 *
 * @throws SnapshotDamaged, or SnapshotOfAnotherVersion for a model or threshold that cannot be read.
 */
export function readPartition(reader: SnapshotReader, { watermark, groups, judge, windowing, labels }: PartitionParts, thresholds: ThresholdFactory): PartitionFigures {
  expectMark(reader, mark.figures)
  watermark.resume(reader.f64(), reader.f64())
  const observedFromMs = reader.f64()
  const lastRecordAtMs = reader.f64()
  const notes = readNotes(reader)
  const faultOf = labels.readFrom(reader)
  expectMark(reader, mark.windows)
  windowing?.readFrom(reader, faultOf)
  expectMark(reader, mark.models)
  const entries = judge.readFrom(reader, thresholds)
  expectMark(reader, mark.groups)
  for (let count = groups.readFrom(reader); count > 0; count--) {
    const group = groups.readGroupFrom(reader)
    windowing?.readGroupFrom(reader, group)
    const parts = reader.u8()
    if ((parts & 1) !== 0) group.memory = GroupMemory.readFrom(reader, faultOf)
    if ((parts & 2) !== 0) group.memory!.entry = entries.entry()
  }
  expectMark(reader, mark.end)
  reader.checkEnd()
  return { observedFromMs, lastRecordAtMs: lastRecordAtMs === -Infinity ? undefined : lastRecordAtMs, notes }
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
  const found = reader.u8()
  if (found === expected) return
  throw new SnapshotDamaged(`The snapshot is damaged: part ${expected} does not begin where it should (${found} is there). Take the checkpoint before it, or start without one.`)
}
