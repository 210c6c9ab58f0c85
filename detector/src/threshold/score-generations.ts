import { binOf, noScores, packCounts, unpackCounts, type BinCounts } from './score-bins.ts'

/** Of the generation before and of the present one, as `packCounts` writes them. */
export interface GenerationCounts {
  before: number[]
  present: number[]
}

/**
 * How often each score came up in two generations, in bins that are 1 % apart. Whoever adds says when a generation ends.
 *
 *     scores   |---- older ----|---- before ----|-- present ...
 *                  forgotten    \_______ counted _______/
 *
 * - cost: a logarithm a score; 24 KiB, however many scores.
 */
export class ScoreGenerations {
  #before = noScores()
  #present = noScores()
  #beforeScores = 0
  #presentScores = 0

  /** Scores of both generations. */
  get count(): number {
    return this.#beforeScores + this.#presentScores
  }

  get presentCount(): number {
    return this.#presentScores
  }

  /** Scores of both in a bin. */
  countIn(bin: number): number {
    return this.#before[bin]! + this.#present[bin]!
  }

  /** @returns the score's bin. */
  add(score: number): number {
    const bin = binOf(score)
    this.#present[bin]!++
    this.#presentScores++
    return bin
  }

  /** The present generation is full: the one before is given up. */
  turn(): void {
    const emptied = this.#before.fill(0)
    this.#before = this.#present
    this.#beforeScores = this.#presentScores
    this.#present = emptied
    this.#presentScores = 0
  }

  toState(): GenerationCounts {
    return { before: packCounts(this.#before), present: packCounts(this.#present) }
  }

  /** Goes on from `toState`, to the bit. */
  load({ before, present }: GenerationCounts): void {
    this.#before = unpackCounts(before)
    this.#present = unpackCounts(present)
    this.#beforeScores = sumOf(this.#before)
    this.#presentScores = sumOf(this.#present)
  }
}

const sumOf = (counts: BinCounts): number => counts.reduce((sum, count) => sum + count, 0)
