import type { FeatureDescriptor } from '../model.ts'
import { Standardizer, type StandardizerState } from '../standardizer.ts'
import { mostKept, WarmUp } from '../warm-up.ts'
import { SequenceRing } from './sequence.ts'

export interface KeySequenceState {
  learned: number
  warmUp: Float64Array | null
  standardizer: StandardizerState | null
  ring: Float64Array
}

/**
 * One key's way from vectors to a network's input: warm-up, scales, the last vectors. Networks are trained on what this makes of normal
 * vectors (training/), so it must not depend on any network: the scales follow the scatter around the sequence's own mean.
 */
export class KeySequence {
  readonly #features: readonly FeatureDescriptor[]
  readonly #needed: number
  readonly ring: SequenceRing
  #warmUp: WarmUp | undefined
  #standardizer: Standardizer | undefined
  #learned = 0
  readonly #residual: Float64Array

  /**
   * @param warmUp vectors from which the scales are learned.
   * @param sequence vectors in a network's input, at least 2.
   */
  constructor(features: readonly FeatureDescriptor[], warmUp: number, sequence: number) {
    this.#features = features
    this.#warmUp = new WarmUp(features.length, warmUp)
    this.ring = SequenceRing.create(sequence, features.length)
    this.#needed = warmUp + Math.max(0, this.ring.length - Math.min(warmUp, mostKept))
    this.#residual = new Float64Array(features.length)
  }

  get isReady(): boolean {
    return this.#standardizer !== undefined && this.ring.isFull
  }

  progress(): { learned: number; needed: number } {
    return { learned: Math.min(this.#learned, this.#needed), needed: this.#needed }
  }

  /** A vector's coordinates. @throws TypeError before the warm-up is over. */
  locate(x: Float64Array): Float64Array {
    const p = new Float64Array(x.length)
    this.#standardizer!.apply(x, p)
    return p
  }

  /** A coordinate in its feature's own unit. */
  restore(f: number, p: number): number {
    return this.#standardizer!.restore(f, p)
  }

  /** How much wider a boundary must be drawn for what the scales may be wrong by. */
  doubt(): number {
    return this.#standardizer!.doubt()
  }

  /** Takes a vector of the time before it is ready. */
  begin(x: Float64Array): void {
    this.#learned++
    const warmUp = this.#warmUp
    if (warmUp === undefined) return this.ring.push(this.locate(x))
    warmUp.add(x)
    if (!warmUp.isComplete()) return
    const rows = warmUp.inOrder()
    this.#standardizer = Standardizer.learn(this.#features, rows, warmUp.kept)
    this.#warmUp = undefined
    for (let at = 0; at < rows.length; at += x.length) this.ring.push(this.locate(rows.subarray(at, at + x.length)))
  }

  /**
   * Goes on by a vector.
   *
   * @param p its coordinates.
   * @param taken what enters the sequence: `p`, or what stands for it.
   * @param centre of the sequence that ends with it.
   * @param isWhole false for a vector that was judged anomalous.
   */
  follow(p: Float64Array, taken: Float64Array, centre: Float64Array, isWhole: boolean): void {
    this.#learned++
    const residual = this.#residual
    for (let f = 0; f < p.length; f++) residual[f] = p[f]! - centre[f]!
    this.#standardizer!.observe(residual, isWhole ? 1 : 0, 0)
    this.ring.push(taken)
    if (this.#standardizer!.rescale(residual)) this.ring.rescale(residual)
  }

  toState(): KeySequenceState {
    return { learned: this.#learned, warmUp: this.#warmUp?.toState() ?? null, standardizer: this.#standardizer?.toState() ?? null, ring: this.ring.toState() }
  }

  /** Goes on from `toState` of a sequence with the same parameters. */
  load({ learned, warmUp, standardizer, ring }: KeySequenceState): void {
    this.#learned = learned
    for (let at = 0; at < ring.length; at += this.#features.length) this.ring.push(ring.subarray(at, at + this.#features.length))
    if (standardizer === null) return this.#warmUp!.load(warmUp!, learned)
    this.#warmUp = undefined
    this.#standardizer = Standardizer.fromState(this.#features, standardizer)
  }
}
