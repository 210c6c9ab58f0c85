import { binBounds, binFactor } from './score-bins.ts'
import { ScoreGenerations, type GenerationCounts } from './score-generations.ts'

/** As plain data. */
export interface RecentScoresState extends GenerationCounts {
  /** Length of the present generation, in scores. */
  generation: number
}

/** Peaks that stand for all of them, evenly by rank: more do not change a fit, and are what it costs. */
const peaksFitted = 200

/** What lies above a share of the scores. */
export interface Tail {
  /** Index of the bin in which it begins. */
  bin: number
  /** The largest score of that bin: excesses are measured from here. */
  start: number
  /** Scores above it. */
  above: number
}

/**
 * How often each score came up of late, in bins that are 1 % apart, over two generations:
 *
 *     scores   |1st|-- 2nd --|------ 3rd ------|---- `longest` ----|-- new ...
 *                                 forgotten     \_____ counted _____/
 *
 * Each generation is twice as long as the one before it, up to `longest`: what models scored while they were young is soon forgotten, and what they
 * score later is known well.
 *
 * - cost: a logarithm a score; 24 KiB, however many scores.
 */
export class RecentScores {
  readonly #longest: number
  #generation: number
  readonly #scores = new ScoreGenerations()

  /** @param first length of the first generation, in scores; the last ones have `longest`. */
  constructor(first: number, longest: number) {
    this.#generation = first
    this.#longest = longest
  }

  /** Of both generations. */
  get count(): number {
    return this.#scores.count
  }

  /** @returns the score's bin. */
  add(score: number): number {
    if (this.#scores.presentCount === this.#generation) {
      this.#scores.turn()
      this.#generation = Math.min(this.#longest, 2 * this.#generation)
    }
    return this.#scores.add(score)
  }

  /** The longest tail with no more than this share of the scores. */
  tailOf(share: number): Tail {
    const most = share * this.count
    let bin = binBounds.length - 1
    let above = 0
    while (bin > 0 && above + this.#scores.countIn(bin) <= most) above += this.#scores.countIn(bin--)
    return { bin, start: binBounds[bin]!, above }
  }

  /** The tail that begins at a bin. */
  tailFrom(bin: number): Tail {
    let above = 0
    for (let higher = binBounds.length - 1; higher > bin; higher--) above += this.#scores.countIn(higher)
    return { bin, start: binBounds[bin]!, above }
  }

  /** Up to 200 of the excesses over a tail's start, evenly by rank, largest first; good until the next call. */
  excessesOf({ bin: first, start, above }: Tail): Float64Array {
    const kept = Math.min(peaksFitted, above)
    const step = above / kept
    let passed = 0
    let filled = 0
    for (let bin = binBounds.length - 1; bin > first && filled < kept; bin--) {
      passed += this.#scores.countIn(bin)
      // The middle of a bin, by the scale that it is made in.
      const excess = binBounds[bin]! / Math.sqrt(binFactor) - start
      while (filled < kept && (filled + 0.5) * step < passed) excesses[filled++] = excess
    }
    return excesses.subarray(0, kept)
  }

  toState(): RecentScoresState {
    return { ...this.#scores.toState(), generation: this.#generation }
  }

  /** Goes on from `toState`, to the bit. */
  load({ generation, ...counts }: RecentScoresState): void {
    this.#scores.load(counts)
    this.#generation = generation
  }
}

const excesses = new Float64Array(peaksFitted)
