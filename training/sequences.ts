import type { FeatureDescriptor, Model, ModelFactory } from '../detector/src/models/model.ts'
import { KeySequence } from '../detector/src/models/autoencoder/key-sequence.ts'

/** Vectors from which a device's scales are learned; the model's own default. */
const warmUp = 30
/** Neighbouring sequences are nearly the same: one in so many is kept. */
const stride = 10

/** Gathers the sequences that an autoencoder would be given, device by device. */
export class SequenceGatherer {
  readonly sequence: number
  /** Each of `sequence` x features numbers, row by row. */
  readonly gathered: Float32Array[] = []
  #features: readonly string[] | undefined

  constructor(sequence: number) {
    this.sequence = sequence
  }

  /** Names of the vectors' features; undefined while there was none. */
  get features(): readonly string[] | undefined {
    return this.#features
  }

  /** A device's way; what it is fed comes out in `gathered`. @throws Error where its features are not those of the devices before. */
  begin(features: readonly FeatureDescriptor[]): (x: Float64Array) => void {
    const names = features.map(({ name }) => name)
    this.#features ??= names
    if (names.join() !== this.#features.join()) {
      throw new Error(`A network takes one kind of vector, and there are two: of ${this.#features.join(', ')}, and of ${names.join(', ')}. Use groupBy: DeviceAndMetric, or train one network for each.`)
    }
    const key = new KeySequence(features, warmUp, this.sequence)
    const order = names.map((_, f) => f)
    const centre = new Float64Array(names.length)
    const input = new Float32Array(this.sequence * names.length)
    let count = 0
    return (x) => {
      if (!key.isReady) return key.begin(x)
      const p = key.locate(x)
      key.ring.fill(p, order, input, centre)
      if (count++ % stride === 0) this.gathered.push(input.slice())
      key.follow(p, p, centre, true)
    }
  }

  /** Stands where a pipeline's model stands, and judges nothing. */
  asModels(): ModelFactory {
    const create = (features: readonly FeatureDescriptor[]): Model => {
      const take = this.begin(features)
      let learned = 0
      return {
        isReady: () => false,
        progress: () => ({ learned, needed: Infinity }),
        score: () => undefined,
        learn: (x) => {
          learned++
          take(x)
        },
        snapshot: () => ({ kind: 'gatherer', version: 1, state: null }),
      }
    }
    return { kind: 'gatherer', create, restore: create }
  }
}
