import { decompose } from './jacobi.ts'
import { qLimit, t2Limit } from './limits.ts'

/** What the kept directions must explain of the variance, unless their number is given. */
const share = 0.95

/** A principal component model: what of a vector lies within the directions that vary, and how much of that is normal. */
export interface Components {
  /** Directions kept: at least 1, and at least one fewer than the features where these are more than 1. */
  kept: number
  /** Variances of all directions, falling. */
  values: Float64Array
  /** All directions, a row of d numbers each. */
  directions: Float64Array
  /** What T2 and Q may be. Q's is 0 where no direction was dropped. */
  t2Limit: number
  qLimit: number
}

/** What a vector is to the components. */
export interface Projection {
  t2: number
  q: number
  /** Each feature's part in T2: none negative, adding up to it. */
  t2Parts: Float64Array
  /** What the kept directions leave of the vector: its squares add up to Q. */
  residual: Float64Array
}

/**
 * @param covariance d x d, with no direction of variance 0.
 * @param wanted number of components, or 0 for those that explain 95 % of the variance.
 * @param count of vectors that the covariance is from.
 * @param tail probability with which a normal vector is beyond a limit.
 */
export function fitComponents(covariance: Float64Array, d: number, wanted: number, count: number, tail: number): Components {
  const { values, directions } = decompose(covariance, d)
  const most = Math.max(1, Math.min(d - 1, Math.floor((count - 1) / 2)))
  const kept = Math.min(most, wanted > 0 ? wanted : explaining(values))
  // Variances from few vectors are too small ahead of them: as many degrees of freedom are gone as there are features.
  const freedom = Math.max((count - 1) / 2, count - 1 - d)
  const ahead = (((count + 1) / count) * (count - 1)) / freedom
  return { kept, values, directions, t2Limit: t2Limit(kept, Math.max(count, kept + 2), tail), qLimit: ahead * qLimit(values.subarray(kept), tail) }
}

function explaining(values: Float64Array): number {
  const whole = values.reduce((sum, value) => sum + value, 0)
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!
    if (sum >= share * whole) return i + 1
  }
  return values.length
}

/**
 * T2 and Q of a deviation z from the mean:
 *
 *     t_a = p_a' z ;   T2 = sum over kept a of t_a^2/lambda_a ;   residual = z - sum over kept a of t_a p_a ;   Q = |residual|^2
 *
 * A feature's part in T2 is (S^(-1/2) z)_f^2 with S^(-1/2) = sum over kept a of p_a p_a'/sqrt(lambda_a): a complete decomposition, in which nothing is
 * negative. The older one, z_f (S^-1 z)_f, adds up as well but can be negative.
 *
 * Reference: Jackson and Mudholkar 1979, Technometrics 21:341; Alcala and Qin 2009, Automatica 45:1593 (decompositions).
 */
export function project({ kept, values, directions }: Components, z: Float64Array): Projection {
  const d = z.length
  const whitened = new Float64Array(d)
  const residual = Float64Array.from(z)
  let t2 = 0
  for (let a = 0; a < kept; a++) {
    let t = 0
    for (let f = 0; f < d; f++) t += directions[a * d + f]! * z[f]!
    const sd = Math.sqrt(values[a]!)
    t2 += (t / sd) ** 2
    for (let f = 0; f < d; f++) {
      residual[f]! -= t * directions[a * d + f]!
      whitened[f]! += (t / sd) * directions[a * d + f]!
    }
  }
  let q = 0
  // All of it lies within the kept directions where there are as many as features: the rest is rounding.
  if (kept === d) residual.fill(0)
  for (let f = 0; f < d; f++) q += residual[f]! * residual[f]!
  return { t2, q, t2Parts: whitened.map((part) => part * part), residual }
}
