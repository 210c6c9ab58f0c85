import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { CutForest } from './forest.ts'
import { forestState, restoreForest } from './forest-state.ts'

const shape = { trees: 12, sampleSize: 32, shingleSize: 4, timeDecay: 1 / 320 }

/** Vectors of two features; each tenth is one that came before, and one in thirty has a tenth of the weight. */
function* stream(count: number, seed: number): Generator<{ x: Float32Array; weight: number }> {
  const uniform = mulberry32(seed)
  for (let i = 0; i < count; i++) {
    const x = i % 10 === 9 ? Float32Array.of(0.5, 0.5) : Float32Array.of(gaussian(uniform), gaussian(uniform))
    yield { x, weight: i % 30 === 7 ? 0.1 : 1 }
  }
}

function taught(count: number, seed = 1): CutForest {
  const forest = CutForest.empty(2, shape, seed)
  for (const { x, weight } of stream(count, 5)) forest.learn(x, weight, weight === 1)
  return forest
}

describe('the forest', () => {
  test('learns nothing before the first whole shingle', () => {
    expect([taught(3).pointsInTree, taught(4).pointsInTree, taught(20).pointsInTree, taught(500).pointsInTree]).toEqual([0, 1, 17, 32])
  })

  test('its attribution adds up to its score, and points at what is off', () => {
    const forest = taught(500)
    const attribution = new Float64Array(16)
    const score = forest.score(Float32Array.of(0, 9), attribution)
    expect(attribution.reduce((a, b) => a + b)).toBeCloseTo(score, 9)
    // Above the others (first half), newest vector (last), second feature.
    expect(attribution[7]! / score).toBeGreaterThan(0.5)
    expect(score).toBeGreaterThan(2 * forest.score(Float32Array.of(0.1, -0.2), attribution))
  })

  test.each([0, 2, 4, 30, 200, 777])('goes on from its state after %d vectors to the bit', (count) => {
    const forest = taught(count)
    const copy = restoreForest(2, shape, forestState(forest))
    expect(forestState(copy)).toEqual(forestState(forest))
    const [a, b] = [new Float64Array(16), new Float64Array(16)]
    for (const { x, weight } of stream(200, 9)) {
      if (forest.pointsInTree > 0) {
        expect(copy.score(x, b)).toBe(forest.score(x, a))
        expect(b).toEqual(a)
      }
      forest.learn(x, weight, true)
      copy.learn(x, weight, true)
    }
    expect(forestState(copy)).toEqual(forestState(forest))
  })

  test.each([4, 0.5])('in units of %d it says and learns the same to the bit', (ratio) => {
    const forest = taught(500)
    const other = taught(500)
    other.changeUnits(Float64Array.of(ratio, ratio))
    const [a, b] = [new Float64Array(16), new Float64Array(16)]
    for (const { x, weight } of stream(300, 9)) {
      const same = x.map((value) => value / ratio)
      expect(other.score(same, b)).toBe(forest.score(x, a))
      expect(b).toEqual(a)
      forest.learn(x, weight, true)
      other.learn(same, weight, true)
    }
  })

  test('comes back from other units to the bit', () => {
    const forest = taught(500)
    forest.changeUnits(Float64Array.of(4, 0.5))
    expect(forestState(forest)).not.toEqual(forestState(taught(500)))
    forest.changeUnits(Float64Array.of(0.25, 2))
    expect(forestState(forest)).toEqual(forestState(taught(500)))
  })

  test('goes on from its state in other units', () => {
    const forest = taught(500)
    forest.changeUnits(Float64Array.of(4, 0.5))
    const copy = restoreForest(2, shape, forestState(forest))
    const [a, b] = [new Float64Array(16), new Float64Array(16)]
    expect(copy.score(Float32Array.of(1, 3), b)).toBe(forest.score(Float32Array.of(1, 3), a))
    expect(b).toEqual(a)
  })

  test('keeps no vector that no tree needs', () => {
    const forest = taught(2000)
    const needed = new Set<number>()
    const chain = new Float32Array(8)
    for (const tree of forest.trees) {
      const leaves = forest.samplers[forest.trees.indexOf(tree)]!
      for (let place = 0; place < leaves.size; place++) {
        forest.store.read(tree.leafPoint[leaves.leafAt(place)]!, chain)
        for (let at = 0; at < 8; at += 2) needed.add(chain[at]!)
      }
    }
    forest.store.read(forest.store.head, chain)
    for (let at = 0; at < 8; at += 2) needed.add(chain[at]!)
    // Those that repeat are one value and several vectors.
    expect(forest.store.size).toBeGreaterThanOrEqual(needed.size)
    expect(forest.store.size).toBeLessThan(needed.size * 1.25)
  })
})
