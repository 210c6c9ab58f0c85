/** Coefficients of Acklam's rational approximations, in the middle and in the tails. */
const a = [-3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1, 2.506628277459239]
const b = [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1]
const c = [-7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783]
const e = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1]
const tail = 0.02425

const polynomial = (coefficients: readonly number[], x: number): number => coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)

/**
 * The z that a standard normal exceeds with probability q: 3.09 for 0.001. Relative error under 1.2e-9.
 *
 * @throws RangeError unless q lies in (0, 1).
 *
 * Reference: P. J. Acklam 2003, "An algorithm for computing the inverse normal cumulative distribution function".
 */
export function normalUpperQuantile(q: number): number {
  if (!(q > 0 && q < 1)) throw new RangeError(`a probability above a quantile is in (0, 1), not ${q}`)
  if (q > 0.5) return -normalUpperQuantile(1 - q)
  if (q < tail) {
    const u = Math.sqrt(-2 * Math.log(q))
    return -polynomial(c, u) / polynomial(e, u)
  }
  const u = 0.5 - q
  return (polynomial(a, u * u) * u) / polynomial(b, u * u)
}
