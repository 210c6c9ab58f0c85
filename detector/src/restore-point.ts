import * as z from 'zod'
import type { Bound, ReplayNotesState } from './snapshot/replay-notes.ts'
import type { Growth, GrowthState } from './window/growth.ts'

/**
 * What a detector that takes over a partition must know to rebuild its open windows, or to follow the log from a snapshot to the commit. It is written as the
 * metadata of the offset commit, so that it and the offset can never disagree.
 */
export interface RestorePoint extends ReplayNotesState, GrowthState {
  /** The first record that an open window was computed from; the committed offset where none is open. */
  restoreOffset: number
  watermarkMs: number
  maxEventTimeMs: number
  /** Sessions only: the watermark just before the record at `restoreOffset`. */
  startWatermarkMs: number
  /** Event time of the partition's first reading. */
  observedFromMs: number
  /** The clock when the last record was taken in: a silence goes on whoever listens. */
  lastRecordAtMs: number
}

/** The layout of the text; a reader refuses those it does not know. In the first one there were jumps of sessions only, and no bounds; up to the second nothing of partitions. */
const version = 3

/** Brokers take 4,096 bytes of metadata (offset.metadata.max.bytes). */
export const maxMetadataBytes = 4_096

// JSON has no infinity: a time that is not known yet is null.
const time = z.number().nullable()
const common = {
  r: z.int().min(0),
  w: time,
  m: time,
  s: time,
  j: z.array(z.tuple([z.number(), z.number()])),
  o: time,
  a: time,
}
const notes = { b: z.array(z.tuple([z.number(), time])), n: z.int().min(0) }
const schema = z.discriminatedUnion('v', [
  z.strictObject({ v: z.literal(1), ...common }),
  z.strictObject({ v: z.literal(2), ...common, ...notes }),
  z.strictObject({ v: z.literal(version), ...common, ...notes, p: z.int().min(1).nullable(), g: z.array(z.tuple([z.int().min(0), z.int().min(0).nullable(), time])) }),
])

export function formatRestorePoint(point: RestorePoint): string {
  const finite = (ms: number) => (Number.isFinite(ms) ? ms : null)
  return JSON.stringify({
    v: version,
    r: point.restoreOffset,
    w: finite(point.watermarkMs),
    m: finite(point.maxEventTimeMs),
    s: finite(point.startWatermarkMs),
    j: point.jumps,
    b: point.bounds.map(([offset, ms]) => [offset, finite(ms)]),
    n: point.completeFrom,
    o: finite(point.observedFromMs),
    a: finite(point.lastRecordAtMs),
    p: point.partitions ?? null,
    g: point.growths.map(([from, until, ms]) => [from, until, finite(ms)]),
  })
}

/** @returns undefined for metadata that is not ours or of another version (offsets reset by hand, say). */
export function parseRestorePoint(metadata: string): RestorePoint | undefined {
  let json: unknown
  try {
    json = JSON.parse(metadata)
  } catch {
    return undefined
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) return undefined
  const { data } = parsed
  const { r, w, m, s, j, o, a } = data
  return {
    restoreOffset: r,
    watermarkMs: w ?? -Infinity,
    maxEventTimeMs: m ?? -Infinity,
    startWatermarkMs: s ?? -Infinity,
    jumps: j,
    bounds: data.v === 1 ? [] : data.b.map(([offset, ms]): Bound => [offset, ms ?? Infinity]),
    // The first version says too little for an exact replay from anywhere.
    completeFrom: data.v === 1 ? Infinity : data.n,
    observedFromMs: o ?? Infinity,
    lastRecordAtMs: a ?? -Infinity,
    partitions: data.v === version ? (data.p ?? undefined) : undefined,
    growths: data.v === version ? data.g.map(([from, until, ms]): Growth => [from, until, ms ?? -Infinity]) : [],
  }
}
