import { checkScore } from './check-score.ts'
import { checkSnapshot } from './check-snapshot.ts'
import { binBounds } from './score-bins.ts'
import { ScoreGenerations, type GenerationCounts } from './score-generations.ts'
import type { Threshold, ThresholdFactory, ThresholdSnapshot } from './threshold.ts'

const kind = 'quantile'
const version = 1

/** The model's own boundary: judges until enough scores are known. */
const ownBoundary = 1

/** Scores above the quantile that must have been possible before it says anything, and that a generation is made for. */
const fewest = 10
const usual = 100

/** Bounds of a generation's length, in scores. */
const shortest = 10_000
const longest = 1e9

/**
 * The mode `quantile`: the score that this part of the past scores did not exceed.
 *
 *     scores   |---- older ----|---- old ----|-- new ...        a generation: 100/(1 - q) scores, 10,000 at least
 *                  forgotten    \_____ counted _____/
 *
 * Scores are counted in bins that are 1 % apart (a DDSketch), and the limit is the largest score of the bin that the quantile
 * is in. Faults are scores like others, so a part 1 - q of all windows is flagged, whatever happens: where more than that
 * is faulty some of it is not flagged, and where nothing is the strangest normal windows are. For the first 10/(1 - q) scores,
 * at least 1,000, the limit is 1.
 *
 * - assumes: scores are alike over a generation.
 * - fails when: the share of faults is not known beforehand: `falseAlarmRate` asks for no such number.
 * - cost: a logarithm a score; 24 KiB for a partition, however many scores.
 * - guarantees: never below the exact quantile of the scores counted, and less than 1 % above it, where that is between 1e-4 and 1e9;
 *   bounded memory; no chance; restored to the bit.
 * - reference: Masson, Rim, Lee 2019, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB.
 *
 * @param q in (0.5, 1).
 * @throws RangeError for another one.
 */
export function quantile(q: number): ThresholdFactory {
  if (!(q > 0.5 && q < 1)) throw new RangeError(`a quantile of scores is in (0.5, 1), not ${q}`)
  return {
    kind,
    create: () => new QuantileThreshold(q),
    restore: (snapshot) => {
      checkSnapshot(snapshot, kind, version)
      return QuantileThreshold.fromState(q, snapshot.state as GenerationCounts)
    },
  }
}

class QuantileThreshold implements Threshold {
  readonly #exceeding: number
  readonly #needed: number
  readonly #generation: number
  readonly #scores = new ScoreGenerations()
  /** The bin of the quantile, and the scores in those above it. */
  #bin = 0
  #above = 0

  constructor(q: number) {
    // 1 - 0.99 is a little more than a hundredth in binary.
    this.#exceeding = Math.round((1 - q) * 1e15) / 1e15
    this.#needed = Math.max(1_000, Math.ceil(fewest / this.#exceeding))
    this.#generation = Math.min(longest, Math.max(shortest, Math.ceil(usual / this.#exceeding)))
  }

  limit(): number {
    return this.#scores.count < this.#needed ? ownBoundary : binBounds[this.#bin]!
  }

  observe(score: number): void {
    checkScore(score)
    if (this.#scores.presentCount === this.#generation) {
      this.#scores.turn()
      this.#recount()
    }
    if (this.#scores.add(score) > this.#bin) this.#above++
    this.#settle()
  }

  snapshot(): ThresholdSnapshot {
    return { kind, version, state: this.#scores.toState() }
  }

  static fromState(q: number, counts: GenerationCounts): QuantileThreshold {
    const threshold = new QuantileThreshold(q)
    threshold.#scores.load(counts)
    threshold.#recount()
    return threshold
  }

  #recount(): void {
    this.#bin = binBounds.length - 1
    this.#above = 0
    this.#settle()
  }

  /** Moves to the lowest bin with no more above it than may exceed the quantile; a score moves it by a bin or two. */
  #settle(): void {
    const allowed = this.#exceeding * this.#scores.count
    while (this.#above > allowed) this.#above -= this.#scores.countIn(++this.#bin)
    while (this.#bin > 0 && this.#above + this.#scores.countIn(this.#bin) <= allowed) this.#above += this.#scores.countIn(this.#bin--)
  }
}
