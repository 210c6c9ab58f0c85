import type { Group } from '../window/group.ts'
import type { GroupMemory } from '../verdict/group-memory.ts'
import { writeHeader } from './header.ts'
import { PartitionWriter, type PartitionFigures, type PartitionParts } from './partition-state.ts'
import { SnapshotWriter, type Trailer } from './writer.ts'

/** A snapshot that is stored, so that the next one may hold only what has changed since. */
interface Base extends Trailer {
  /** Its number. */
  number: number
  /** Groups forgotten until then: an increment cannot take one away. */
  forgotten: number
  /** Donors that priors had come to have until then. */
  priorChanges: number
  /** The part of all groups up to which an increment is the better choice; in (0, 1]. */
  mostChanged: number
}

/** What a snapshot says of itself, and of its topology. */
export interface SnapshotDescription {
  nextOffset: number
  configuration: string
  figures: PartitionFigures
}

export interface SnapshotOptions {
  /** In bytes; 512 KiB. */
  pieceLength?: number | undefined
  /** A full one in any case. */
  isFull?: boolean
}

/**
 * Takes snapshots of a partition that goes on meanwhile.
 *
 *     records     r r r|r r   r    r  r r            |: the cut, to which the whole snapshot belongs
 *     written          |head g g  [g4] g g [g9] g end
 *                                  \__________\___ about to be changed by a record: written first
 *
 * At the cut the head is written, which is small: watermark, notes, threshold, models that groups share. The groups follow piece by piece;
 * whoever is about to change one calls `beforeChange`. Groups carry the number of the snapshot that their last change belongs to, so an
 * increment is a snapshot of those that were changed after its base.
 */
export class Snapshots {
  /** Of the next snapshot. */
  #number = 1
  #writing: { number: number; writer: PartitionWriter } | undefined
  /** The last one that was written to its end. */
  #last: Omit<Base, 'mostChanged'> | undefined
  #base: Base | undefined

  /** To be called before anything of a group is changed. */
  beforeChange(group: Group<GroupMemory>): void {
    if (group.changedFor === this.#number) return
    if (group.awaitedBy !== 0 && group.awaitedBy === this.#writing?.number) this.#writing.writer.group(group)
    group.changedFor = this.#number
  }

  /**
   * The next snapshot may be an increment to the one that ends with this trailer, which must have been the last one.
   *
   * @param mostChanged up to which part of all groups having changed, in [0, 1].
   */
  followWith(trailer: Trailer, mostChanged: number): void {
    const last = this.#last
    const isLast = last?.length === trailer.length && last.checksum === trailer.checksum
    this.#base = isLast && mostChanged > 0 ? { ...last, mostChanged } : undefined
  }

  /**
   * Makes the cut. The pieces that come out of the generator follow each other; between two of them the partition may go on. One
   * that was given up is ended by the next one.
   *
   * @throws Error from the generator when the next snapshot was begun meanwhile.
   */
  begin(parts: PartitionParts, { nextOffset, configuration, figures }: SnapshotDescription, { pieceLength, isFull = false }: SnapshotOptions): Generator<Uint8Array, void> {
    const number = this.#number++
    const all = [...parts.groups.all()]
    const base = this.#base
    const changed = isFull || base === undefined || !canFollow(base, parts) ? undefined : all.filter(({ changedFor }) => changedFor > base.number)
    const isIncrement = changed !== undefined && changed.length <= base!.mostChanged * all.length
    // Mostly they are in order: only a device's later metrics come before their turn.
    const groups = (isIncrement ? changed : all).sort((a, b) => a.index - b.index)
    for (const group of groups) group.awaitedBy = number
    const writer = new SnapshotWriter(pieceLength)
    writeHeader(writer, { nextOffset, configuration, follows: isIncrement ? { length: base!.length, checksum: base!.checksum } : undefined })
    const writing = { number, writer: new PartitionWriter(writer, parts, figures, groups, isIncrement ? base!.priorChanges : undefined) }
    this.#writing = writing
    return this.#write(writing, groups, { forgotten: parts.groups.forgotten, priorChanges: parts.judge.priorChanges })
  }

  *#write(writing: { number: number; writer: PartitionWriter }, groups: readonly Group<GroupMemory>[], atCut: Pick<Base, 'forgotten' | 'priorChanges'>): Generator<Uint8Array, void> {
    const { number, writer } = writing
    try {
      for (const group of groups) {
        if (group.awaitedBy === number) writer.group(group)
        for (const piece of writer.takePieces()) {
          yield piece
          if (this.#writing !== writing) throw new Error('the snapshot was given up: a later one was begun')
        }
      }
      yield* writer.finish()
      this.#last = { number, ...atCut, ...writer.trailer }
    } finally {
      if (this.#writing === writing) this.#writing = undefined
    }
  }
}

/** A model that several groups share changes with each of them: then a full one is hardly larger. */
function canFollow(base: Base, { groups, judge }: PartitionParts): boolean {
  return judge.store.isOnePerGroup && groups.forgotten === base.forgotten
}
