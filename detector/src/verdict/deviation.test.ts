import { describe, expect, test } from 'vitest'
import { computeDeviation, findLocations } from './deviation.ts'
import { checkDeviation, type Rules } from './rules.ts'

const none: ReadonlySet<string> = new Set()

describe('the components that say where values lie', () => {
  test('are mean, min, max, median, p95 and last of each metric; spreads, counts, slopes and rhythms are not', () => {
    const features = ['mean', 'stddev', 'min', 'max', 'count', 'range', 'median', 'p95', 'slope', 'last', 'delta', 'rate', 'zeroCrossings', 'distinct'] as const
    expect(findLocations({ metrics: ['t'], features, categories: none }).map((i) => features[i])).toEqual(['mean', 'min', 'max', 'median', 'p95', 'last'])
    expect(findLocations({ metrics: ['a', 'b'], features: ['stddev', 'mean', 'last'], categories: none })).toEqual([1, 2, 4, 5])
    expect(findLocations({ metrics: ['a', 'b'], features: ['stddev'], categories: none })).toEqual([])
  })

  test('without a window are the values, but not the categories', () => {
    expect(findLocations({ metrics: ['a', 'state=on', 'state=off', 'b'], features: undefined, categories: new Set(['state=on', 'state=off']) })).toEqual([0, 3])
    expect(findLocations({ metrics: ['a', 'state=on'], features: ['mean', 'count'], categories: new Set(['state=on']) })).toEqual([0])
  })
})

describe('the deviation of a vector', () => {
  // mean, stddev, max
  const expected = Float64Array.of(20, 0.5, 21)
  const deviationOf = (x: number[], contributions: number[], locations = [0, 2]) => computeDeviation(locations, Float64Array.from(x), { contributions: Float64Array.from(contributions), expected })

  test.each<[string, number[], number[], number | undefined]>([
    ['is that of the location with the largest contribution', [20.1, 0.5, 25], [0.2, 0, 3], 4],
    ['is negative below', [18, 0.5, 21], [2, 0.1, 0.3], -2],
    ['is that of a location also where a spread contributes more', [20.1, 3, 25], [0.2, 5, 3], 4],
    ['is none where the spread alone is unusual', [20.1, 3, 21.2], [0.2, 5, 0.4], undefined],
    ['is none where nothing contributes', [20, 0.5, 21], [0, 0, 0], undefined],
    ['is that of the first of two alike', [22, 0.5, 18], [1, 0, 1], 2],
    ['may stand beside a contribution without bound', [20, 9, 25], [0, Infinity, 3], undefined],
    ['may have a contribution without bound', [20, 9, 25], [1, 2, Infinity], 4],
  ])('%s', (_, x, contributions, deviation) => {
    expect(deviationOf(x, contributions)).toBe(deviation)
  })

  test('is none of a vector without locations, nor of a model that expects nothing', () => {
    expect(deviationOf([25, 0.5, 26], [3, 0, 0], [])).toBeUndefined()
    expect(computeDeviation([0], Float64Array.of(25), { contributions: Float64Array.of(3), expected: undefined })).toBeUndefined()
  })
})

test.each<[Partial<Rules>, number | undefined, string | undefined]>([
  [{ direction: 'Above' }, 3, undefined],
  [{ direction: 'Above' }, -3, 'direction'],
  [{ direction: 'Below' }, 3, 'direction'],
  [{ direction: 'Below' }, -3, undefined],
  [{ direction: 'Above' }, 0, 'direction'],
  [{ direction: 'Above' }, undefined, 'direction'],
  [{ minDeviation: 2 }, 2, undefined],
  [{ minDeviation: 2 }, -2, undefined],
  [{ minDeviation: 2 }, 1.9, 'minDeviation'],
  [{ minDeviation: 2 }, undefined, 'minDeviation'],
  [{ direction: 'Above', minDeviation: 2 }, -5, 'direction'],
  [{ direction: 'Above', minDeviation: 2 }, 1, 'minDeviation'],
  [{ direction: 'Above', minDeviation: 2 }, 5, undefined],
  [{}, undefined, undefined],
])('by %j a deviation of %s is held back by %s', (rules, deviation, heldBack) => {
  expect(checkDeviation({ direction: 'Both', minDeviation: 0, consecutive: 1, suppressForMs: 0, ...rules }, deviation)).toBe(heldBack)
})
