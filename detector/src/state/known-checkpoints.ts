import type { CheckpointName, CheckpointPart } from './checkpoint-records.ts'

/**
 * Decides which checkpoints stay beside the newest one: the one before it, and where both begin with the same full snapshot the newest
 * that begins with another. So damage to one record never takes all.
 *
 *     full  i1  i2  i3        FULL  i1  i2  i3  i4        i: increments, each with all before it
 *                   kept                    kept newest
 */
export function decideKept(newest: CheckpointName, others: Iterable<CheckpointName>): CheckpointName[] {
  // Those that end further on are of no use to whoever continues from the newest.
  const earlier = [...others].filter(({ id, nextOffset }) => id !== newest.id && nextOffset <= newest.nextOffset).sort((a, b) => b.nextOffset - a.nextOffset)
  const [before] = earlier
  const another = earlier.find((one) => baseOf(one) !== baseOf(newest))
  return [...new Set([before, another])].filter((one) => one !== undefined)
}

const baseOf = ({ parts }: CheckpointName): string | undefined => parts[0]?.id

/** What is there of a partition's checkpoints and not deleted, as far as was read or written here. */
export class KnownCheckpoints {
  readonly #checkpoints = new Map<string, CheckpointName>()
  readonly #chunksByPart = new Map<string, number>()

  get all(): CheckpointName[] {
    return [...this.#checkpoints.values()]
  }

  find(id: string): CheckpointName | undefined {
    return this.#checkpoints.get(id)
  }

  add({ id, nextOffset, parts }: CheckpointName): void {
    if (this.#checkpoints.has(id)) return
    this.#checkpoints.set(id, { id, nextOffset, parts })
    for (const part of parts) this.addPart(part)
  }

  /** Chunks that are there, or that may be because writing them has begun. */
  addPart({ id, chunks }: Pick<CheckpointPart, 'id' | 'chunks'>): void {
    this.#chunksByPart.set(id, Math.max(this.#chunksByPart.get(id) ?? 0, chunks))
  }

  /** What nobody needs besides the newest and those that stay with it: checkpoints, and parts of none that stays. */
  planRemoval(newest: CheckpointName): { checkpoints: CheckpointName[]; parts: { id: string; chunks: number }[] } {
    const kept = [newest, ...decideKept(newest, this.#checkpoints.values())]
    const keptParts = new Set(kept.flatMap(({ parts }) => parts.map(({ id }) => id)))
    return {
      checkpoints: this.all.filter((one) => !kept.some(({ id }) => id === one.id)),
      parts: [...this.#chunksByPart].filter(([id]) => !keptParts.has(id)).map(([id, chunks]) => ({ id, chunks })),
    }
  }

  remove({ checkpoints, parts }: { checkpoints: readonly CheckpointName[]; parts: readonly { id: string }[] }): void {
    for (const { id } of checkpoints) this.#checkpoints.delete(id)
    for (const { id } of parts) this.#chunksByPart.delete(id)
  }
}
