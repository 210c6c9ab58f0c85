import { randomBytes } from 'node:crypto'
import type { PartitionReader, RecordSink } from '@tidewatch/kafka'
import { SnapshotOfAnotherVersion } from '../snapshot/errors.ts'
import { CheckpointLog, chunkRecords, manifestRecord, recordsVersion, tombstones, type CheckpointName } from './checkpoint-records.ts'
import { KnownCheckpoints } from './known-checkpoints.ts'

/** A checkpoint as it was read: whole by its length, not yet looked into. */
export interface StoredCheckpoint {
  id: string
  nextOffset: number
  /** A full snapshot with the increments to it behind it. */
  bytes: Uint8Array
}

/** A checkpoint to be written. */
export interface NewCheckpoint {
  nextOffset: number
  pieces: readonly Uint8Array[]
  /** Id of the checkpoint, published here, that the pieces are an increment to; undefined for a full one. */
  after: string | undefined
}

/** Where the state of partitions is kept. */
export interface CheckpointStore {
  /**
   * The whole checkpoints of a partition that end at `upToOffset` or before, newest first. Reads no further back than it is asked
   * to: the first is mostly the one.
   *
   * @throws SnapshotOfAnotherVersion at the end, where there were some that another version wrote and this one cannot read.
   */
  find(partition: number, upToOffset: number): AsyncIterable<StoredCheckpoint>
  /**
   * Writes a checkpoint and deletes those that are no longer needed (`decideKept`). Resolves when it is acknowledged.
   *
   * @returns its id and how much was written.
   */
  publish(partition: number, checkpoint: NewCheckpoint): Promise<{ id: string; bytes: number }>
  close(): Promise<void>
}

/** Records that are read at first; twice as many each time more is needed. */
const firstStretch = 32
/** Records that are read at a time only to see what is there: some tens of megabytes. */
const lookStretch = 64

/** What is known of a partition's checkpoints, and which stretch of the log it was learned from. */
interface Seen {
  known: KnownCheckpoints
  log: CheckpointLog
  from: number
  to: number
}

/**
 * Checkpoints on a compacted topic: a partition of the input keeps its own in the partition of the same number.
 *
 * Checkpoints have ids of their own and are never written over, and a process makes increments to its own only. So a detector that was
 * thought dead and writes once more adds one that nobody needs, and deletes nothing that its heir's newest is made of.
 */
export class KafkaCheckpointStore implements CheckpointStore {
  readonly #topic: string
  readonly #sink: RecordSink
  readonly #reader: PartitionReader
  readonly #known = new Map<number, KnownCheckpoints>()
  /** Of partitions in which nothing was published yet. */
  readonly #seen = new Map<number, Seen>()

  constructor({ topic, sink, reader }: { topic: string; sink: RecordSink; reader: PartitionReader }) {
    this.#topic = topic
    this.#sink = sink
    this.#reader = reader
  }

  async *find(partition: number, upToOffset: number): AsyncGenerator<StoredCheckpoint> {
    const known = new KnownCheckpoints()
    this.#known.delete(partition)
    const log = new CheckpointLog(partition)
    const given = new Set<string>()
    const { logStartOffset, logEndOffset } = await this.#reader.readBounds(this.#topic, partition)
    const seen = { known, log, from: logEndOffset, to: logEndOffset }
    this.#seen.set(partition, seen)
    for (let to = logEndOffset, stretch = firstStretch; to > logStartOffset; stretch *= 2) {
      const from = Math.max(logStartOffset, to - stretch)
      log.prepend(await this.#reader.read(this.#topic, partition, { from, to }))
      to = from
      seen.from = from
      note(known, log)
      for (const manifest of log.manifests) {
        if (given.has(manifest.id) || manifest.nextOffset > upToOffset) continue
        const bytes = log.assemble(manifest)
        if (bytes === undefined) continue
        given.add(manifest.id)
        yield { id: manifest.id, nextOffset: manifest.nextOffset, bytes }
      }
    }
    if (log.foreignVersion === undefined) return
    throw new SnapshotOfAnotherVersion(`The checkpoints of partition ${partition} on ${this.#topic} have the layout ${log.foreignVersion}, and this detector reads ${recordsVersion}. Run the detector that wrote them, or start without them: models warm up again.`)
  }

  async publish(partition: number, { nextOffset, pieces, after }: NewCheckpoint): Promise<{ id: string; bytes: number }> {
    const known = this.#known.get(partition) ?? (await this.#lookAround(partition))
    const id = `${nextOffset}-${randomBytes(6).toString('hex')}`
    const chunks = chunkRecords(this.#topic, partition, id, pieces)
    const part = { id, chunks: chunks.length, bytes: pieces.reduce((sum, { length }) => sum + length, 0) }
    const base = after === undefined ? undefined : known.find(after)
    if (after !== undefined && base === undefined) throw new Error(`checkpoint ${after}, which the one at ${nextOffset} is an increment to, is not there any more`)
    const checkpoint: CheckpointName = { id, nextOffset, parts: [...(base?.parts ?? []), part] }
    // Known before it is whole: what an error leaves behind is deleted with the next one.
    known.addPart(part)
    // One at a time: to encode and compress them all at once would hold up everything else.
    for (const chunk of chunks) await this.#sink.send([chunk])
    await this.#sink.send([manifestRecord(this.#topic, partition, checkpoint, known.all)])
    known.add(checkpoint)
    const removal = known.planRemoval(checkpoint)
    await this.#sink.send(tombstones(this.#topic, partition, removal.checkpoints, removal.parts))
    known.remove(removal)
    return { id, bytes: part.bytes }
  }

  async close(): Promise<void> {
    await Promise.all([this.#sink.close(), this.#reader.close()])
  }

  /**
   * Before the first one is published: looks at what `find` did not, the end of the log included. A predecessor may have left what
   * nobody will ever need, and may have written on while it was replaced.
   */
  async #lookAround(partition: number): Promise<KnownCheckpoints> {
    const { logStartOffset, logEndOffset } = await this.#reader.readBounds(this.#topic, partition)
    const seen = this.#seen.get(partition) ?? { known: new KnownCheckpoints(), log: new CheckpointLog(partition), from: logEndOffset, to: logEndOffset }
    const { known, log } = seen
    log.dropChunks()
    const since = new CheckpointLog(partition)
    await this.#look(since, partition, Math.max(seen.to, logStartOffset), logEndOffset)
    await this.#look(log, partition, logStartOffset, seen.from)
    note(known, since)
    note(known, log)
    this.#seen.delete(partition)
    this.#known.set(partition, known)
    return known
  }

  async #look(log: CheckpointLog, partition: number, from: number, to: number): Promise<void> {
    for (let end = to; end > from; end -= lookStretch) {
      log.prepend(await this.#reader.read(this.#topic, partition, { from: Math.max(from, end - lookStretch), to: end }), false)
    }
  }
}

function note(known: KnownCheckpoints, log: CheckpointLog): void {
  for (const manifest of log.manifests) {
    known.add(manifest)
    // Further back than was read, told by those after them, so that they are deleted in their turn.
    for (const one of manifest.before) if (!log.isDeleted(one.id)) known.add(one)
  }
  for (const part of log.parts) known.addPart(part)
}
