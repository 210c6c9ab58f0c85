import { fUpperQuantile } from './f-quantile.ts'
import { normalUpperQuantile } from './normal-quantile.ts'

/**
 * The T2 that a new vector exceeds with probability `tail`, of m components from n independent vectors.
 *
 *     m (n-1) (n+1) / (n (n-m)) F_{tail}(m, n-m)
 *
 * @param n above m; need not be whole.
 *
 * Reference: Tracy, Young and Mason 1992, J. Quality Technology 24:88.
 */
export function t2Limit(m: number, n: number, tail: number): number {
  const name = `${m}/${n}/${tail}`
  let limit = known.get(name)
  if (limit === undefined) {
    limit = ((m * (n - 1) * (n + 1)) / (n * (n - m))) * fUpperQuantile(tail, m, n - m)
    if (known.size >= mostKnown) known.clear()
    known.set(name, limit)
  }
  return limit
}

/** Limits computed before: a quantile takes a hundred microseconds, and thousands of keys with full windows ask for the same few. */
const known = new Map<string, number>()
const mostKnown = 1_000

/** Below this power the approximation of Jackson and Mudholkar is none. */
const leastPower = 0.001

/**
 * The Q that a new vector exceeds with probability `tail`, from the variances of the directions that were dropped; th_i = sum of their i-th powers.
 *
 *     th1 (1 + c h0 sqrt(2 th2)/th1 + th2 h0 (h0-1)/th1^2)^(1/h0),   h0 = 1 - 2 th1 th3/(3 th2^2)
 *
 * Where h0 is not above 0 (one variance far larger than many others) that has no meaning: then Box's g chi2(h), g = th2/th1, h = th1^2/th2, with the
 * quantile of chi2 by Wilson and Hilferty.
 *
 * @returns 0 where nothing was dropped, or all of it is 0.
 *
 * Reference: Jackson and Mudholkar 1979, Technometrics 21:341; Box 1954, Ann. Math. Stat. 25:290.
 */
export function qLimit(dropped: Float64Array, tail: number): number {
  let [th1, th2, th3] = [0, 0, 0]
  for (const variance of dropped) {
    th1 += variance
    th2 += variance * variance
    th3 += variance ** 3
  }
  if (!(th1 > 0)) return 0
  const c = normalUpperQuantile(tail)
  const h0 = 1 - (2 * th1 * th3) / (3 * th2 * th2)
  const base = 1 + (c * h0 * Math.sqrt(2 * th2)) / th1 + (th2 * h0 * (h0 - 1)) / (th1 * th1)
  if (h0 > leastPower && base > 0) return th1 * Math.pow(base, 1 / h0)
  const h = (th1 * th1) / th2
  return th1 * Math.pow(Math.max(0, 1 - 2 / (9 * h) + c * Math.sqrt(2 / (9 * h))), 3)
}
