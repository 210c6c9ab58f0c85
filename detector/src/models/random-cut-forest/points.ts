/** Where the coordinates of the points lie that trees know by number. */
export interface PointSource {
  /** Numbers in a point. */
  readonly dimension: number
  /** Writes the coordinates of a point into `out`. */
  read(point: number, out: Float32Array): void
}
