import { describe, expect, test } from 'vitest'
import { JavaRandom } from '../testing/java-random.ts'
import { sharedVector } from '../testing/shared-vectors.ts'
import { scoreInTree } from './attribution.ts'
import { CutTree } from './cut-tree.ts'
import { ShingleStore } from './shingle-store.ts'
import { TimeDecayedSampler } from './time-decayed-sampler.ts'

/** The vector's forest: randomcutforest-core 4.3.0, dimensions 2, 10 trees, sample 64, seed 42, output after 1. */
const [dimensions, treeCount, sampleSize] = [2, 10, 64]
const outliers = [200, 250]

interface Row {
  x: Float32Array
  score: number
  /** high0, low0, high1, low1 */
  attribution: number[]
}

const vector = sharedVector('rcf_4.3.0_seed42_d2_t10_s64.csv')

function readRows(): Row[] {
  return vector.readText().trim().split('\n').slice(1).map((line) => {
    const [, x0, x1, score, ...attribution] = line.split(',').map(Number)
    return { x: Float32Array.of(x0!, x1!), score: score!, attribution }
  })
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

/** Scores each row before it is learned, with the library's own chance. */
function replay(rows: readonly Row[]): Omit<Row, 'x'>[] {
  const seeds = new JavaRandom(42n)
  const store = new ShingleStore(dimensions, 1)
  const members = Array.from({ length: treeCount }, () => ({
    tree: new CutTree(store, sampleSize),
    cuts: new SeedChain(seeds.nextLong()),
    draws: new SeedChain(seeds.nextLong()),
    sampler: new TimeDecayedSampler(sampleSize, 1 / (10 * sampleSize)),
  }))
  return rows.map(({ x }, time) => {
    const parts = new Float64Array(2 * dimensions)
    const score = members.reduce((sum, { tree }) => sum + scoreInTree(tree, store, x, parts), 0) / treeCount
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
    const [high0, high1, low0, low1] = [...parts].map((part) => part / treeCount)
    return { score, attribution: [high0!, low0!, high1!, low1!] }
  })
}

describe('the AWS library\'s forest, drawn again from its own seed', () => {
  test.runIf(vector.exists)(`scores and attributions of all 300 rows are the library's to 1e-7${vector.note}`, () => {
    const rows = readRows()
    const ours = replay(rows)
    expect(ours).toHaveLength(300)
    ours.forEach(({ score, attribution }, i) => {
      expect(score, `score of row ${i}`).toBeCloseTo(rows[i]!.score, 7)
      attribution.forEach((part, k) => expect(part, `attribution ${k} of row ${i}`).toBeCloseTo(rows[i]!.attribution[k]!, 7))
    })
  })

  test.runIf(vector.exists)(`the two outliers score highest${vector.note}`, () => {
    const scores = replay(readRows()).map(({ score }, i) => ({ i, score })).sort((a, b) => b.score - a.score)
    expect(scores.slice(0, 2).map(({ i }) => i)).toEqual(outliers)
  })
})
