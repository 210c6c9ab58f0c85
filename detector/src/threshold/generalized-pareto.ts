/** A generalised Pareto tail: P(Y > y) = (1 + shape y/scale)^(-1/shape); shape 0 is the exponential. */
export interface ParetoTail {
  /** gamma: above 0 heavy, below 0 with an end at -scale/shape. */
  shape: number
  /** sigma, above 0. */
  scale: number
}

/** Steps in which each side is searched for roots: a likelihood equation has at most a few, far apart. */
const cells = 24
const bisections = 40

/**
 * The maximum-likelihood fit by Grimshaw's trick: with v = shape/scale both follow from one equation,
 *
 *     u(v) w(v) = 1 ,   u = 1 + mean ln(1 + v Y) ,   w = mean 1/(1 + v Y) ;   shape = u - 1, scale = shape/v
 *
 * whose roots below and above 0 are compared by likelihood with the exponential, L = -n (1 + ln mean) (with the minus
 * sign: algorithms 4.1). The upper side is searched from near 0 on and not from 2(mean - min)/(mean min), which
 * passes over every root when the least peak is close to 0.
 *
 * @param peaks the first `count` (at least 1), all above 0.
 * @see Grimshaw 1993, "Computing maximum likelihood estimates for the generalized Pareto distribution", Technometrics 35:185.
 */
export function fitParetoTail(peaks: Float64Array, count: number): ParetoTail {
  let [sum, least, most] = [0, Infinity, 0]
  for (let i = 0; i < count; i++) {
    const y = peaks[i]!
    sum += y
    if (y < least) least = y
    if (y > most) most = y
  }
  const mean = sum / count
  const best = { shape: 0, scale: mean }
  let likelihood = -count * (1 + Math.log(mean))
  const consider = (v: number): void => {
    const shape = meanLog(peaks, count, v)
    const scale = shape / v
    if (!(scale > 0)) return
    const found = -count * (Math.log(scale) + shape + 1)
    if (!(found > likelihood)) return
    likelihood = found
    best.shape = shape
    best.scale = scale
  }
  const nearZero = 1e-6 / mean
  // Below 0: steps grow finer towards the pole at -1/most. Above: evenly in the logarithm.
  const pole = 1 / most
  searchRoots(peaks, count, (share) => -nearZero - (pole - 2 * nearZero) * (1 - Math.pow(1e-6, share)), consider)
  const end = Math.max((2 * (mean - least)) / (least * least), 10 * nearZero)
  const ratio = Math.min(end, 1e9 / mean) / nearZero
  searchRoots(peaks, count, (share) => nearZero * Math.pow(ratio, share), consider)
  return best
}

/** Halves each step in which the equation changes its sign down to a root. `at` maps 0..1 onto the side searched. */
function searchRoots(peaks: Float64Array, count: number, at: (share: number) => number, consider: (v: number) => void): void {
  let before = at(0)
  let valueBefore = equation(peaks, count, before)
  for (let cell = 1; cell <= cells; cell++) {
    const next = at(cell / cells)
    const value = equation(peaks, count, next)
    if (valueBefore * value <= 0) {
      let [low, high] = [before, next]
      for (let step = 0; step < bisections; step++) {
        const middle = (low + high) / 2
        if (equation(peaks, count, middle) * valueBefore > 0) low = middle
        else high = middle
      }
      consider((low + high) / 2)
    }
    before = next
    valueBefore = value
  }
}

function equation(peaks: Float64Array, count: number, v: number): number {
  let inverse = 0
  for (let i = 0; i < count; i++) inverse += 1 / (1 + v * peaks[i]!)
  return (1 + meanLog(peaks, count, v)) * (inverse / count) - 1
}

function meanLog(peaks: Float64Array, count: number, v: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += Math.log1p(v * peaks[i]!)
  return sum / count
}

/** The y that is exceeded with probability p, in (0, 1], among peaks. */
export function tailQuantile(tail: ParetoTail, p: number): number {
  if (Math.abs(tail.shape) < 1e-9) return -tail.scale * Math.log(p)
  return (tail.scale / tail.shape) * (Math.pow(p, -tail.shape) - 1)
}
