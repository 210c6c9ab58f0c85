import { transformInPlace } from './fourier.ts'

/**
 * The autocorrelation at lags 0 to `lags`, averaged over some series of the same length.
 *
 *     r_k = (sum_t x_t x_{t+k} / (n-k)) / (sum_t x_t^2 / n)
 *
 * of the sums over all series: one with twice the variance counts twice. Unbiased (a full season ago is not less alike for lying
 * far back), so that a lag near n is noise. By Fourier transforms (Wiener and Khinchin): O(n log n) for each two series.
 *
 * @param series of equal length n, each about 0.
 * @param lags fewer than n.
 * @returns all 0 where every series is.
 */
export function autocorrelate(series: readonly Float64Array[], lags: number): Float64Array {
  const n = series[0]?.length ?? 0
  const correlations = new Float64Array(lags + 1)
  if (n === 0) return correlations
  let size = 1
  while (size < n + lags) size *= 2
  const power = new Float64Array(size)
  for (let i = 0; i < series.length; i += 2) {
    // Two real series as one complex: the even part of its spectrum's power is the sum of theirs, and the odd part falls out below.
    const re = new Float64Array(size)
    const im = new Float64Array(size)
    re.set(series[i]!)
    if (i + 1 < series.length) im.set(series[i + 1]!)
    transformInPlace(re, im)
    for (let k = 0; k < size; k++) power[k]! += re[k]! * re[k]! + im[k]! * im[k]!
  }
  transformInPlace(power, new Float64Array(size))
  const variance = power[0]! / n
  if (variance > 0) for (let k = 0; k <= lags; k++) correlations[k] = power[k]! / (n - k) / variance
  return correlations
}
