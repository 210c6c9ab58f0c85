import type { KafkaRecord, OutputRecord } from '@tidewatch/kafka'
import * as z from 'zod'

/** A checkpoint by its place in the log of its partition. */
export interface CheckpointName {
  /** Unique; begins with the offset. */
  id: string
  /** The first record that is not in it. */
  nextOffset: number
  chunks: number
}

/** The layout of the records. */
const version = 1

const name = z.strictObject({ id: z.string(), nextOffset: z.int().min(0), chunks: z.int().min(0) })
const manifest = z.strictObject({ v: z.literal(version), ...name.shape, bytes: z.int().min(0), before: name.optional() })

/** What tells that all chunks of a checkpoint are there: written after the last of them. */
export type Manifest = z.infer<typeof manifest>

/** Below what topics take by default (1 MiB), with room to spare. */
export const maxChunkBytes = 512 * 1024

/**
 * The records of a checkpoint, manifest last.
 *
 *     <partition>/<id>/0  bytes     <partition>/<id>/1  bytes  ...     <partition>/<id>/manifest  JSON
 */
export function checkpointRecords(
  topic: string,
  partition: number,
  { id, nextOffset, pieces, before }: { id: string; nextOffset: number; pieces: readonly Uint8Array[]; before: CheckpointName | undefined },
): { records: OutputRecord[]; manifest: Manifest } {
  const chunks = pieces.flatMap(splitPiece)
  const written: Manifest = { v: version, id, nextOffset, chunks: chunks.length, bytes: chunks.reduce((sum, { length }) => sum + length, 0), ...(before !== undefined && { before }) }
  const records: OutputRecord[] = chunks.map((chunk, i) => ({ topic, partition, key: chunkKey(partition, id, i), value: toBuffer(chunk) }))
  records.push({ topic, partition, key: manifestKey(partition, id), value: JSON.stringify(written) })
  return { records, manifest: written }
}

/** Tombstones for all records of a checkpoint, its manifest first: whoever reads in between takes it for gone. */
export function tombstones(topic: string, partition: number, { id, chunks }: CheckpointName): OutputRecord[] {
  const keys = [manifestKey(partition, id), ...Array.from({ length: chunks }, (_, i) => chunkKey(partition, id, i))]
  return keys.map((key) => ({ topic, partition, key, value: null }))
}

/** What stretches of a partition's log, read from the newest back, have shown of its checkpoints. */
export class CheckpointLog {
  readonly #partition: number
  /** The newest value of each key; null for what was deleted. */
  readonly #values = new Map<string, Buffer | null>()
  readonly #manifests = new Map<string, Manifest>()

  constructor(partition: number) {
    this.#partition = partition
  }

  /** Takes in the stretch before those that were taken in. */
  prepend(records: readonly KafkaRecord[]): void {
    for (const { key, value } of records.toReversed()) {
      const text = key?.toString() ?? ''
      if (this.#values.has(text)) continue
      this.#values.set(text, value)
      const parsed = text.endsWith('/manifest') && value !== null ? parseManifest(value) : undefined
      if (parsed !== undefined) this.#manifests.set(parsed.id, parsed)
    }
  }

  /** Those that are not deleted, newest first. */
  get manifests(): Manifest[] {
    return [...this.#manifests.values()].sort((a, b) => b.nextOffset - a.nextOffset)
  }

  /** The bytes of a checkpoint, or undefined while a part of it is missing. */
  assemble({ id, chunks, bytes }: Manifest): Buffer | undefined {
    const found: Buffer[] = []
    for (let i = 0; i < chunks; i++) {
      const chunk = this.#values.get(chunkKey(this.#partition, id, i))
      if (chunk === undefined || chunk === null) return undefined
      found.push(chunk)
    }
    const whole = Buffer.concat(found)
    return whole.length === bytes ? whole : undefined
  }
}

/** @returns undefined for what is none, or one of another version. */
function parseManifest(value: Buffer): Manifest | undefined {
  try {
    return manifest.safeParse(JSON.parse(value.toString())).data
  } catch {
    return undefined
  }
}

const chunkKey = (partition: number, id: string, number: number): string => `${partition}/${id}/${number}`
const manifestKey = (partition: number, id: string): string => `${partition}/${id}/manifest`

const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function splitPiece(piece: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.ceil(piece.length / maxChunkBytes) }, (_, i) => piece.subarray(i * maxChunkBytes, (i + 1) * maxChunkBytes))
}
