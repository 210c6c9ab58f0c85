/**
 * Bounding boxes side by side in one array: of `d` dimensions each the lows from `at` on, then the highs. A side is a place in a box: of dimension i
 * the low one is i, the high one d + i.
 */

/** Whether a box of no size lies at a point. */
export function isAtLows(box: Float32Array, x: Float32Array): boolean {
  for (let i = 0; i < x.length; i++) if (box[i] !== x[i]) return false
  return true
}

/** The sum of a box's spans; always all of it in the same order, so that a restored tree has the same to the bit. */
export function sumSpans(boxes: Float32Array, at: number, d: number): number {
  let sum = 0
  for (let i = 0; i < d; i++) sum += boxes[at + d + i]! - boxes[at + i]!
  return sum
}

/** Stretches a box to a point. @returns whether it had to grow. */
export function growBox(boxes: Float32Array, at: number, x: Float32Array): boolean {
  const d = x.length
  let grown = false
  for (let i = 0; i < d; i++) {
    const v = x[i]!
    if (v < boxes[at + i]!) {
      boxes[at + i] = v
      grown = true
    }
    if (v > boxes[at + d + i]!) {
      boxes[at + d + i] = v
      grown = true
    }
  }
  return grown
}

/** Stretches `box` around another one. */
export function mergeBoxes(from: Float32Array, at: number, box: Float32Array): void {
  const d = box.length / 2
  for (let i = 0; i < d; i++) {
    if (from[at + i]! < box[i]!) box[i] = from[at + i]!
    if (from[at + d + i]! > box[d + i]!) box[d + i] = from[at + d + i]!
  }
}

/**
 * Takes back what a point was to a box, side by side. A side that the point did not lie on, or that another point lies on too, stays as it is, and so
 * it does in all boxes around this one.
 *
 * @param gone the point as a box of no size.
 * @param sides the first `touched` are those it may have been on; afterwards the first ones are those that moved.
 * @param one,other the two boxes that are left, from `atOne` and `atOther` on.
 * @returns how many sides moved.
 */
export function shrinkBox(
  boxes: Float32Array, at: number, d: number, gone: Float32Array, sides: Int32Array, touched: number,
  one: Float32Array, atOne: number, other: Float32Array, atOther: number,
): number {
  let moved = 0
  for (let k = 0; k < touched; k++) {
    const side = sides[k]!
    const before = boxes[at + side]!
    if (before !== gone[side]!) continue
    const a = one[atOne + side]!
    const b = other[atOther + side]!
    const now = side < d ? (a < b ? a : b) : a > b ? a : b
    if (now === before) continue
    boxes[at + side] = now
    sides[moved++] = side
  }
  return moved
}
