import * as z from 'zod'

/**
 * What a detector that takes over a partition must know to rebuild its open windows. It is written as the
 * metadata of the offset commit, so that it and the offset can never disagree.
 */
export interface RestorePoint {
  /** The first record that an open window was computed from; the committed offset where none is open. */
  restoreOffset: number
  watermarkMs: number
  maxEventTimeMs: number
  /** Sessions only: the watermark just before the record at `restoreOffset`. */
  startWatermarkMs: number
  /** Sessions only: where the clock, not a record, moved the watermark since: [next offset, watermark]. */
  jumps: [number, number][]
  /** Event time of the partition's first reading. */
  observedFromMs: number
  /** The clock when the last record was taken in: a silence goes on whoever listens. */
  lastRecordAtMs: number
}

/** The layout of the text; a reader refuses those it does not know. */
const version = 1

/** Brokers take 4,096 bytes of metadata (offset.metadata.max.bytes). */
export const maxMetadataBytes = 4_096

/** As many jumps fit with room to spare; of more the oldest are forgotten, and a session may then keep a late reading. */
export const maxJumps = 64

// JSON has no infinity: a time that is not known yet is null.
const time = z.number().nullable()
const schema = z.strictObject({
  v: z.literal(version),
  r: z.int().min(0),
  w: time,
  m: time,
  s: time,
  j: z.array(z.tuple([z.number(), z.number()])),
  o: time,
  a: time,
})

export function formatRestorePoint(point: RestorePoint): string {
  const finite = (ms: number) => (Number.isFinite(ms) ? ms : null)
  return JSON.stringify({
    v: version,
    r: point.restoreOffset,
    w: finite(point.watermarkMs),
    m: finite(point.maxEventTimeMs),
    s: finite(point.startWatermarkMs),
    j: point.jumps,
    o: finite(point.observedFromMs),
    a: finite(point.lastRecordAtMs),
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
  const { r, w, m, s, j, o, a } = parsed.data
  return {
    restoreOffset: r,
    watermarkMs: w ?? -Infinity,
    maxEventTimeMs: m ?? -Infinity,
    startWatermarkMs: s ?? -Infinity,
    jumps: j,
    observedFromMs: o ?? Infinity,
    lastRecordAtMs: a ?? -Infinity,
  }
}
