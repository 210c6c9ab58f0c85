/** An array that rows are cut from is about this long, in bytes: what one last row of it keeps alive. */
const segmentBytes = 8_192
/** Of so many lengths an array is held open at most: there are as many as makes of vectors. */
const mostLengths = 64

interface Segment {
  cells: Float64Array
  used: number
}

/** By the length of the rows, the array that the next one is cut from. */
const open = new Map<number, Segment>()

/**
 * A row of zeros for the state of one key, cut from an array that it shares with others. An array of its own costs 200 bytes beside its numbers
 * and a block of the allocator, more than most states have: a million keys feel it.
 *
 * Nobody gives a row back: an array goes with the last of its rows, as the collector finds out. So where most keys of a time are forgotten and
 * one stays, that one keeps 8 KiB.
 *
 * @param length in numbers; at least 1.
 */
export function cutRow(length: number): Float64Array {
  if (length * 8 * 2 > segmentBytes) return new Float64Array(length)
  let segment = open.get(length)
  if (segment === undefined || segment.used + length > segment.cells.length) {
    if (open.size >= mostLengths) open.clear()
    segment = { cells: new Float64Array(Math.floor(segmentBytes / 8 / length) * length), used: 0 }
    open.set(length, segment)
  }
  const row = segment.cells.subarray(segment.used, segment.used + length)
  segment.used += length
  return row
}
