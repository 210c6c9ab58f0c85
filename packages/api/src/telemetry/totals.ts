/** One sample of a scraped page, as `parseMetrics` of the kit reads it. */
export interface MetricSample {
  name: string
  labels: Record<string, string>
  value: number
}

/**
 * The metrics of many processes as one: counters and histograms added up over all that ever ran, gauges over
 * those that run now.
 */
export class Totals {
  readonly #samples: readonly MetricSample[]

  constructor(samples: readonly MetricSample[]) {
    this.#samples = samples
  }

  /** Several pipelines' metrics read as one. */
  static merge(all: readonly Totals[]): Totals {
    return new Totals(all.flatMap((one) => one.#samples))
  }

  /** The sum over every sample of that name whose labels include these. */
  sum(name: string, labels: Record<string, string> = {}): number {
    return this.#matching(name, labels).reduce((total, { value }) => total + value, 0)
  }

  max(name: string): number | undefined {
    const values = this.#matching(name, {}).map(({ value }) => value)
    return values.length === 0 ? undefined : Math.max(...values)
  }

  /** Sums by the value of one label, without zeros. */
  byLabel(name: string, label: string, labels: Record<string, string> = {}): Record<string, number> {
    const sums: Record<string, number> = {}
    for (const { labels: own, value } of this.#matching(name, labels)) {
      const key = own[label]
      if (key !== undefined && value !== 0) sums[key] = (sums[key] ?? 0) + value
    }
    return sums
  }

  /** The smallest value of a gauge; undefined without any. */
  min(name: string): number | undefined {
    const values = this.#matching(name, {}).map(({ value }) => value)
    return values.length === 0 ? undefined : Math.min(...values)
  }

  /** A histogram's cumulative buckets, in order, the last one without a bound. */
  buckets(name: string, labels: Record<string, string> = {}): Bucket[] {
    const counts = new Map<number, number>()
    for (const { labels: own, value } of this.#matching(`${name}_bucket`, labels)) {
      const bound = own['le'] === '+Inf' ? Infinity : Number(own['le'])
      counts.set(bound, (counts.get(bound) ?? 0) + value)
    }
    return [...counts].map(([upperBound, count]) => ({ upperBound, count })).sort((a, b) => a.upperBound - b.upperBound)
  }

  #matching(name: string, labels: Record<string, string>): MetricSample[] {
    const wanted = Object.entries(labels)
    return this.#samples.filter((sample) => sample.name === name && wanted.every(([key, value]) => sample.labels[key] === value))
  }
}

export interface Bucket {
  upperBound: number
  /** Observations at or below the bound. */
  count: number
}

/**
 * The quantile of a histogram, interpolated within its bucket as Prometheus' `histogram_quantile` does; undefined
 * without observations.
 *
 * @param max the largest observation where it is known; in the open bucket, and as an upper limit.
 */
export function computeQuantile(buckets: readonly Bucket[], quantile: number, max?: number): number | undefined {
  const total = buckets.at(-1)?.count ?? 0
  if (total === 0) return undefined
  const rank = quantile * total
  const index = buckets.findIndex(({ count }) => count >= rank)
  const bucket = buckets[index]
  const below = buckets[index - 1] ?? { upperBound: 0, count: 0 }
  if (bucket === undefined) return max
  if (bucket.upperBound === Infinity) return max ?? below.upperBound
  const share = bucket.count === below.count ? 1 : (rank - below.count) / (bucket.count - below.count)
  const value = below.upperBound + (bucket.upperBound - below.upperBound) * share
  return max === undefined ? value : Math.min(value, max)
}
