/**
 * The port of a threshold: says from which score on a vector is anomalous, and may learn that from the scores.
 *
 * One threshold may serve one model, or all models of a partition or cohort: `Score.value` is on one scale
 * for every key, so that their scores may be mixed. The pipeline decides where it is placed.
 */
export interface Threshold {
  /** Scores above it are anomalous. Undefined while nothing can be said: then nothing is. */
  limit(): number | undefined
  /**
   * Takes a score into account, after it was judged by `limit()`.
   *
   * @throws RangeError for NaN or a negative score. Infinity is a score like others: far above any limit.
   */
  observe(score: number): void
  snapshot(): ThresholdSnapshot
}

/** A threshold's whole state as plain JSON-safe data. */
export interface ThresholdSnapshot {
  kind: string
  /** The layout of `state`; a threshold refuses versions that it does not know. */
  version: number
  state: unknown
}

/** Makes thresholds of one kind, all with the same parameters. */
export interface ThresholdFactory {
  readonly kind: string
  create(): Threshold
  /**
   * A threshold that goes on exactly where the snapshot was taken.
   *
   * @throws Error naming the kind and version when it cannot be read.
   */
  restore(snapshot: ThresholdSnapshot): Threshold
}
