import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ClusterStore } from './cluster-store.ts'
import { distanceAfter, eccentricity, sigmoidLimit, varianceAfter, varianceOfUnion } from './teda.ts'

const number = fc.double({ min: -1e3, max: 1e3, noNaN: true })
/** Samples of 2 to 40 vectors of three features. */
const sample = fc.array(fc.tuple(number, number, number), { minLength: 2, maxLength: 40 })
const weights = fc.array(fc.double({ min: 0.05, max: 1, noNaN: true }), { minLength: 40, maxLength: 40 })

interface Cloud {
  mean: number[]
  variance: number
  total: number
}

const squared = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, f) => sum + (v - b[f]!) ** 2, 0)

/** By the recursion, one distance a vector. */
function recursive(vectors: readonly (readonly number[])[], parts?: readonly number[]): Cloud {
  let [variance, total] = [0, 0]
  let mean = vectors[0]!.map(() => 0)
  vectors.forEach((x, i) => {
    const weight = parts?.[i] ?? 1
    const distance = total === 0 ? 0 : squared(x, mean)
    total += weight
    variance = varianceAfter(variance, distance, total, weight)
    mean = mean.map((m, f) => m + (weight / total) * (x[f]! - m))
  })
  return { mean, variance, total }
}

/** By the definition: weighted mean and population variance summed over features. */
function direct(vectors: readonly (readonly number[])[], parts?: readonly number[]): Cloud {
  const weight = (i: number): number => parts?.[i] ?? 1
  const total = vectors.reduce((sum, _, i) => sum + weight(i), 0)
  const mean = vectors[0]!.map((_, f) => vectors.reduce((sum, x, i) => sum + weight(i) * x[f]!, 0) / total)
  const variance = vectors.reduce((sum, x, i) => sum + weight(i) * squared(x, mean), 0) / total
  return { mean, variance, total }
}

function expectSame(a: Cloud, b: Cloud): void {
  const size = Math.max(1, Math.abs(b.variance), ...b.mean.map((m) => m * m))
  expect(Math.abs(a.variance - b.variance) / size).toBeLessThan(1e-9)
  expect(a.total).toBeCloseTo(b.total, 9)
  a.mean.forEach((m, f) => expect(Math.abs(m - b.mean[f]!) / Math.max(1, Math.abs(m))).toBeLessThan(1e-9))
}

describe('the TEDA recursion', () => {
  test('s2 is the population variance summed over features', () => {
    fc.assert(fc.property(sample, (vectors) => expectSame(recursive(vectors), direct(vectors))))
  })

  test('a sample that counts as a part w gives the weighted mean and variance', () => {
    fc.assert(fc.property(sample, weights, (vectors, parts) => expectSame(recursive(vectors, parts), direct(vectors, parts))))
  })

  test('the eccentricities of a sample add up to 2', () => {
    fc.assert(
      fc.property(sample, (vectors) => {
        const { mean, variance, total } = direct(vectors)
        fc.pre(variance > 1e-6)
        const sum = vectors.reduce((xi, x) => xi + eccentricity(squared(x, mean), variance, total), 0)
        expect(sum).toBeCloseTo(2, 9)
      }),
    )
  })

  test('the distance from the new mean follows from the one from the old mean', () => {
    fc.assert(
      fc.property(sample, (vectors) => {
        const x = vectors.at(-1)!
        const before = direct(vectors.slice(0, -1))
        const after = direct(vectors)
        const found = distanceAfter(squared(x, before.mean), after.total, 1)
        expect(Math.abs(found - squared(x, after.mean)) / Math.max(1, found)).toBeLessThan(1e-9)
      }),
    )
  })

  test('the two published forms of the variance step are the same', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.double({ min: 0, max: 1e6, noNaN: true }), fc.integer({ min: 2, max: 1e4 }), (variance, distance, k) => {
        const published = ((k - 1) / k) * variance + distanceAfter(distance, k, 1) / (k - 1)
        expect(Math.abs(varianceAfter(variance, distance, k, 1) - published) / Math.max(1, published)).toBeLessThan(1e-12)
      }),
    )
  })

  test('m = 3 cannot fire before the eleventh vector: k = 10 gives exactly 9', () => {
    const vectors = [...Array.from({ length: 9 }, () => [0]), [1000]]
    const { mean, variance } = recursive(vectors)
    expect(squared([1000], mean) / variance).toBeCloseTo(9, 9)
  })

  test('equal vectors have the eccentricity 1/k', () => {
    expect(eccentricity(0, 0, 4)).toBe(0.25)
  })

  test.each([[1, 1.0], [3, 1.01], [100, 1.5], [500, 2.83], [1000, 2.99]])('m(%d) is %d', (total, m) => {
    expect(sigmoidLimit(total)).toBeCloseTo(m, 2)
  })
})

describe('joining clusters', () => {
  test('gives the mean and variance of all their vectors together', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const [one, other] = [direct(a), direct(b)]
        const variance = varianceOfUnion(one.total, one.variance, other.total, other.variance, squared(one.mean, other.mean))
        const all = direct([...a, ...b])
        const size = Math.max(1, ...all.mean.map((m) => m * m), all.variance)
        expect(Math.abs(variance - all.variance) / size).toBeLessThan(1e-9)
      }),
    )
  })

  test('in the store too, and the order of birth of the others is kept', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const store = new ClusterStore(3, 8)
        for (const vectors of [a, [[9, 9, 9]], b, [[7, 7, 7]]]) {
          const cloud = direct(vectors)
          const i = store.add(Float64Array.from(cloud.mean), cloud.total)
          store.setVariance(i, cloud.variance)
        }
        store.merge(0, 2)
        const centerOf = (i: number): number[] => [...store.cells().subarray(store.centerOffset(i), store.centerOffset(i) + 3)]
        expectSame({ mean: centerOf(0), variance: store.variance(0), total: store.weight(0) }, direct([...a, ...b]))
        expect([store.count, centerOf(1), centerOf(2)]).toEqual([3, [9, 9, 9], [7, 7, 7]])
      }),
    )
  })
})
