import type { FeatureDescriptor } from './model.ts'

/**
 * The places of a vector's features in the order of their names (by UTF-16 code units, the same in every locale).
 *
 * A seeded forest draws features by their place: two vectors with the same features in another order would grow other trees.
 * So it works on the features in this order, and hands its parts back in the vector's own.
 *
 * @returns `order[k]` is the place in the vector of the k-th feature by name. Features of the same name keep their order.
 */
export function canonicalOrder(features: readonly FeatureDescriptor[]): Int32Array {
  const places = features.map((_, place) => place)
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return Int32Array.from(places.sort((a, b) => compare(features[a]!.name, features[b]!.name) || a - b))
}

/** `out[k]` becomes the vector's component of the k-th feature by name. */
export function toCanonical(order: Int32Array, x: Float64Array, out: Float64Array): void {
  for (let k = 0; k < order.length; k++) out[k] = x[order[k]!]!
}

/** The inverse of `toCanonical`: a component for each feature by name goes back to its place in the vector. */
export function fromCanonical(order: Int32Array, canonical: Float64Array, out: Float64Array): void {
  for (let k = 0; k < order.length; k++) out[order[k]!] = canonical[k]!
}
