/** Buckets that a row has at most, and for a moment one more: then two of them become one of the next row. */
const mostBuckets = 5
const places = mostBuckets + 1

/** Rows for which there is room at first: windows of up to 640 numbers. */
const usualRows = 7

/** Buckets as plain data; of each row the oldest first. */
export interface BucketRowsState {
  counts: number[]
  sums: Float64Array
  variances: Float64Array
}

/**
 * An exponential histogram: the last numbers of a stream as buckets, of which the older ones hold more. A bucket of row r is the sum of
 * 2^r numbers, and the sum of their squared deviations from their mean.
 *
 *     row 3  [8]   row 2  [4][4][4]   row 1  [2]   row 0  [1][1][1]       oldest on the left
 */
export class BucketRows {
  #counts = new Uint8Array(usualRows)
  #sums = new Float64Array(places * usualRows)
  #variances = new Float64Array(places * usualRows)
  /** Rows in use; at least one. */
  #rows = 1

  /** Rows in use; the last one is the oldest. */
  get rows(): number {
    return this.#rows
  }

  /** Buckets in a row. */
  countIn(row: number): number {
    return this.#counts[row]!
  }

  /** @param bucket of its row, the oldest is 0. */
  sumOf(row: number, bucket: number): number {
    return this.#sums[places * row + bucket]!
  }

  varianceOf(row: number, bucket: number): number {
    return this.#variances[places * row + bucket]!
  }

  /** Adds the newest number. */
  insert(x: number): void {
    this.#append(0, x, 0)
    for (let row = 0; this.#counts[row]! > mostBuckets; row++) this.#mergeOldest(row)
  }

  /** Takes the oldest bucket of all away. */
  dropOldest(): void {
    this.#drop(this.#rows - 1, 1)
    while (this.#rows > 1 && this.#counts[this.#rows - 1] === 0) this.#rows--
  }

  toState(): BucketRowsState {
    const used = places * this.#rows
    return { counts: Array.from(this.#counts.subarray(0, this.#rows)), sums: this.#sums.slice(0, used), variances: this.#variances.slice(0, used) }
  }

  static fromState({ counts, sums, variances }: BucketRowsState): BucketRows {
    const buckets = new BucketRows()
    buckets.#makeRoomFor(counts.length)
    buckets.#rows = counts.length
    buckets.#counts.set(counts)
    buckets.#sums.set(sums)
    buckets.#variances.set(variances)
    return buckets
  }

  #append(row: number, sum: number, variance: number): void {
    this.#makeRoomFor(row + 1)
    if (row === this.#rows) this.#rows++
    const at = places * row + this.#counts[row]!++
    this.#sums[at] = sum
    this.#variances[at] = variance
  }

  #mergeOldest(row: number): void {
    const at = places * row
    const size = 2 ** row
    const [first, second] = [this.#sums[at]!, this.#sums[at + 1]!]
    const difference = first / size - second / size
    const variance = this.#variances[at]! + this.#variances[at + 1]! + (size / 2) * difference * difference
    this.#drop(row, 2)
    this.#append(row + 1, first + second, variance)
  }

  /** Takes the oldest buckets of a row away; what is behind the others is 0, so that equal windows have equal states. */
  #drop(row: number, count: number): void {
    const [from, to] = [places * row, places * (row + 1)]
    for (const values of [this.#sums, this.#variances]) values.copyWithin(from, from + count, to).fill(0, to - count, to)
    this.#counts[row]! -= count
  }

  #makeRoomFor(rows: number): void {
    if (rows <= this.#counts.length) return
    const counts = new Uint8Array(rows)
    counts.set(this.#counts)
    this.#counts = counts
    this.#sums = grown(this.#sums, places * rows)
    this.#variances = grown(this.#variances, places * rows)
  }
}

function grown(values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length)
  larger.set(values)
  return larger
}
