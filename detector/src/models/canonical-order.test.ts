import { describe, expect, test } from 'vitest'
import { canonicalOrder, fromCanonical, toCanonical } from './canonical-order.ts'
import type { FeatureDescriptor } from './model.ts'

const named = (...names: string[]): FeatureDescriptor[] => names.map((name) => ({ name, scale: 'linear' }))

describe('the canonical order of features', () => {
  test.each([
    [['mean', 'stddev', 'min', 'max'], [3, 0, 2, 1]],
    [['b', 'a', 'b', 'a'], [1, 3, 0, 2]],
    [['a10', 'a9', 'B', 'ä'], [2, 0, 1, 3]],
    [['one'], [0]],
    [[], []],
  ])('of %j is %j: by code units, equal names as they came', (names, order) => {
    expect([...canonicalOrder(named(...names))]).toEqual(order)
  })

  test('a vector comes out the same however its features were ordered', () => {
    const out = new Float64Array(3)
    toCanonical(canonicalOrder(named('mean', 'max', 'range')), Float64Array.of(1, 2, 3), out)
    expect([...out]).toEqual([2, 1, 3])
    toCanonical(canonicalOrder(named('range', 'mean', 'max')), Float64Array.of(3, 1, 2), out)
    expect([...out]).toEqual([2, 1, 3])
  })

  test('what came from a vector goes back to the same places', () => {
    const order = canonicalOrder(named('range', 'mean', 'max'))
    const [canonical, back] = [new Float64Array(3), new Float64Array(3)]
    toCanonical(order, Float64Array.of(30, 10, 20), canonical)
    fromCanonical(order, canonical, back)
    expect([...back]).toEqual([30, 10, 20])
  })
})
