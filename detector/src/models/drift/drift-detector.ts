/**
 * The port of a drift detector: told one number after the other, it says when they are no longer what they were.
 *
 * Assumes: finite numbers. Guarantees: the same for the same numbers, with no clock and no chance; bounded memory (a window of W
 * numbers in O(log W)).
 */
export interface DriftDetector {
  /**
   * Takes a number in.
   *
   * @returns whether it shows a drift. What was known is thrown away with the next number: it is of before the drift.
   * @throws RangeError for NaN or an infinity.
   */
  observe(x: number): boolean
  snapshot(): DriftSnapshot
}

/** A drift detector's whole state as plain data, as a model's. */
export interface DriftSnapshot {
  kind: string
  /** The layout of `state`; a detector refuses versions that it does not know. */
  version: number
  state: unknown
}

/** Makes drift detectors of one kind, all with the same parameters. */
export interface DriftDetectorFactory {
  readonly kind: string
  create(): DriftDetector
  /** @throws Error naming the kind and version when it cannot be read. */
  restore(snapshot: DriftSnapshot): DriftDetector
}

/** @throws RangeError for NaN or an infinity: one would never leave the sums again. */
export function checkFinite(x: number): void {
  if (!Number.isFinite(x)) throw new RangeError(`a drift detector takes finite numbers, not ${x}`)
}
