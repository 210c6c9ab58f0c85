/**
 * Rearranges the first `count` values so that the one of rank `k` (from 0) stands at place k, and returns it.
 * Hoare's quickselect with the middle as pivot: linear on average, nothing allocated.
 */
export function selectRank(values: Float64Array, count: number, k: number): number {
  let low = 0
  let high = count - 1
  while (low < high) {
    const pivot = values[(low + high) >> 1]!
    let i = low
    let j = high
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i <= j) {
        const held = values[i]!
        values[i++] = values[j]!
        values[j--] = held
      }
    }
    if (k <= j) high = j
    else if (k >= i) low = i
    else break
  }
  return values[k]!
}

/** The median of the first `count` (at least 1) values, which are rearranged; the mean of the middle two when even. */
export function median(values: Float64Array, count: number): number {
  const middle = count >> 1
  const upper = selectRank(values, count, middle)
  if (count % 2 === 1) return upper
  // After the selection all smaller ranks stand to the left: the other middle one is their maximum.
  let lower = values[0]!
  for (let i = 1; i < middle; i++) lower = Math.max(lower, values[i]!)
  return lower + (upper - lower) / 2
}

/** The value of rank round(p (count - 1)), p in [0, 1]; the values are rearranged. */
export function quantile(values: Float64Array, count: number, p: number): number {
  return selectRank(values, count, Math.round(p * (count - 1)))
}

/** Normal sd / MAD, normal sd / mean absolute deviation, and the width of the middle 80 % of a normal in sd. */
const perMad = 1.4826
const perMeanDeviation = 1.2533
const middleWidth = 2.5631

/**
 * The spread of residuals around 0 as a normal standard deviation, little moved by less than a tenth of outliers
 * on a side: the larger of MAD and of the middle 80 % (a quantity with a common second value has a MAD of 0 or
 * near it); where both are 0 the mean absolute deviation (algorithms 4.3); 0 for equal values only.
 *
 * @param residuals the first `count`, at least 1; rearranged and overwritten.
 */
export function robustSpread(residuals: Float64Array, count: number): number {
  const high = quantile(residuals, count, 0.9)
  const low = quantile(residuals, count, 0.1)
  let sum = 0
  for (let i = 0; i < count; i++) {
    residuals[i] = Math.abs(residuals[i]!)
    sum += residuals[i]!
  }
  const spread = Math.max(perMad * median(residuals, count), (high - low) / middleWidth)
  return spread > 0 ? spread : (perMeanDeviation * sum) / count
}
