/**
 * Refuses what no model can judge.
 *
 * @throws RangeError naming the first component that is NaN or infinite, or the wrong length.
 */
export function checkVector(x: Float64Array, dimension: number): void {
  if (x.length !== dimension) throw new RangeError(`a vector of ${x.length} features was given to a model of ${dimension}`)
  for (let f = 0; f < dimension; f++) {
    if (!Number.isFinite(x[f])) throw new RangeError(`feature ${f} is ${x[f]}: a model takes finite numbers only`)
  }
}

/** @throws RangeError unless the weight lies in (0, 1]. */
export function checkWeight(weight: number): void {
  if (!(weight > 0 && weight <= 1)) throw new RangeError(`a vector's weight is in (0, 1], not ${weight}`)
}
