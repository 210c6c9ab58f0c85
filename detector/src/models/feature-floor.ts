/** A `log` feature's scale is at least this: a factor of under 2 in a spread or a count hardly counts. */
export const leastBentScale = 0.15
/** A linear one's is at least this share of its size, */
const leastShare = 1e-5
/** this share when it was never seen to change, */
const constantShare = 1e-2
/** and never 0. */
const leastScale = 1e-6

/** The scale of a bent feature with this spread. */
export function bentScale(spread: number): number {
  return Math.max(spread, leastBentScale)
}

/**
 * The scale of a linear feature: its spread, unless it is constant (or as good as): then a hundredth of its size, so
 * that a change is far away but not infinitely far.
 */
export function linearScale(spread: number, size: number): number {
  return spread > leastLinearScale(size) ? spread : Math.max(constantShare * size, leastScale)
}

/** The least that a linear feature's scale may shrink to. */
export function leastLinearScale(size: number): number {
  return Math.max(leastShare * size, leastScale)
}
