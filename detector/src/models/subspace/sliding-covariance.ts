/**
 * Mean and products of deviations of the vectors in a window: one is added or taken away by a change of rank one, O(d^2).
 *
 *     add:     M += (n-1)/n delta delta',   mean += delta/n          delta = z - mean before,  n with z
 *     remove:  M -= n/(n-1) delta delta',   mean -= delta/(n-1)      n with z still in
 *
 * Each step rounds; who uses it begins anew with `clear` now and then, which is the exact computation.
 *
 * Reference: Welford 1962, Technometrics 4:419.
 */
export class SlidingCovariance {
  readonly dimension: number
  readonly mean: Float64Array
  /** d x d, row by row, symmetric: the covariance times (count - 1). */
  readonly products: Float64Array
  count = 0
  private readonly delta: Float64Array

  constructor(dimension: number) {
    this.dimension = dimension
    this.mean = new Float64Array(dimension)
    this.products = new Float64Array(dimension * dimension)
    this.delta = new Float64Array(dimension)
  }

  add(z: Float64Array): void {
    this.count++
    this.deviate(z)
    this.change((this.count - 1) / this.count, 1 / this.count)
  }

  /** @param z one of those added; at least one more is left. */
  remove(z: Float64Array): void {
    if (this.count < 2) throw new RangeError(`a window of ${this.count} vectors has none to spare`)
    this.deviate(z)
    this.change(-this.count / (this.count - 1), -1 / (this.count - 1))
    this.count--
  }

  clear(): void {
    this.count = 0
    this.mean.fill(0)
    this.products.fill(0)
  }

  /** The sample covariance, row by row; of fewer than two vectors 0. */
  covariance(): Float64Array {
    const share = this.count > 1 ? 1 / (this.count - 1) : 0
    return this.products.map((product) => product * share)
  }

  private deviate(z: Float64Array): void {
    for (let f = 0; f < this.dimension; f++) this.delta[f] = z[f]! - this.mean[f]!
  }

  private change(share: number, step: number): void {
    const { dimension: d, delta, products, mean } = this
    for (let i = 0; i < d; i++) {
      const scaled = share * delta[i]!
      for (let j = i; j < d; j++) {
        const product = products[i * d + j]! + scaled * delta[j]!
        products[i * d + j] = product
        products[j * d + i] = product
      }
      mean[i]! += step * delta[i]!
    }
  }
}
