/**
 * The port of a detection model: one object per group key (a device, a device's metric, a device type), fed
 * with feature vectors in event-time order.
 */

/** One component of the vectors that a model is given. */
export interface FeatureDescriptor {
  /** As shown to people: `mean`, or `temperature.mean` where a vector holds several metrics. */
  name: string
  /**
   * How the quantity spreads. `linear`: like a mean, any sign. `log`: a spread or a count, never negative,
   * where a factor matters and not a difference (a standard deviation that falls to 0 is far from one of 0.2).
   */
  scale: 'linear' | 'log'
}

/** What a model says of one vector. */
export interface Score {
  /** How anomalous: 0 is the centre of normal, 1 the model's own boundary, without an upper limit. Never NaN. */
  value: number
  /** The model's own figure behind `value` (rho, a z-score, a density), for the evidence. */
  raw: number
  /** Each feature's part in `value`: same order as the vector, none negative, adding up to `value`. */
  contributions: Float64Array
  /** What the model would have expected, in the vector's own units; undefined where it has no such notion. */
  expected: Float64Array | undefined
}

/** A regime of what is normal, as a model of clusters sees it: clusters that overlap, together. */
export interface ClusterState {
  /** Never used twice by one model; from 1. */
  id: number
  /** What it has learned, in vectors, less what it has forgotten; that of the warm-up begins with all that a model remembers. */
  weight: number
  /** In the vectors' own units. */
  center: Float64Array
}

/** That what is normal has another form. `from` are the regimes of before; `clusters` those of now, or of `died` the last state. */
export interface ClusterEvent {
  kind: 'born' | 'merged' | 'split' | 'died'
  from: readonly number[]
  clusters: readonly ClusterState[]
}

export type OnClusterEvent = (event: ClusterEvent) => void

/**
 * A model's whole state as plain data: what JSON could hold, and Float64Arrays. These may be views of the model's own: to be written out
 * before it learns again. Ten thousand models are written while their partition waits.
 */
export interface ModelSnapshot {
  kind: string
  /** The layout of `state`; a model refuses versions that it does not know. */
  version: number
  state: unknown
}

export interface Model {
  /** True once enough was learned to judge. */
  isReady(): boolean
  /** Vectors learned so far, and how many are needed before the first score. */
  progress(): { learned: number; needed: number }
  /**
   * Judges a vector without changing anything.
   *
   * @param x finite numbers, one per feature. The caller keeps it.
   * @returns undefined while the model is not ready, never a 0 that would read as "normal".
   * @throws RangeError for a wrong length, NaN or an infinity.
   */
  score(x: Float64Array): Score | undefined
  /**
   * Learns a vector.
   *
   * @param weight in (0, 1]: 1 for a normal vector, less for one that was judged anomalous.
   * @param onClusterEvent told of what comes of the vector, where the model is one of clusters and is ready. The model keeps count of regimes only for it.
   * @throws RangeError for a wrong length, NaN or an infinity.
   */
  learn(x: Float64Array, weight: number, onClusterEvent?: OnClusterEvent): void
  snapshot(): ModelSnapshot
}

/** Makes models of one kind, all with the same parameters. */
export interface ModelFactory {
  readonly kind: string
  /** Whether its warm-up may be completed with vectors of other devices. Not where it learns from the order in which vectors come: those come from several. Default: false. */
  readonly takesPrior?: boolean
  create(features: readonly FeatureDescriptor[], seed: number): Model
  /**
   * A model that goes on exactly where the snapshot was taken: the same scores to the bit.
   *
   * @throws Error naming the version when it cannot be read.
   */
  restore(features: readonly FeatureDescriptor[], snapshot: ModelSnapshot): Model
}
