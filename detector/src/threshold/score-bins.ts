/** Neighbouring bounds are this factor apart: a score is known by its bin to 1 %. */
export const binFactor = 1.01

/** Scores up to here count as one: a ten-thousandth of the boundary is the very centre of normal. */
const least = 1e-4

/** Scores beyond count as one, too. */
const largest = 1e9

const logFactor = Math.log(binFactor)
const lastBin = Math.ceil(Math.log(largest / least) / logFactor)

/** The largest score of each bin, rising; the last bin has all beyond, too. */
export const binBounds: Readonly<Float64Array> = Float64Array.from({ length: lastBin + 1 }, (_, bin) => least * Math.exp(bin * logFactor))

/**
 * The bin of a score: the first whose bound is not below it.
 *
 * @param score from 0 on; Infinity is in the last one.
 */
export function binOf(score: number): number {
  if (score <= least) return 0
  if (score >= largest) return lastBin
  const bin = Math.ceil(Math.log(score / least) / logFactor)
  // Rounding may miss by one, to either side: a score above its bin's bound would be above a limit that is set there.
  if (score > binBounds[bin]!) return bin + 1
  return score > binBounds[bin - 1]! ? bin : bin - 1
}

/** How many scores were in each bin. */
export type BinCounts = Uint32Array<ArrayBuffer>

export const noScores = (): BinCounts => new Uint32Array(lastBin + 1)

/** Counts as bin, count, bin, count, ...: most bins are empty. */
export function packCounts(counts: BinCounts): number[] {
  const packed: number[] = []
  counts.forEach((count, bin) => {
    if (count > 0) packed.push(bin, count)
  })
  return packed
}

/** What `packCounts` made, as it was. */
export function unpackCounts(packed: readonly number[]): BinCounts {
  const counts = noScores()
  for (let i = 0; i + 1 < packed.length; i += 2) counts[packed[i]!] = packed[i + 1]!
  return counts
}
