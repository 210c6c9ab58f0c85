/** Lanczos' coefficients for g = 7. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012,
  9.9843695780195716e-6, 1.5056327351493116e-7,
]

function logGamma(x: number): number {
  const t = x + 6.5
  let sum = lanczos[0]!
  for (let i = 1; i < lanczos.length; i++) sum += lanczos[i]! / (x + i - 1)
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

/** The continued fraction of the incomplete beta function, by Lentz' method. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let h = d
  for (let m = 1; m < 10_000; m++) {
    for (const step of [(m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)), (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))]) {
      d = 1 / away(1 + step * d)
      c = away(1 + step / c)
      h *= d * c
    }
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return h
}

/** I_x(a, b), the regularised incomplete beta function. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b
}

/**
 * The value that F with m and n degrees of freedom exceeds with probability q, by halving the logarithm: relative error under 1e-10.
 *
 * @param m above 0.  @param n above 0; neither need be whole.
 * @throws RangeError for what has no quantile.
 *
 * Reference: Press et al. 2007, Numerical Recipes, sections 6.1, 6.4; Abramowitz and Stegun 26.6.2.
 */
export function fUpperQuantile(q: number, m: number, n: number): number {
  if (!(q > 0 && q < 1 && m > 0 && n > 0)) throw new RangeError(`F has no value exceeded with probability ${q} for ${m} and ${n} degrees of freedom`)
  let [low, high] = [-700, 700]
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2
    // P(F > f) = I_{n/(n + m f)}(n/2, m/2)
    if (incompleteBeta(n / (n + m * Math.exp(middle)), n / 2, m / 2) > q) low = middle
    else high = middle
  }
  return Math.exp((low + high) / 2)
}
