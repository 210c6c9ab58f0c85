/** A histogram with growing buckets. Counting is a logarithm and an addition: it is done for every verdict. */
export class Buckets {
  /** Upper bounds, inclusive, ascending; above the last one is +Inf. */
  readonly bounds: readonly number[]
  /** One more than bounds: the last is +Inf's. Not cumulative. */
  readonly counts: Float64Array
  sum = 0
  count = 0
  max = 0
  readonly #first: number
  readonly #logFactor: number

  /** Bounds `first * factor^i` up to the first that is at least `last`. */
  constructor(first: number, factor: number, last: number) {
    const bounds = [first]
    // Rounded, so that a page shows 0.0195 and not 0.019531250000000003.
    while (bounds.at(-1)! < last) bounds.push(Number((first * factor ** bounds.length).toPrecision(4)))
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
    this.#first = first
    this.#logFactor = Math.log(factor)
  }

  observe(value: number, times = 1): void {
    const { bounds } = this
    let at = value <= this.#first ? 0 : Math.min(bounds.length, Math.ceil(Math.log(value / this.#first) / this.#logFactor))
    // The logarithm and the rounded bounds may differ by one.
    while (at > 0 && value <= bounds[at - 1]!) at--
    while (at < bounds.length && value > bounds[at]!) at++
    this.counts[at]! += times
    this.sum += value * times
    this.count += times
    if (value > this.max) this.max = value
  }
}
