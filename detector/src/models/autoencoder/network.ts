/** What a trained network needs to know of itself; the calibration file beside its ONNX file. */
export interface Calibration {
  /** The layout of this file. */
  version: 1
  /** Vectors in one input. */
  sequence: number
  /** The vectors' features, in the network's order. */
  features: readonly string[]
  /** Root mean square errors, in scales, that so large a share of normal sequences stays below (`quantile`). */
  limits: { last: number; sequence: number }
  quantile: number
  /** Sequences that it was trained on and calibrated with, for people. */
  trainedOn: { sequences: number; validation: number; source: string }
}

/**
 * A trained autoencoder: takes a sequence of standardised vectors, oldest first, each with its features in the network's order, and gives
 * back what it makes of them. The port of the model; `detector/src/inference` runs ONNX files behind it.
 */
export interface Network {
  readonly calibration: Calibration
  /**
   * @param input `sequence x features` numbers, row by row.
   * @param output is filled; the same shape.
   */
  reconstruct(input: Float32Array, output: Float32Array): void
}
