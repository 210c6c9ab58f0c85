import { crc32 } from 'node:zlib'
import type { KafkaRecord, OutputRecord } from '@tidewatch/kafka'
import * as z from 'zod'

/** A full snapshot or an increment, cut into chunks. */
export interface CheckpointPart {
  /** Unique; begins with the offset. */
  id: string
  chunks: number
  bytes: number
}

/** A checkpoint by its place in the log of its partition. */
export interface CheckpointName {
  /** That of its last part. */
  id: string
  /** The first record that is not in it. */
  nextOffset: number
  /** A full snapshot and the increments to it. Those before the last one are parts of earlier checkpoints too. */
  parts: readonly CheckpointPart[]
}

/** The layout of the records. */
export const recordsVersion = 2

const part = z.strictObject({ id: z.string(), chunks: z.int().min(1), bytes: z.int().min(1) })
const name = z.strictObject({ id: z.string(), nextOffset: z.int().min(0), parts: z.array(part).min(1) })
const manifest = z.strictObject({ v: z.literal(recordsVersion), ...name.shape, before: z.array(name) })

/** What tells that all chunks of a checkpoint are there: written after the last of them. `before`: the others that were there then. */
export type Manifest = z.infer<typeof manifest>

/** Below what topics take by default (1 MiB), with room to spare. */
export const maxChunkBytes = 512 * 1024

/** The chunks of one part: `<partition>/<id>/0`, `<partition>/<id>/1`, ... */
export function chunkRecords(topic: string, partition: number, id: string, pieces: readonly Uint8Array[]): OutputRecord[] {
  return pieces.flatMap(splitPiece).map((chunk, i) => ({ topic, partition, key: chunkKey(partition, id, i), value: toBuffer(chunk) }))
}

/** The manifest, `<partition>/<id>/manifest`: the checksum of what follows, a space, JSON. */
export function manifestRecord(topic: string, partition: number, { id, nextOffset, parts }: CheckpointName, before: readonly CheckpointName[]): OutputRecord {
  const json = JSON.stringify({ v: recordsVersion, id, nextOffset, parts, before } satisfies { [K in keyof Manifest]: unknown })
  return { topic, partition, key: manifestKey(partition, id), value: `${checksumOf(json)} ${json}` }
}

/**
 * Tombstones, manifests first: whoever reads in between takes a checkpoint for gone. A part that goes takes a manifest of its id along,
 * which may be one that cannot be read here.
 */
export function tombstones(topic: string, partition: number, checkpoints: readonly Pick<CheckpointName, 'id'>[], parts: readonly Pick<CheckpointPart, 'id' | 'chunks'>[]): OutputRecord[] {
  const manifestKeys = new Set([...checkpoints, ...parts].map(({ id }) => manifestKey(partition, id)))
  const chunkKeys = parts.flatMap(({ id, chunks }) => Array.from({ length: chunks }, (_, i) => chunkKey(partition, id, i)))
  return [...manifestKeys, ...chunkKeys].map((key) => ({ topic, partition, key, value: null }))
}

/** What stretches of a partition's log, read from the newest back, have shown of its checkpoints. */
export class CheckpointLog {
  readonly #partition: number
  /** The newest value of each key; null for what was deleted. */
  readonly #values = new Map<string, Buffer | null>()
  readonly #manifests = new Map<string, Manifest>()
  /** Chunks that are not deleted, by part: the highest number and one. */
  readonly #chunks = new Map<string, number>()
  /** The layout of a manifest that cannot be read here; undefined where there is none. */
  foreignVersion: number | undefined

  constructor(partition: number) {
    this.#partition = partition
  }

  /**
   * Takes in the stretch before those that were taken in.
   *
   * @param keepsChunks false where nothing of them will be assembled.
   */
  prepend(records: readonly KafkaRecord[], keepsChunks = true): void {
    for (const { key, value } of records.toReversed()) {
      const text = key?.toString() ?? ''
      if (this.#values.has(text)) continue
      this.#values.set(text, value === null || keepsChunks ? value : noContent)
      const [, id, place] = text.split('/')
      if (value === null || id === undefined || place === undefined) continue
      if (place === 'manifest') this.#takeManifest(value)
      else this.#chunks.set(id, Math.max(this.#chunks.get(id) ?? 0, Number(place) + 1))
    }
  }

  /** Those that are not deleted, newest first. */
  get manifests(): Manifest[] {
    return [...this.#manifests.values()].sort((a, b) => b.nextOffset - a.nextOffset)
  }

  /** Parts of which chunks are there, with a manifest or without: it may have been interrupted. */
  get parts(): { id: string; chunks: number }[] {
    return [...this.#chunks].map(([id, chunks]) => ({ id, chunks }))
  }

  /** Nothing can be assembled any more; what is there is still known. */
  dropChunks(): void {
    for (const [key, value] of this.#values) if (value !== null) this.#values.set(key, noContent)
  }

  isDeleted(id: string): boolean {
    return this.#values.get(manifestKey(this.#partition, id)) === null
  }

  /** The bytes of a checkpoint, part after part, or undefined while a chunk of it is missing. */
  assemble({ parts }: CheckpointName): Buffer | undefined {
    const found: Buffer[] = []
    for (const { id, chunks, bytes } of parts) {
      let length = 0
      for (let i = 0; i < chunks; i++) {
        const chunk = this.#values.get(chunkKey(this.#partition, id, i))
        if (chunk === undefined || chunk === null) return undefined
        length += chunk.length
        found.push(chunk)
      }
      if (length !== bytes) return undefined
    }
    return Buffer.concat(found)
  }

  #takeManifest(value: Buffer): void {
    const parsed = parseManifest(value)
    if (typeof parsed === 'number') this.foreignVersion ??= parsed
    else if (parsed !== undefined) this.#manifests.set(parsed.id, parsed)
  }
}

const noContent = Buffer.alloc(0)

/** @returns the layout of one that is of another; undefined for what is damaged or none. */
function parseManifest(value: Buffer): Manifest | number | undefined {
  const text = value.toString()
  // The first layout had no checksum.
  const json = text.startsWith('{') ? text : text.slice(9)
  if (json !== text && text.slice(0, 9) !== `${checksumOf(json)} `) return undefined
  let content: unknown
  try {
    content = JSON.parse(json)
  } catch {
    return undefined
  }
  const parsed = manifest.safeParse(content).data
  if (parsed !== undefined) return json === text ? undefined : parsed
  const version = (content as { v?: unknown } | null)?.v
  return typeof version === 'number' && version !== recordsVersion ? version : undefined
}

const chunkKey = (partition: number, id: string, number: number): string => `${partition}/${id}/${number}`
const manifestKey = (partition: number, id: string): string => `${partition}/${id}/manifest`

const checksumOf = (text: string): string => crc32(text).toString(16).padStart(8, '0')

const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function splitPiece(piece: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.ceil(piece.length / maxChunkBytes) }, (_, i) => piece.subarray(i * maxChunkBytes, (i + 1) * maxChunkBytes))
}
