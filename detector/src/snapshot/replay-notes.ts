/** As many jumps fit into a commit's metadata with room to spare. */
export const maxJumps = 64

/** As many bounds as that. */
export const maxBounds = 32

/** From an offset on, where the clock (no record) moved the watermark: [next offset, watermark]. */
export type Jump = [offset: number, watermarkMs: number]

/** From an offset on, the event time from which on readings were too far ahead of the clock: [offset, event time]. Infinity where none was. */
export type Bound = [offset: number, refusedFromMs: number]

export interface ReplayNotesState {
  jumps: Jump[]
  bounds: Bound[]
  /** The notes are complete from this offset on. */
  completeFrom: number
}

/**
 * What the clock did to a partition, so that the same records read again later come to the same: all else follows from the records.
 *
 *     log       r   r   x   r   r                  r
 *                       |        \__ silence __/
 *     bounds            [offset of x, its event time]: x was too far ahead of the clock then, and would not be now
 *     jumps                                       [offset of r, watermark]: windows closed in the silence
 *
 * A bound holds for as long as one number parts what was taken from what was refused, mostly for ever: a device whose clock is an
 * hour ahead needs a new one each hour. Notes are bounded; of more the oldest go, and `completeFrom` tells.
 */
export class ReplayNotes {
  #jumps: Jump[] = []
  #bounds: Bound[] = []
  #completeFrom = 0
  /** Whether the last jump closed or forgot something, so that it must be made again as it was. */
  #lastJumpActed = true
  /** Readings from this event time on were refused by the clock; taking one in ends the bound. */
  refusedFromMs = Infinity

  noteJump(offset: number, watermarkMs: number, acted: boolean): void {
    const last = this.#jumps.at(-1)
    if (last !== undefined && last[0] === offset && !this.#lastJumpActed) last[1] = watermarkMs
    else this.#jumps.push([offset, watermarkMs])
    this.#lastJumpActed = acted
    if (this.#jumps.length > maxJumps) this.#dropJump()
  }

  /** A reading was refused that a later clock would let pass. */
  noteRefused(offset: number, eventTimeMs: number, maxTakenMs: number): void {
    if (eventTimeMs >= this.refusedFromMs) return
    const last = this.#bounds.at(-1)
    // Nothing that was taken lies at or above it, so the bound may be lowered for all it holds for.
    if (last !== undefined && last[1] !== Infinity && eventTimeMs > maxTakenMs) last[1] = eventTimeMs
    else this.#pushBound(offset, eventTimeMs)
    this.refusedFromMs = eventTimeMs
  }

  /** A reading was taken in at or above the bound. */
  noteTaken(offset: number): void {
    this.#pushBound(offset, Infinity)
    this.refusedFromMs = Infinity
  }

  /** Forgets what nobody will read again: jumps before `offset` and bounds that ended before it. */
  forgetBefore(offset: number): void {
    while (this.#jumps[0] !== undefined && this.#jumps[0][0] < offset) this.#dropJump()
    while (this.#bounds[1] !== undefined && this.#bounds[1][0] <= offset) this.#dropBound()
  }

  /** Whether there is so much to note that a checkpoint would better make it superfluous. */
  get isCrowded(): boolean {
    return this.#jumps.length > maxJumps / 2 || this.#bounds.length > maxBounds / 2
  }

  /** Nothing is known of what was before. */
  startAt(offset: number): void {
    this.#completeFrom = Math.max(this.#completeFrom, offset)
  }

  toState(): ReplayNotesState {
    return { jumps: this.#jumps.map(([offset, ms]): Jump => [offset, ms]), bounds: this.#bounds.map(([offset, ms]): Bound => [offset, ms]), completeFrom: this.#completeFrom }
  }

  load({ jumps, bounds, completeFrom }: ReplayNotesState): void {
    this.#jumps = jumps.map(([offset, ms]): Jump => [offset, ms])
    this.#bounds = bounds.map(([offset, ms]): Bound => [offset, ms])
    this.#completeFrom = completeFrom
    this.#lastJumpActed = true
    this.refusedFromMs = bounds.at(-1)?.[1] ?? Infinity
  }

  #pushBound(offset: number, refusedFromMs: number): void {
    const last = this.#bounds.at(-1)
    if (last !== undefined && last[0] === offset) last[1] = refusedFromMs
    else this.#bounds.push([offset, refusedFromMs])
    if (this.#bounds.length > maxBounds) this.#dropBound()
  }

  #dropJump(): void {
    this.#completeFrom = Math.max(this.#completeFrom, this.#jumps.shift()![0] + 1)
  }

  #dropBound(): void {
    this.#bounds.shift()
    this.#completeFrom = Math.max(this.#completeFrom, this.#bounds[0]![0])
  }
}

/** Follows notes through a log that is read again. */
export class NoteFollower {
  readonly #jumps: readonly Jump[]
  readonly #bounds: readonly Bound[]
  #nextJump = 0
  #nextBound = 0
  #refusedFromMs = Infinity

  constructor({ jumps, bounds }: ReplayNotesState) {
    this.#jumps = jumps
    this.#bounds = bounds
  }

  /** The watermark of the next jump that came before the record at `offset` (or at it, where that record is still to come). */
  takeJump(offset: number): number | undefined {
    const jump = this.#jumps[this.#nextJump]
    if (jump === undefined || jump[0] > offset) return undefined
    this.#nextJump++
    return jump[1]
  }

  /** Whether a reading that is not too far ahead of its own timestamp was too far ahead of the clock then. */
  wasRefused(offset: number, eventTimeMs: number): boolean {
    for (let bound = this.#bounds[this.#nextBound]; bound !== undefined && bound[0] <= offset; bound = this.#bounds[++this.#nextBound]) this.#refusedFromMs = bound[1]
    return eventTimeMs >= this.#refusedFromMs
  }
}
