/** Mean and deviation of a series that forgets: each step leaves `1 - discount` of what was. */
export class DiscountedMoments {
  private readonly discount: number
  private weight = 0
  private sum = 0
  private squares = 0

  constructor(discount: number) {
    this.discount = discount
  }

  add(value: number): void {
    const kept = 1 - this.discount
    this.weight = this.weight * kept + 1
    this.sum = this.sum * kept + value
    this.squares = this.squares * kept + value * value
  }

  /** 0 before the first value. */
  mean(): number {
    return this.weight > 0 ? this.sum / this.weight : 0
  }

  deviation(): number {
    if (this.weight <= 0) return 0
    const mean = this.sum / this.weight
    return Math.sqrt(Math.max(0, this.squares / this.weight - mean * mean))
  }

  toState(): number[] {
    return [this.weight, this.sum, this.squares]
  }

  load([weight, sum, squares]: readonly number[]): void {
    this.weight = weight!
    this.sum = sum!
    this.squares = squares!
  }
}

/** Scores count up to this in the mean: an outlier does not hide the next one. */
const mostCounted = 2
/** Fewer scores say nothing of their deviation, */
const leastScores = 10
/** and until then, and in part up to twice as many, this is the threshold. */
const initialThreshold = 1.5
/** No score under it is anomalous, */
const leastThreshold = 0.8
/** less where scores are small: of data with many equal points. */
const usualScore = 0.9
const leastFactor = 2

/**
 * The threshold over a random cut forest's scores: their mean and some deviations, which follow the scores.
 *
 *     P   of min(score, 2)                        D   of the differences from one of these to the next
 *     T   of max(0, mean_P - score): downwards, where anomalies do not reach; at half the discount
 *     z' = max(2, z min(1, mean_P/0.9))
 *     long = min(sqrt2 dev_T, dev_P) at shingle size 1, else 0.5 min(dev_P, max(dev_D, sqrt2 dev_T)) + 0.5 dev_D
 *     threshold = max(0.8 min(1, mean_P/0.9), f (mean_P + (z' - 1) long + dev_P) + (1 - f) 1.5),    f from 0 at 10 scores to 1 at 20
 *
 * Reference: the AWS library's BasicThresholder, with its transforms on and its threshold automatic; algorithms 3.1. There D is of the scores
 * themselves, so that one of 8 lifts the threshold by half.
 */
export class ScoreThresholder {
  private readonly factor: number
  private readonly isShingled: boolean
  private readonly primary: DiscountedMoments
  private readonly difference: DiscountedMoments
  private readonly downward: DiscountedMoments
  private count = 0
  private last = 0

  /** @param discount of the scores and of their differences, a step. @param factor z: deviations above the mean. */
  constructor(discounts: { score: number; difference: number }, factor: number, shingleSize: number) {
    this.factor = factor
    this.isShingled = shingleSize > 1
    this.primary = new DiscountedMoments(discounts.score)
    this.difference = new DiscountedMoments(discounts.difference)
    this.downward = new DiscountedMoments(discounts.score / 2)
  }

  /** Of every vector, anomalous ones too: were they left out, a threshold that is too low would never rise. */
  update(score: number): void {
    const counted = Math.min(score, mostCounted)
    const gap = this.primary.mean() - counted
    if (gap > 0) this.downward.add(gap)
    this.primary.add(counted)
    this.difference.add(counted - this.last)
    this.last = counted
    this.count++
  }

  /** The centre of the scores. */
  mean(): number {
    return this.primary.mean()
  }

  threshold(): number {
    const mean = this.primary.mean()
    const share = Math.min(1, mean / usualScore)
    const ramp = Math.max(0, Math.min(1, (this.count - leastScores) / leastScores))
    const least = leastThreshold * (ramp === 1 ? share : 1)
    if (this.count < leastScores) return Math.max(initialThreshold, least)
    const factor = Math.max(leastFactor, this.factor * share)
    const reach = (factor - 1) * this.longDeviation() + this.primary.deviation()
    return Math.max(least, ramp * (mean + reach) + (1 - ramp) * initialThreshold)
  }

  toState(): number[] {
    return [this.count, this.last, ...this.primary.toState(), ...this.difference.toState(), ...this.downward.toState()]
  }

  load(state: readonly number[]): void {
    this.count = state[0]!
    this.last = state[1]!
    this.primary.load(state.slice(2, 5))
    this.difference.load(state.slice(5, 8))
    this.downward.load(state.slice(8, 11))
  }

  private longDeviation(): number {
    const down = Math.SQRT2 * this.downward.deviation()
    const own = this.primary.deviation()
    if (!this.isShingled) return Math.min(down, own)
    const differences = this.difference.deviation()
    return 0.5 * Math.min(own, Math.max(differences, down)) + 0.5 * differences
  }
}
