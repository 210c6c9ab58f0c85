import type { FeatureDescriptor } from '../../models/model.ts'
import { Likeness, summarise, type Summary } from './summary.ts'

/** Devices that a prior is made of: so many at most, and it is there from so many on. */
export const mostDonors = 8
export const leastDonors = 4

/** How many vectors there are of what. */
export interface PriorLengths {
  /** Vectors of its own that a new model waits for before it takes the prior. */
  own: number
  /** Vectors taken of each donor. */
  rows: number
}

/** A device of which vectors are being taken. */
interface Recording {
  /** Of its model. */
  key: string
  rows: Float64Array
  count: number
  /** Event time of its last vector. */
  lastMs: number
}

/** What follows from the donors: how like them a device must be, and they in the order in which they are taken. */
interface Derived {
  likeness: Likeness
  order: { rows: Float64Array; summary: Summary }[]
}

/** Plain data, for a snapshot. */
export interface CohortState {
  usedMs: number
  /** Oldest first, each with as many vectors as `PriorLengths.rows` says. Null in an increment: those of the snapshot before. */
  donors: Float64Array[] | null
  recordings: { key: string; rows: Float64Array; lastMs: number }[]
}

/**
 * What warm models of one kind of device have seen lately: vectors of eight of them, judged normal, in the order in which they came. Of them a new
 * model's warm-up is completed.
 *
 *     donor          its level 20 +- 1   . . ' . , ' . . '
 *     new device     its level 35            . . ' . , ' . . '|x x x x      x: its own vectors, the others around its own level
 *
 * The level is always the device's own: of the others it takes how vectors scatter, all features together. Where its first
 * vectors show other levels than the cohort has, or another scatter, it takes nothing.
 */
export class Cohort {
  readonly #features: readonly FeatureDescriptor[]
  readonly #lengths: PriorLengths
  #donors: Float64Array[] = []
  #recordings: Recording[] = []
  #usedMs = -Infinity
  /** All that follows from the donors; undefined until it is asked for. */
  #derived: Derived | undefined

  constructor(features: readonly FeatureDescriptor[], lengths: PriorLengths) {
    this.#features = features
    this.#lengths = lengths
  }

  get isReady(): boolean {
    return this.#donors.length >= leastDonors
  }

  /** Event time of the last vector that was taken in. */
  get usedMs(): number {
    return this.#usedMs
  }

  /** Takes in a vector that a warm model has judged normal: kept where it is this model's turn. @returns whether a donor has come of it. */
  record(key: string, x: Float64Array, endMs: number): boolean {
    this.#usedMs = endMs
    let recording = this.#recordings.find((one) => one.key === key)
    if (recording === undefined) {
      // The first eight at once, then one after the other in place of the oldest.
      if (this.#recordings.length >= Math.max(1, mostDonors - this.#donors.length)) return false
      recording = { key, rows: new Float64Array(this.#lengths.rows * x.length), count: 0, lastMs: endMs }
      this.#recordings.push(recording)
    }
    recording.rows.set(x, recording.count * x.length)
    recording.count++
    recording.lastMs = endMs
    if (recording.count < this.#lengths.rows) return false
    this.#recordings.splice(this.#recordings.indexOf(recording), 1)
    this.#donors.push(recording.rows)
    if (this.#donors.length > mostDonors) this.#donors.shift()
    this.#derived = undefined
    return true
  }

  /**
   * Vectors that complete the warm-up of a model of this cohort, to be learned before its own.
   *
   * @param own its first vectors, as many as `PriorLengths.own` says, one after the other.
   * @param count how many are wanted.
   * @returns undefined where the device is not like its cohort, or where there is no prior yet.
   */
  complete(own: Float64Array, count: number): Float64Array[] | undefined {
    if (!this.isReady) return undefined
    const { likeness, order } = (this.#derived ??= this.#derive())
    const summary = summarise(this.#features, own, 0, this.#lengths.own)
    if (!likeness.holds(summary)) return undefined
    const { rows } = this.#lengths
    return Array.from({ length: count }, (_, i) => this.#transfer(order[Math.floor(i / rows) % order.length]!, i % rows, summary))
  }

  /** Ends recordings of those that were not heard since. */
  forgetUnusedSince(ms: number): void {
    this.#recordings = this.#recordings.filter(({ lastMs }) => lastMs >= ms)
  }

  /** @param hasDonors false where they are known to be in the snapshot before. */
  toState(hasDonors = true): CohortState {
    const d = this.#features.length
    return { usedMs: this.#usedMs, donors: hasDonors ? [...this.#donors] : null, recordings: this.#recordings.map(({ key, rows, count, lastMs }) => ({ key, rows: rows.slice(0, count * d), lastMs })) }
  }

  /** @param before the same cohort in the snapshot before, for an increment. */
  load({ usedMs, donors, recordings }: CohortState, before?: Cohort): void {
    const d = this.#features.length
    this.#usedMs = usedMs
    if (donors !== null) this.#donors = [...donors]
    else if (before !== undefined) this.#donors = [...before.#donors]
    this.#recordings = recordings.map(({ key, rows, lastMs }) => {
      const whole = new Float64Array(this.#lengths.rows * d)
      whole.set(rows)
      return { key, rows: whole, count: rows.length / d, lastMs }
    })
  }

  #derive(): Derived {
    const { own, rows: length } = this.#lengths
    const runs = this.#donors.flatMap((rows) => Array.from({ length: Math.floor(length / own) }, (_, run) => summarise(this.#features, rows, run * own, own)))
    const all = this.#donors.map((rows) => ({ rows, summary: summarise(this.#features, rows, 0, length) }))
    // The one with the middlemost scatter first, so that an odd one among them is the last to be taken.
    const sizes = all.map(({ summary }) => summary.spreads.reduce((sum, spread) => sum + Math.log(spread + Number.MIN_VALUE), 0))
    const middle = [...sizes].sort((a, b) => a - b)[sizes.length >> 1]!
    const order = all.map((donor, i) => ({ donor, distance: Math.abs(sizes[i]! - middle) })).sort((a, b) => a.distance - b.distance)
    return { likeness: new Likeness(this.#features, runs), order: order.map(({ donor }) => donor) }
  }

  /** A donor's vector, moved from its level to another: by a difference, or by a factor where the feature is `log`. */
  #transfer({ rows, summary }: { rows: Float64Array; summary: Summary }, t: number, { levels }: Summary): Float64Array {
    const d = this.#features.length
    const middle = (this.#lengths.rows - 1) / 2
    return Float64Array.from(this.#features, ({ scale }, f) => {
      const x = rows[t * d + f]!
      const [from, to] = [summary.levels[f]!, levels[f]!]
      if (scale === 'linear') return to + (x - from - summary.trends[f]! * (t - middle))
      return from > 0 && to > 0 ? (x / from) * to : Math.max(0, to + x - from)
    })
  }
}
