/** Bins for a factor of ten: neighbours differ by 6 %. */
const binsPerDecade = 40
/** Distances below 1e-9 of a feature's scatter are as good as 0, those beyond 1e9 are all alike. */
const leastExponent = -9
const mostExponent = 9
const bins = (mostExponent - leastExponent) * binsPerDecade

/** The largest twentieth of the distances is the tail, and never fewer than so many. */
const tailShare = 0.05
const leastTail = 5
/** Fewer distances say nothing of how rare one is. */
const leastDistances = 50
/** Tails thinner than this (a power of 3) are taken for it: of a few dozen distances none shows more. */
const leastShape = 0.3
/** When there are so many, all count half: what was long ago fades, and a device that lives for years still learns. */
const mostDistances = 16_000

/**
 * How rare a distance is among all those of the past, in powers of ten.
 *
 *     rarity = -log10 P(D >= d)       P: ranks up to t, beyond it  (k/n) (d/t)^(-1/shape)
 *
 * t: the distance that a twentieth of n exceeds, k of them; shape: the mean of ln(d_i/t) over these (Hill). Distances are kept as counts
 * by their logarithm: forgetting them after some thousand would make each larger one of long ago news again (measured: 66 points of NAB
 * with all of them, 59 with the last 1,000).
 */
export class RarityTail {
  /** The first one holds all that are as good as 0. */
  private readonly counts = new Float64Array(bins + 1)
  private count = 0

  /** @returns 0 for NaN, and while there are fewer than 50 distances. */
  rarity(distance: number): number {
    const { counts, count } = this
    if (Number.isNaN(distance) || count < leastDistances) return 0
    const beyond = Math.max(leastTail, tailShare * count)
    let bin = bins
    let above = 0
    while (bin > 0 && above + counts[bin]! < beyond) above += counts[bin--]!
    // Within its bin the tail begins where the count is right. A tail that begins among the zeros begins at the first bin's foot.
    const start = bin === 0 ? 0 : bin - (beyond - above) / counts[bin]!
    const place = placeOf(distance)
    if (place <= start || place === 0) return -Math.log10((this.countAbove(place) + 1) / (count + 1))
    let sum = bin === 0 ? 0 : ((beyond - above) * (bin - start)) / 2
    for (let b = bin + 1; b <= bins; b++) sum += counts[b]! * (b - 0.5 - start)
    const shape = Math.max(leastShape, (sum / beyond) * (Math.LN10 / binsPerDecade))
    return Math.log10(count / beyond) + (place - start) / binsPerDecade / shape
  }

  push(distance: number): void {
    this.counts[Math.ceil(placeOf(distance))]!++
    this.count++
    if (this.count < mostDistances) return
    this.count = 0
    for (let b = 0; b <= bins; b++) this.count += this.counts[b]! /= 2
  }

  /** Counts, not before the first that is not 0: its number, then it and all others up to the last. */
  toState(): Float64Array {
    const first = this.counts.findIndex((n) => n > 0)
    const last = this.counts.findLastIndex((n) => n > 0)
    const state = new Float64Array(Math.max(0, last - first + 1) + 1)
    if (first < 0) return new Float64Array(1)
    state[0] = first
    state.set(this.counts.subarray(first, last + 1), 1)
    return state
  }

  load(state: Float64Array): void {
    this.counts.set(state.subarray(1), state[0])
    this.count = this.counts.reduce((a, b) => a + b, 0)
  }

  /** Distances that are larger than one at this place, those of its bin by share. */
  private countAbove(place: number): number {
    const bin = Math.ceil(place)
    let above = bin === 0 ? this.counts[0]! : this.counts[bin]! * (bin - place)
    for (let b = bin + 1; b <= bins; b++) above += this.counts[b]!
    return above
  }
}

/** Where a distance lies among the bins, b - 1 < place <= b in bin b; 0 for one that is as good as 0. */
function placeOf(distance: number): number {
  return Math.max(0, Math.min(bins, (Math.log10(Math.max(Number.MIN_VALUE, distance)) - leastExponent) * binsPerDecade))
}
