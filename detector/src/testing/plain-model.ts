import type { FeatureDescriptor, Model, ModelFactory } from '../models/model.ts'
import type { ThresholdFactory } from '../threshold/threshold.ts'

/** Vectors that the plain model needs. */
const needed = 5

/**
 * The simplest model that deserves the name, for tests of what is around models: the largest |x - mean| over four
 * standard deviations (and a thousandth of the mean), feature by feature, ever since.
 */
export function plainModel(): ModelFactory {
  return {
    kind: 'plain',
    create: (features) => new PlainModel(features),
    restore: () => {
      throw new Error('the plain model has no snapshots')
    },
  }
}

class PlainModel implements Model {
  readonly #mean: Float64Array
  readonly #m2: Float64Array
  #weight = 0
  #learned = 0

  constructor(features: readonly FeatureDescriptor[]) {
    this.#mean = new Float64Array(features.length)
    this.#m2 = new Float64Array(features.length)
  }

  isReady() {
    return this.#learned >= needed
  }

  progress() {
    return { learned: this.#learned, needed }
  }

  score(x: Float64Array) {
    if (!this.isReady()) return undefined
    const scores = x.map((value, i) => Math.abs(value - this.#mean[i]!) / (4 * Math.sqrt(this.#m2[i]! / this.#weight) + Math.abs(this.#mean[i]!) / 1_000 + 1e-9))
    const value = Math.max(...scores)
    return { value, raw: value, contributions: scores.map((score) => (score === value ? value : 0)), expected: this.#mean.slice() }
  }

  learn(x: Float64Array, weight: number) {
    this.#learned++
    this.#weight += weight
    for (let i = 0; i < x.length; i++) {
      const difference = x[i]! - this.#mean[i]!
      this.#mean[i]! += (difference * weight) / this.#weight
      this.#m2[i]! += weight * difference * (x[i]! - this.#mean[i]!)
    }
  }

  snapshot() {
    return { kind: 'plain', version: 1, state: null }
  }
}

/** A threshold that stays where it is. */
export function plainThreshold(limit = 1): ThresholdFactory {
  const threshold = { limit: () => limit, observe: () => {}, snapshot: () => ({ kind: 'plain', version: 1, state: null }) }
  return { kind: 'plain', create: () => threshold, restore: () => threshold }
}
