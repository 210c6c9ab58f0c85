import { randomBytes } from 'node:crypto'
import type { PartitionReader, RecordSink } from '@tidewatch/kafka'
import { CheckpointLog, checkpointRecords, tombstones, type CheckpointName, type Manifest } from './checkpoint-records.ts'

/** A checkpoint as it was read: whole by its length, not yet looked into. */
export interface StoredCheckpoint {
  id: string
  nextOffset: number
  bytes: Uint8Array
}

/** Where the state of partitions is kept. */
export interface CheckpointStore {
  /**
   * The whole checkpoints of a partition that end at `upToOffset` or before, newest first. Reads no further back than it is asked
   * to: the first is mostly the one.
   */
  find(partition: number, upToOffset: number): AsyncIterable<StoredCheckpoint>
  /** Writes a checkpoint, keeps the one before it and deletes those before that. Resolves with its size when it is acknowledged. */
  publish(partition: number, checkpoint: { nextOffset: number; pieces: readonly Uint8Array[] }): Promise<{ bytes: number }>
  close(): Promise<void>
}

/** Records that are read at first; twice as many each time more is needed. */
const firstStretch = 32

/**
 * Checkpoints on a compacted topic: a partition of the input keeps its own in the partition of the same number.
 *
 * Checkpoints have ids of their own and are never written over, so a detector that was thought dead and writes once more adds
 * one that nobody needs, and spoils none.
 */
export class KafkaCheckpointStore implements CheckpointStore {
  readonly #topic: string
  readonly #sink: RecordSink
  readonly #reader: PartitionReader
  /** What is there and not deleted, by partition, as far as was read or written here. */
  readonly #known = new Map<number, Map<string, CheckpointName>>()

  constructor({ topic, sink, reader }: { topic: string; sink: RecordSink; reader: PartitionReader }) {
    this.#topic = topic
    this.#sink = sink
    this.#reader = reader
  }

  async *find(partition: number, upToOffset: number): AsyncGenerator<StoredCheckpoint> {
    const known = new Map<string, CheckpointName>()
    this.#known.set(partition, known)
    const log = new CheckpointLog(partition)
    const given = new Set<string>()
    const { logStartOffset, logEndOffset } = await this.#reader.readBounds(this.#topic, partition)
    for (let to = logEndOffset, stretch = firstStretch; to > logStartOffset; stretch *= 2) {
      const from = Math.max(logStartOffset, to - stretch)
      log.prepend(await this.#reader.read(this.#topic, partition, { from, to }))
      to = from
      for (const manifest of log.manifests) {
        this.#note(known, manifest)
        if (given.has(manifest.id) || manifest.nextOffset > upToOffset) continue
        const bytes = log.assemble(manifest)
        if (bytes === undefined) continue
        given.add(manifest.id)
        yield { id: manifest.id, nextOffset: manifest.nextOffset, bytes }
      }
    }
  }

  async publish(partition: number, { nextOffset, pieces }: { nextOffset: number; pieces: readonly Uint8Array[] }): Promise<{ bytes: number }> {
    const known = this.#known.get(partition) ?? new Map<string, CheckpointName>()
    this.#known.set(partition, known)
    const before = newestOf(known.values(), nextOffset)
    const id = `${nextOffset}-${randomBytes(6).toString('hex')}`
    const { records, manifest } = checkpointRecords(this.#topic, partition, { id, nextOffset, pieces, before })
    await this.#sink.send(records)
    const superseded = [...known.values()].filter((one) => one.id !== before?.id)
    known.set(id, { id, nextOffset, chunks: manifest.chunks })
    if (superseded.length > 0) {
      await this.#sink.send(superseded.flatMap((one) => tombstones(this.#topic, partition, one)))
      for (const one of superseded) known.delete(one.id)
    }
    return { bytes: manifest.bytes }
  }

  async close(): Promise<void> {
    await Promise.all([this.#sink.close(), this.#reader.close()])
  }

  #note(known: Map<string, CheckpointName>, { id, nextOffset, chunks, before }: Manifest): void {
    known.set(id, { id, nextOffset, chunks })
    // Further back than was read; told by the one after it, so that it is deleted in its turn.
    if (before !== undefined && !known.has(before.id)) known.set(before.id, before)
  }
}

/** The newest that ends at the offset or before; others are of no use to whoever continues from there. */
function newestOf(checkpoints: Iterable<CheckpointName>, upToOffset: number): CheckpointName | undefined {
  let newest: CheckpointName | undefined
  for (const one of checkpoints) if (one.nextOffset <= upToOffset && (newest === undefined || one.nextOffset >= newest.nextOffset)) newest = one
  return newest
}
