import { scoreInTree } from '../random-cut-forest/attribution.ts'
import { CutTree } from '../random-cut-forest/cut-tree.ts'
import { ShingleStore } from '../random-cut-forest/shingle-store.ts'
import { TimeDecayedSampler } from '../random-cut-forest/time-decayed-sampler.ts'
import { JavaRandom } from './java-random.ts'

export interface AwsForest {
  seed: bigint
  dimensions: number
  trees: number
  sampleSize: number
}

/** What the forest says of a row before it is learned: the score, and high and low of each dimension in turn. */
export interface AwsRow {
  score: number
  attribution: number[]
}

/** The library's sampler makes a generator for each number, and its tree one for each insertion; both leave a seed for the next one. */
class SeedChain {
  private seed: bigint

  constructor(seed: bigint) {
    this.seed = seed
  }

  next(): JavaRandom {
    const random = new JavaRandom(this.seed)
    this.seed = random.nextLong()
    return random
  }
}

/** Our forest's parts with the chance of the AWS library's forest of this seed, which is that of its version 4.3.0. */
export function replayAwsForest({ seed, dimensions, trees, sampleSize }: AwsForest, rows: readonly Float32Array[]): AwsRow[] {
  const seeds = new JavaRandom(seed)
  const store = new ShingleStore(dimensions, 1)
  const members = Array.from({ length: trees }, () => ({
    tree: new CutTree(store, sampleSize),
    cuts: new SeedChain(seeds.nextLong()),
    draws: new SeedChain(seeds.nextLong()),
    sampler: new TimeDecayedSampler(sampleSize, 1 / (10 * sampleSize)),
  }))
  return rows.map((x, time) => {
    const parts = new Float64Array(2 * dimensions)
    const score = members.reduce((sum, { tree }) => sum + scoreInTree(tree, store, x, parts), 0) / trees
    store.append(x)
    for (const { tree, cuts, draws, sampler } of members) {
      const accepted = sampler.accepts(time, 1, () => draws.next().nextDouble())
      // The library draws once more for a sampler that is not full.
      if (!sampler.isFull) draws.next()
      if (!accepted) continue
      if (sampler.isFull) {
        const evicted = sampler.evict()
        const point = tree.leafPoint[evicted]!
        if (tree.forget(evicted)) store.release(point)
      }
      let random: JavaRandom | undefined
      const leaf = tree.insert(store.head, x, () => (random ??= cuts.next()).nextDouble())
      if (tree.leafPoint[leaf] === store.head) store.hold(store.head)
      sampler.add(leaf)
    }
    return { score, attribution: Array.from({ length: 2 * dimensions }, (_, k) => parts[(k >> 1) + (k & 1) * dimensions]! / trees) }
  })
}
