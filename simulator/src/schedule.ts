/** Devices that share a bucket of the wheel on average: few enough to sort cheaply, enough to skip few empty ones. */
const devicesPerBucket = 4

/** A device's next reading lies at most two intervals away; the third is room for rounding. */
const wheelIntervals = 3

/**
 * Which device reads next: a timing wheel whose present bucket is a heap.
 *
 *     time      |  bucket c  | c + 1 | c + 2 | ...            | c + W - 1 |
 *     structure |  heap      | linked lists, unsorted ...                 |
 *
 * Each device waits in exactly one place, so the lists run through one typed array, and a step costs the same
 * with ten devices as with a million.
 */
export class Schedule {
  /** The time of the reading that `next` named last. */
  timeMs = -Infinity
  readonly #startMs: number
  readonly #bucketMs: number
  readonly #joinMs: (device: number) => number
  readonly #firstMs: (device: number) => number
  readonly #count: number
  readonly #times: Float64Array
  readonly #nextInBucket: Int32Array
  readonly #buckets: Int32Array
  readonly #heap: number[] = []
  #cursor = -1
  #inWheel = 0
  #joined = 0

  /**
   * @param joinMs when a device joins; must not fall from one device to the next.
   * @param firstMs its first reading, from `joinMs` to two intervals later.
   */
  constructor(options: { count: number; startMs: number; intervalMs: number; joinMs: (device: number) => number; firstMs: (device: number) => number }) {
    const { count, startMs, intervalMs, joinMs, firstMs } = options
    const perInterval = Math.max(1, Math.ceil(count / devicesPerBucket))
    this.#count = count
    this.#startMs = startMs
    this.#bucketMs = intervalMs / perInterval
    this.#joinMs = joinMs
    this.#firstMs = firstMs
    this.#times = new Float64Array(count)
    this.#nextInBucket = new Int32Array(count)
    this.#buckets = new Int32Array(wheelIntervals * perInterval + 8).fill(-1)
  }

  /** How many devices have joined. */
  get joined(): number {
    return this.#joined
  }

  /** The device whose reading comes next (its time is in `timeMs`), or -1 when none waits. */
  next(): number {
    while (this.#heap.length === 0) {
      if (this.#inWheel === 0 && !this.#skipToNextJoin()) return -1
      this.#turn()
    }
    const device = this.#popHeap()
    this.timeMs = this.#times[device]!
    return device
  }

  /** Puts a device back with the time of its next reading: not before `timeMs`, at most two intervals after it. */
  add(device: number, timeMs: number): void {
    this.#times[device] = timeMs
    const bucket = this.#bucketOf(timeMs)
    if (bucket <= this.#cursor) return this.#pushHeap(device)
    const index = bucket % this.#buckets.length
    this.#nextInBucket[device] = this.#buckets[index]!
    this.#buckets[index] = device
    this.#inWheel++
  }

  #bucketOf(timeMs: number): number {
    return Math.floor((timeMs - this.#startMs) / this.#bucketMs)
  }

  #skipToNextJoin(): boolean {
    if (this.#joined === this.#count) return false
    this.#cursor = Math.max(this.#cursor, this.#bucketOf(this.#joinMs(this.#joined)) - 1)
    return true
  }

  #turn(): void {
    this.#cursor++
    while (this.#joined < this.#count && this.#bucketOf(this.#joinMs(this.#joined)) <= this.#cursor) {
      const device = this.#joined++
      this.add(device, this.#firstMs(device))
    }
    const index = this.#cursor % this.#buckets.length
    let device = this.#buckets[index]!
    this.#buckets[index] = -1
    while (device !== -1) {
      this.#inWheel--
      this.#pushHeap(device)
      device = this.#nextInBucket[device]!
    }
  }

  /** By time, then by device, so that the order does not depend on how the lists were linked. */
  #isBefore(a: number, b: number): boolean {
    const difference = this.#times[a]! - this.#times[b]!
    return difference < 0 || (difference === 0 && a < b)
  }

  #pushHeap(device: number): void {
    const heap = this.#heap
    let child = heap.push(device) - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      const above = heap[parent]!
      if (!this.#isBefore(device, above)) break
      heap[child] = above
      child = parent
    }
    heap[child] = device
  }

  #popHeap(): number {
    const heap = this.#heap
    const top = heap[0]!
    const last = heap.pop()!
    const size = heap.length
    if (size === 0) return top
    let parent = 0
    for (;;) {
      let child = 2 * parent + 1
      if (child >= size) break
      if (child + 1 < size && this.#isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!this.#isBefore(heap[child]!, last)) break
      heap[parent] = heap[child]!
      parent = child
    }
    heap[parent] = last
    return top
  }
}
