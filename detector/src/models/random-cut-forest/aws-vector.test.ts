import { describe, expect, test } from 'vitest'
import { replayAwsForest, type AwsForest } from '../testing/aws-replay.ts'
import { sharedVector } from '../testing/shared-vectors.ts'

/** The vector's forest: randomcutforest-core 4.3.0, dimensions 2, 10 trees, sample 64, seed 42, output after 1. */
const forest: AwsForest = { seed: 42n, dimensions: 2, trees: 10, sampleSize: 64 }
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

const replay = (rows: readonly Row[]) => replayAwsForest(forest, rows.map(({ x }) => x))

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
