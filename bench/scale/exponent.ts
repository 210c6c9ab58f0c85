/**
 * The slope of a line through points on two logarithmic axes, by least squares: y grows as x to this power.
 *
 * @returns undefined with fewer than two different x, or a point that is not above 0.
 */
export function computeExponent(points: readonly (readonly [x: number, y: number])[]): number | undefined {
  if (points.some(([x, y]) => !(x > 0 && y > 0))) return undefined
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const)
  const meanOf = (axis: 0 | 1) => logs.reduce((sum, point) => sum + point[axis], 0) / logs.length
  const [meanX, meanY] = [meanOf(0), meanOf(1)]
  let [above, below] = [0, 0]
  for (const [x, y] of logs) {
    above += (x - meanX) * (y - meanY)
    below += (x - meanX) ** 2
  }
  return below > 0 ? above / below : undefined
}
