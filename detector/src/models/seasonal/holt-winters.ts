/**
 * Additive Holt-Winters for some features at once, in error-correction form. With the one-step error e = x - (l + b + s):
 *
 *     l <- l + b + by_l ;   b <- b + by_b ;   s <- s + by_s        by_l = a e, by_b = a B e, by_s = g e
 *
 * which is the textbook's recursion with the smoothing constants a, B, g, where the season's is taken from x - l' - b'
 * (statsmodels, Hyndman); from x - l (algorithms 4.3) it is by_s = g (1 - a) e. Whoever calls decides how much of an error counts.
 * With period 0 there is no season: Holt's linear trend.
 *
 * Memory: 16 + 8 period bytes a feature. Reference: Winters 1960, Management Science 6:324; Hyndman et al. 2008, section 2.5.
 */
export class HoltWinters {
  readonly dimension: number
  readonly period: number
  readonly level: Float64Array
  /** Per vector. */
  readonly trend: Float64Array
  /** One vector for each place in the season; empty without one. */
  readonly season: Float64Array
  /** Place in the season of the next vector. */
  phase = 0
  /** Whole seasons gone by. */
  cycles = 0

  constructor(dimension: number, period: number) {
    this.dimension = dimension
    this.period = period
    this.level = new Float64Array(dimension)
    this.trend = new Float64Array(dimension)
    this.season = new Float64Array(dimension * period)
  }

  /** What feature f will be in the next vector. */
  forecast(f: number): number {
    const ahead = this.level[f]! + this.trend[f]!
    return this.period === 0 ? ahead : ahead + this.season[this.phase * this.dimension + f]!
  }

  /** Moves feature f on to the next vector, with what its error adds to level, trend and season. */
  correct(f: number, byLevel: number, byTrend: number, bySeason: number): void {
    this.level[f]! += this.trend[f]! + byLevel
    this.trend[f]! += byTrend
    if (this.period > 0) this.season[this.phase * this.dimension + f]! += bySeason
  }

  /** To be called when all features were corrected: the next place in the season. */
  advance(): void {
    if (this.period === 0) return
    this.phase++
    if (this.phase < this.period) return
    this.phase = 0
    this.cycles++
  }

  /** Brings each feature's season to a mean of 0, its level taking what that was: no forecast changes. */
  centre(): void {
    const { dimension: d, period } = this
    for (let f = 0; f < d; f++) {
      let mean = 0
      for (let place = 0; place < period; place++) mean += this.season[place * d + f]! / period
      for (let place = 0; place < period; place++) this.season[place * d + f]! -= mean
      this.level[f]! += mean
    }
  }
}
