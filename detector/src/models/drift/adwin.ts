import { checkRanges, withDefaults, type Given } from '../parameters.ts'
import { readState } from '../read-state.ts'
import { BucketRows, type BucketRowsState } from './bucket-rows.ts'
import { checkFinite, type DriftDetector, type DriftDetectorFactory, type DriftSnapshot } from './drift-detector.ts'

export interface AdwinParameters {
  /** Confidence: about the probability of a false detection at one look. */
  delta: number
  /** Numbers between two looks. */
  clock: number
  /** A window of so many numbers or fewer is not looked at. */
  gracePeriod: number
  /** Each side of a cut has at least so many numbers. */
  shortestSide: number
}

const defaults: AdwinParameters = { delta: 0.002, clock: 32, gracePeriod: 10, shortestSide: 5 }

const ranges: { readonly [K in keyof AdwinParameters]: readonly [number, number] } = {
  delta: [1e-12, 0.5],
  clock: [1, 100_000],
  gracePeriod: [1, 1_000_000],
  shortestSide: [1, 1_000_000],
}

const kind = 'adwin'
const version = 1

/**
 * ADWIN: a window that grows while the mean of its numbers stays, and is cut where two parts of it have different means.
 *
 *     every `clock` numbers, for each cut between two buckets:
 *     d' = ln(2 ln W / delta) ;   m = 1/(n0 - s + 1) + 1/(n1 - s + 1) ;   eps = sqrt(2 m (V/W) d') + (2/3) m d'
 *     |mean0 - mean1| > eps: a drift; the oldest bucket goes, and all cuts are tried again
 *
 * V: the sum of squared deviations of the window; s: `shortestSide`. After a drift the whole window is thrown away with the next
 * number, as river does. The paper and MOA keep the newer part, and then the same change is found several times.
 *
 * - assumes: numbers that are independent of each other and bounded, roughly.
 * - fails when: numbers depend on those before them, as scores of windows that overlap do: it finds more than there is. Rare large numbers hide a change
 *   (V is theirs).
 * - cost: a few additions a number, and at a look one cut for each of 5 log2(W) buckets; about 1.5 KiB for 1,000 numbers.
 * - guarantees: no chance; memory grows with log W; restored to the bit.
 * - reference: Bifet and Gavalda 2007, "Learning from time-changing data with adaptive windowing", SDM; algorithms 4.2; the vectors
 *   are of river 0.26.1.
 *
 * @throws RangeError for a parameter out of its range.
 */
export function adwin(given: Given<AdwinParameters> = {}): Omit<DriftDetectorFactory, 'create'> & { create(): Adwin } {
  const parameters = withDefaults(defaults, given)
  checkRanges(kind, parameters, ranges)
  return {
    kind,
    create: () => new Adwin(parameters),
    restore: (snapshot) => Adwin.fromState(parameters, readState<State>(snapshot, kind, version)),
  }
}

interface State {
  buckets: BucketRowsState
  width: number
  total: number
  variance: number
  sinceStart: number
  hasDrifted: boolean
}

/** See `adwin`. */
export class Adwin implements DriftDetector {
  readonly #parameters: AdwinParameters
  #buckets = new BucketRows()
  #width = 0
  #total = 0
  #variance = 0
  /** Numbers since the window was begun. */
  #sinceStart = 0
  #hasDrifted = false

  /** @internal */
  constructor(parameters: AdwinParameters) {
    this.#parameters = parameters
  }

  /** Numbers in the window. */
  get width(): number {
    return this.#width
  }

  /** Of the window; 0 where it is empty. */
  get mean(): number {
    return this.#width === 0 ? 0 : this.#total / this.#width
  }

  /** The sum of squared deviations from the mean: not divided by the width. */
  get variance(): number {
    return this.#variance
  }

  observe(x: number): boolean {
    checkFinite(x)
    if (this.#hasDrifted) this.#startAnew()
    this.#insert(x)
    this.#sinceStart++
    const { clock, gracePeriod } = this.#parameters
    if (this.#sinceStart % clock === 0 && this.#width > gracePeriod) {
      while (this.#holdsCut()) {
        this.#hasDrifted = true
        this.#dropOldest()
      }
    }
    return this.#hasDrifted
  }

  snapshot(): DriftSnapshot {
    const state: State = {
      buckets: this.#buckets.toState(), width: this.#width, total: this.#total, variance: this.#variance, sinceStart: this.#sinceStart, hasDrifted: this.#hasDrifted,
    }
    return { kind, version, state }
  }

  /** @internal */
  static fromState(parameters: AdwinParameters, { buckets, width, total, variance, sinceStart, hasDrifted }: State): Adwin {
    const detector = new Adwin(parameters)
    detector.#buckets = BucketRows.fromState(buckets)
    detector.#width = width
    detector.#total = total
    detector.#variance = variance
    detector.#sinceStart = sinceStart
    detector.#hasDrifted = hasDrifted
    return detector
  }

  #startAnew(): void {
    this.#buckets = new BucketRows()
    this.#width = 0
    this.#total = 0
    this.#variance = 0
    this.#sinceStart = 0
    this.#hasDrifted = false
  }

  #insert(x: number): void {
    this.#buckets.insert(x)
    const before = this.#width++
    if (before > 0) this.#variance += (before * (x - this.#total / before) ** 2) / this.#width
    this.#total += x
  }

  #dropOldest(): void {
    const buckets = this.#buckets
    const row = buckets.rows - 1
    const size = 2 ** row
    const sum = buckets.sumOf(row, 0)
    this.#width -= size
    this.#total -= sum
    const difference = sum / size - this.#total / this.#width
    this.#variance -= buckets.varianceOf(row, 0) + (size * this.#width * difference * difference) / (size + this.#width)
    buckets.dropOldest()
  }

  /** Whether the means of an older and a newer part differ by more than chance. */
  #holdsCut(): boolean {
    const buckets = this.#buckets
    const { shortestSide } = this.#parameters
    let older = 0
    let olderTotal = 0
    for (let row = buckets.rows - 1; row >= 0; row--) {
      const size = 2 ** row
      for (let bucket = 0; bucket < buckets.countIn(row); bucket++) {
        older += size
        olderTotal += buckets.sumOf(row, bucket)
        const newer = this.#width - older
        if (newer < shortestSide) return false
        if (older >= shortestSide && this.#isTooFar(older, newer, olderTotal / older - (this.#total - olderTotal) / newer)) return true
      }
    }
    return false
  }

  #isTooFar(older: number, newer: number, difference: number): boolean {
    const { delta, shortestSide } = this.#parameters
    const confidence = Math.log((2 * Math.log(this.#width)) / delta)
    const parts = 1 / (older - shortestSide + 1) + 1 / (newer - shortestSide + 1)
    return Math.abs(difference) > Math.sqrt(2 * parts * (this.#variance / this.#width) * confidence) + (2 / 3) * confidence * parts
  }
}
