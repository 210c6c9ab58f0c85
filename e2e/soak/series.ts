/** A value at a moment. */
export interface Point {
  /** Milliseconds since any moment, the same for all points of a series. */
  atMs: number
  value: number
}

/** Growth per minute by least squares over all points; 0 where fewer than two moments are given. */
export function computeSlopePerMinute(points: readonly Point[]): number {
  const count = points.length
  const meanAt = sumOf(points, ({ atMs }) => atMs) / count
  const meanValue = sumOf(points, ({ value }) => value) / count
  const spread = sumOf(points, ({ atMs }) => (atMs - meanAt) ** 2)
  if (count < 2 || spread === 0) return 0
  const slopePerMs = sumOf(points, ({ atMs, value }) => (atMs - meanAt) * (value - meanValue)) / spread
  return slopePerMs * 60_000
}

/**
 * How much a count that goes up and down has risen: the median of its last third less that of its first. A leak shows in it, a moment
 * at which many were open does not.
 */
export function computeRise(points: readonly Point[]): number {
  const third = Math.ceil(points.length / 3)
  if (third === 0) return 0
  return medianOf(points.slice(-third)) - medianOf(points.slice(0, third))
}

function medianOf(points: readonly Point[]): number {
  const sorted = points.map(({ value }) => value).sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function sumOf(points: readonly Point[], part: (point: Point) => number): number {
  return points.reduce((sum, point) => sum + part(point), 0)
}
