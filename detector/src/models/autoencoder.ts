import { defineError } from '@tidewatch/kit'
import { KeySequence, type KeySequenceState } from './autoencoder/key-sequence.ts'
import type { Network } from './autoencoder/network.ts'
import type { SequenceRing } from './autoencoder/sequence.ts'
import { checkVector, checkWeight } from './check-input.ts'
import type { FeatureDescriptor, Model, ModelFactory, ModelSnapshot, Score } from './model.ts'
import { checkRanges, withDefaults, type Given } from './parameters.ts'
import { readState } from './read-state.ts'
import { shareOut } from './share-out.ts'

/** A network that was trained for other vectors than the pipeline makes. */
export const NetworkMismatch = defineError('NETWORK_MISMATCH', { retry: 'never' })

export interface AutoencoderParameters {
  /** Vectors from which a key's scales are learned before its sequence begins to count. */
  warmUp: number
}

const defaults: AutoencoderParameters = { warmUp: 30 }
const ranges: { readonly [K in keyof AutoencoderParameters]: readonly [number, number] } = { warmUp: [1, 100_000] }

const kind = 'autoencoder'
const version = 1

/**
 * Reconstruction error of a trained network over the last vectors of a key.
 *
 *     s_t = p_t - mean(p of the vectors before)      p = (y - origin)/scale, standardised for each key by itself (standardizer.ts)
 *     e = s - (R(s) - R(0)) ;   L = rms of e over the last vector, Q = rms of e over the sequence
 *     value = max(L/limit_L, Q/limit_Q)/doubt ;   raw = L
 *
 * One network serves all keys: what differs between devices, their levels and scales, is taken out before. R(0), what it makes of a
 * sequence that stands still, is taken off, so that stillness has no error. contributions: each feature's share of the squared error behind the
 * larger ratio. expected: what the network makes of the last vector, in the vector's own units. The limits come with the network: quantiles
 * of its errors on normal sequences that it was not trained on (training/). A vector judged anomalous enters the sequence as the
 * network's own idea of it, every tenth as it is: a fault does not become normal while it lasts, a lasting change does.
 *
 * - assumes: windows at an even pace; a network that was trained on such windows (`make model`).
 * - fails when: a fault is slower than the sequence is long; windows are missing (the sequence does not know of gaps).
 * - cost: one inference a vector, shared by score and learn; 8 bytes x features x sequence a key (2.4 KiB at 6 features and 50 windows).
 * - guarantees: the same scores to the bit on one machine and version of the runtime; other processors may round otherwise.
 * - reference: Sakurada and Yairi 2014, "Anomaly detection using autoencoders with nonlinear dimensionality reduction"; system C of the field.
 *
 * @throws NetworkMismatch from `create` where the network's features are not those of the vectors.
 */
export function autoencoder(network: Network, given: Given<AutoencoderParameters> = {}): ModelFactory {
  const parameters = withDefaults(defaults, given)
  checkRanges(kind, parameters, ranges)
  const shared = new Shared(network)
  return {
    kind,
    create: (features) => new Autoencoder(features, parameters, shared),
    restore: (features, snapshot) => Autoencoder.fromState(features, parameters, shared, readState<State>(snapshot, kind, version)),
  }
}

interface State {
  credit: number
  key: KeySequenceState
}

/** One network with the buffers of its calls. */
class Shared {
  readonly network: Network
  readonly input: Float32Array
  readonly output: Float32Array
  readonly centre: Float64Array
  readonly #ofStillness: Float32Array
  /** Of which ring, at which of its states, and of which vector `output` is. */
  #ring: SequenceRing | undefined
  #changes = 0
  readonly #p: Float64Array
  readonly #orders = new WeakMap<readonly FeatureDescriptor[], readonly number[]>()

