/** Where a random cut goes: points with `x[dimension] <= value` lie on its left. */
export interface Cut {
  dimension: number
  value: number
}

const bits = new DataView(new ArrayBuffer(4))

/** The largest float32 below a finite one. */
export function floatBelow(x: number): number {
  bits.setFloat32(0, x)
  const pattern = bits.getInt32(0)
  if (x === 0) return -(2 ** -149)
  bits.setInt32(0, x > 0 ? pattern - 1 : pattern + 1)
  return bits.getFloat32(0)
}

/**
 * A cut of the smallest box around a box and a point, which differ: the dimension with a probability in proportion to the span, the value uniform
 * within it. `left` and `right` of it always hold something: the value lies in [least, most).
 *
 * @param boxes holds the box's `dimension` lows from `at` on, and its highs behind them.
 * @param range sum of the spans of the box around both; above 0.
 * @param u uniform in [0, 1).
 * @param cut is overwritten.
 */
export function drawCut(boxes: Float32Array, at: number, point: Float32Array, range: number, u: number, cut: Cut): void {
  const d = point.length
  let rest = u * range
  let last = -1
  let lastMost = 0
  for (let i = 0; i < d; i++) {
    const x = point[i]!
    const low = boxes[at + i]!
    const high = boxes[at + d + i]!
    const least = x < low ? x : low
    const most = x > high ? x : high
    const span = Math.fround(most - least)
    if (span > 0) {
      if (rest <= span) {
        const value = Math.fround(least + rest)
        cut.dimension = i
        cut.value = value >= most ? floatBelow(most) : value
        return
      }
      last = i
      lastMost = most
    }
    rest -= span
  }
  // Rounding of a u near 1 leads beyond the last span.
  cut.dimension = last
  cut.value = floatBelow(lastMost)
}