  constructor(network: Network) {
    this.network = network
    const { sequence, features } = network.calibration
    const size = sequence * features.length
    this.input = new Float32Array(size)
    this.output = new Float32Array(size)
    this.#ofStillness = new Float32Array(size)
    this.centre = new Float64Array(features.length)
    this.#p = new Float64Array(features.length)
    network.reconstruct(this.input, this.#ofStillness)
  }

  /** Place of each of the network's features in the vectors. @throws NetworkMismatch */
  orderOf(features: readonly FeatureDescriptor[]): readonly number[] {
    const known = this.#orders.get(features)
    if (known !== undefined) return known
    const names = features.map(({ name }) => name)
    const wanted = this.network.calibration.features
    const order = wanted.map((name) => names.indexOf(name))
    if (order.includes(-1) || names.length !== wanted.length) {
      throw new NetworkMismatch(
        `The autoencoder was trained for vectors of ${wanted.join(', ')}; those of this pipeline hold ${names.join(', ')}. Name the same features, with groupBy: DeviceAndMetric, or train a network for these (docs/concepts/models.md).`,
      )
    }
    this.#orders.set(features, order)
    return order
  }

  /** What the network makes of the sequence that ends with `p`: `input` and `output` hold it until the next call. */
  reconstruct(ring: SequenceRing, p: Float64Array, order: readonly number[]): void {
    // A vector is scored and then learned: the second time all is there.
    if (this.#ring === ring && this.#changes === ring.changes && p.every((value, f) => value === this.#p[f])) return
    this.#ring = ring
    this.#changes = ring.changes
    this.#p.set(p)
    ring.fill(p, order, this.input, this.centre)
    this.network.reconstruct(this.input, this.output)
    for (let i = 0; i < this.output.length; i++) this.output[i]! -= this.#ofStillness[i]!
  }
}

class Autoencoder implements Model {
  private readonly features: readonly FeatureDescriptor[]
  private readonly shared: Shared
  private readonly order: readonly number[]
  private readonly key: KeySequence
  private credit = 0

  constructor(features: readonly FeatureDescriptor[], { warmUp }: AutoencoderParameters, shared: Shared) {
    this.features = features
    this.shared = shared
    this.order = shared.orderOf(features)
    this.key = new KeySequence(features, warmUp, shared.network.calibration.sequence)
  }

  isReady(): boolean {
    return this.key.isReady
  }

  progress(): { learned: number; needed: number } {
    return this.key.progress()
  }

  score(x: Float64Array): Score | undefined {
    const { features, shared, key, order } = this
    const d = features.length
    checkVector(x, d)
    if (!key.isReady) return undefined
    const p = key.locate(x)
    shared.reconstruct(key.ring, p, order)
    const { limits } = shared.network.calibration
    const last = new Float64Array(d)
    const whole = new Float64Array(d)
    this.addErrors(p, last, whole)
    const lastError = rootMean(last)
    const [lastRatio, wholeRatio] = [lastError / limits.last, rootMean(whole) / limits.sequence]
    const value = Math.max(lastRatio, wholeRatio) / key.doubt()
    const contributions = shareOut(value, lastRatio >= wholeRatio ? last : whole)
    const expected = new Float64Array(d)
    const idea = this.ideaOfLast()
    for (let f = 0; f < d; f++) expected[f] = key.restore(f, idea[f]!)
    return { value, raw: lastError, contributions, expected }
  }

  learn(x: Float64Array, weight: number): void {
    checkVector(x, this.features.length)
    checkWeight(weight)
    const { key, shared } = this
    if (!key.isReady) return key.begin(x)
    this.credit += weight
    const isWhole = this.credit >= 1
    if (isWhole) this.credit -= 1
    const p = key.locate(x)
    shared.reconstruct(key.ring, p, this.order)
    key.follow(p, isWhole ? p : this.ideaOfLast(), shared.centre, isWhole)
  }

  snapshot(): ModelSnapshot {
    const state: State = { credit: this.credit, key: this.key.toState() }
    return { kind, version, state }
  }

  static fromState(features: readonly FeatureDescriptor[], parameters: AutoencoderParameters, shared: Shared, state: State): Autoencoder {
    const model = new Autoencoder(features, parameters, shared)
    model.credit = state.credit
    model.key.load(state.key)
    return model
  }

  /** What the network makes of the last vector, in coordinates, as it was reconstructed last. */
  private ideaOfLast(): Float64Array {
    const { output, centre } = this.shared
    const d = this.features.length
    const idea = new Float64Array(d)
    this.order.forEach((f, place) => (idea[f] = centre[f]! + output[output.length - d + place]!))
    return idea
  }

  /** Adds the squared errors of the reconstructed sequence by feature: of its last vector, and the mean over all. */
  private addErrors(p: Float64Array, last: Float64Array, whole: Float64Array): void {
    const { input, output, centre } = this.shared
    const d = p.length
    const end = input.length - d
    for (let place = 0; place < d; place++) {
      const f = this.order[place]!
      // The last one as it is: beyond what a network may see a fault still grows.
      last[f] = (p[f]! - centre[f]! - output[end + place]!) ** 2
      for (let at = place; at < end; at += d) whole[f]! += (input[at]! - output[at]!) ** 2
      whole[f] = (whole[f]! + Math.min(last[f], farthestSquared)) / (end / d + 1)
    }
  }
}

/** The last vector's squared error counts up to this in the sequence's, which would repeat the other statistic otherwise. */
const farthestSquared = 64

const rootMean = (squares: Float64Array): number => Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length)
