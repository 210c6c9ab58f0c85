import type { DetectorConfig } from '@tidewatch/api'
import { describe, expect, test } from 'vitest'
import type { FeatureDescriptor, Model, ModelFactory } from '../models/model.ts'
import { aConfig } from '../testing/a-config.ts'
import { plainThreshold } from '../testing/plain-model.ts'
import { Group } from '../window/group.ts'
import { Aggregate } from '../window/aggregate.ts'
import { GroupMemory } from './group-memory.ts'
import { anomalousWeight, Judge } from './judge.ts'
import { layoutPolicy } from './layout.ts'

/** A model that writes down what it is told; it scores by the first component and is ready after two vectors. */
class Diary implements Model {
  readonly features: readonly FeatureDescriptor[]
  readonly seed: number
  readonly told: { x: number[]; weight: number }[] = []

  constructor(features: readonly FeatureDescriptor[], seed: number) {
    this.features = features
    this.seed = seed
  }

  isReady() {
    return this.told.length >= 2
  }

  progress() {
    return { learned: this.told.length, needed: 2 }
  }

  score(x: Float64Array) {
    return this.isReady() ? { value: x[0]!, raw: x[0]!, contributions: x.map((value, i) => (i === 0 ? value : 0)), expected: new Float64Array(x.length) } : undefined
  }

  learn(x: Float64Array, weight: number) {
    this.told.push({ x: [...x], weight })
  }

  snapshot() {
    return { kind: 'diary', version: 1, state: null }
  }
}

function setUp(given: Partial<DetectorConfig> = {}) {
  const diaries: Diary[] = []
  const factory: ModelFactory = {
    kind: 'diary',
    create: (features, seed) => {
      const diary = new Diary(features, seed)
      diaries.push(diary)
      return diary
    },
    restore: () => {
      throw new Error('not used')
    },
  }
  const unexpected: number[] = []
  const judge = new Judge(aConfig({ features: ['mean', 'count'], warmUp: 3, ...given }), factory, plainThreshold().create(), (values) => unexpected.push(values))
  const groups = new Map<string, Group<GroupMemory>>()
  /** Judges a window with these means (one reading each). */
  const window = (device: string, means: Record<string, number>, options: { metric?: string; type?: string; isComplete?: boolean; endMs?: number } = {}) => {
    const { metric, type, isComplete = true, endMs = 60_000 } = options
    const key = `${device}/${metric ?? ''}`
    const group = groups.get(key) ?? new Group<GroupMemory>(groups.size, device, metric)
    groups.set(key, group)
    group.memory ??= new GroupMemory()
    group.deviceType = type
    for (const name of Object.keys(means)) group.seriesOf(name, 0)
    const aggregates = group.seriesNames.map((name) => Object.assign(new Aggregate(), name in means ? { count: 1, mean: means[name] } : {}))
    return judge.judgeWindow({ group, startMs: endMs - 60_000, endMs, aggregates, isComplete })
  }
  return { judge, window, diaries, unexpected, groups }
}

const single = { groupBy: 'DeviceAndMetric' } as const

describe('a model', () => {
  test('learns for the warm-up, then is asked before it learns', () => {
    const { window, diaries } = setUp(single)
    const results = [0.1, 0.2, 0.3, 0.4].map((mean) => window('d', { t: mean }, { metric: 't' }))
    expect(results.slice(0, 3)).toEqual(['warming', 'warming', 'warming'])
    expect(results[3]).toMatchObject({ score: { value: 0.4 }, threshold: 1, isAnomaly: false })
    expect(diaries[0]!.told.map(({ x, weight }) => [x, weight])).toEqual([[[0.1, 1], 1], [[0.2, 1], 1], [[0.3, 1], 1], [[0.4, 1], 1]])
  })

  test('learns little from what is anomalous', () => {
    const { window, diaries } = setUp(single)
    for (const mean of [0, 0, 0]) window('d', { t: mean }, { metric: 't' })
    expect(window('d', { t: 7 }, { metric: 't' })).toMatchObject({ isAnomaly: true })
    expect(diaries[0]!.told.at(-1)).toEqual({ x: [7, 1], weight: anomalousWeight })
  })

  test('that is not ready after the warm-up goes on warming', () => {
    const { window } = setUp({ ...single, warmUp: 1 })
    expect([1, 2, 3].map(() => typeof window('d', { t: 0 }, { metric: 't' }))).toEqual(['string', 'string', 'object'])
  })

  test('never hears of an incomplete window', () => {
    const { window, diaries } = setUp(single)
    expect(window('d', { t: 1 }, { metric: 't', isComplete: false })).toBe('incomplete')
    expect(diaries).toEqual([])
  })

  test('has a seed of its key, the same whoever came first', () => {
    const one = setUp(single)
    const other = setUp(single)
    for (const device of ['a', 'b']) one.window(device, { t: 1 }, { metric: 't' })
    for (const device of ['b', 'a']) other.window(device, { t: 1 }, { metric: 't' })
    expect(one.diaries.map(({ seed }) => seed)).toEqual(other.diaries.map(({ seed }) => seed).reverse())
    expect(one.diaries[0]!.seed).not.toBe(one.diaries[1]!.seed)
    const reseeded = setUp({ ...single, seed: 2 })
    reseeded.window('a', { t: 1 }, { metric: 't' })
    expect(reseeded.diaries[0]!.seed).not.toBe(one.diaries[0]!.seed)
  })
})

describe('what is told of what scores above the threshold', () => {
  /** The score is the mean, and 0 is expected. */
  const outcomesOf = (rules: Partial<DetectorConfig>, means: number[]) => {
    const { window, diaries } = setUp({ ...single, features: ['mean', 'count'], ...rules })
    const results = [0, 0, 0, ...means].map((mean, i) => window('d', { t: mean }, { metric: 't', endMs: (i + 1) * 60_000 }))
    const outcomes = results.flatMap((result) => (typeof result === 'string' ? [] : [result.heldBack ?? (result.isAnomaly ? 'told' : 'normal')]))
    return { outcomes, weights: diaries[0]!.told.slice(3).map(({ weight }) => weight) }
  }

  test.each<[Partial<DetectorConfig>, number[], string[]]>([
    [{}, [0.5, 2, 2], ['normal', 'told', 'told']],
    [{ direction: 'Above' }, [0.5, 2], ['normal', 'told']],
    [{ direction: 'Below' }, [0.5, 2], ['normal', 'direction']],
    [{ minDeviation: 3 }, [2, 4], ['minDeviation', 'told']],
    [{ consecutive: 2 }, [2, 0.5, 2, 2, 2], ['consecutive', 'normal', 'consecutive', 'told', 'told']],
    [{ suppressForMs: 120_000 }, [2, 2, 2, 2], ['told', 'suppressFor', 'told', 'suppressFor']],
    // What lies where nobody asks for it does not count for a row.
    [{ consecutive: 2, minDeviation: 3 }, [4, 2, 4, 4], ['consecutive', 'minDeviation', 'consecutive', 'told']],
  ])('%j: %j is %j', (rules, means, outcomes) => {
    expect(outcomesOf(rules, means).outcomes).toEqual(outcomes)
  })

  test.each<[Partial<DetectorConfig>]>([[{}], [{ direction: 'Below' }], [{ minDeviation: 9 }], [{ consecutive: 9 }], [{ suppressForMs: 9e9 }]])('%j: models learn little of it all the same', (rules) => {
    expect(outcomesOf(rules, [0.5, 2, 2, 0.5]).weights).toEqual([1, anomalousWeight, anomalousWeight, 1])
  })

  test('is a matter of each group, also where they share a model', () => {
    const { window } = setUp({ ...single, scope: 'All', consecutive: 2 })
    for (const device of ['a', 'b', 'a']) window(device, { t: 0 }, { metric: 't' })
    expect(['a', 'b', 'a', 'b'].map((device) => window(device, { t: 2 }, { metric: 't' }))).toMatchObject([{ isAnomaly: false }, { isAnomaly: false }, { isAnomaly: true }, { isAnomaly: true }])
  })
})

describe('scope', () => {
  test.each([
    ['Device', 4],
    ['DeviceType', 2],
    ['All', 1],
  ] as const)('%s makes %i models of four devices of two types', (scope, count) => {
    const { window, diaries } = setUp({ scope, groupBy: 'DeviceAndMetric' })
    for (const device of ['a', 'b', 'c', 'd']) window(device, { t: 1 }, { metric: 't', type: device < 'c' ? 'x' : 'y' })
    expect(diaries).toHaveLength(count)
  })

  test('All keeps one model for each metric: a temperature teaches nothing about a pressure', () => {
    const { window, diaries } = setUp({ scope: 'All', groupBy: 'DeviceAndMetric' })
    for (const metric of ['t', 'p']) for (const device of ['a', 'b']) window(device, { [metric]: 1 }, { metric })
    expect(diaries.map(({ told }) => told.length)).toEqual([2, 2])
  })

  test('a device whose type changes goes to the model of its new type', () => {
    const { window, diaries } = setUp({ scope: 'DeviceType', groupBy: 'DeviceAndMetric' })
    for (const type of ['x', 'y', 'y']) window('a', { t: 1 }, { metric: 't', type })
    expect(diaries.map(({ told }) => told.length)).toEqual([1, 2])
  })

  test('shared models that nobody used are dropped', () => {
    const { window, diaries, judge, groups } = setUp({ scope: 'DeviceType', groupBy: 'DeviceAndMetric' })
    window('a', { t: 1 }, { metric: 't', type: 'x' })
    groups.clear()
    judge.store.forgetUnusedSince(60_001)
    window('a', { t: 1 }, { metric: 't', type: 'x' })
    expect(diaries).toHaveLength(2)
  })
})

describe('the layout of a device with several metrics in long form', () => {
  test('is what was seen in the warm-up, in alphabetical order; what waited is learned then', () => {
    const { window, diaries } = setUp()
    window('d', { t: 1, p: 2 })
    window('d', { p: 3 })
    expect(diaries).toEqual([])
    expect(window('d', { t: 5, p: 6 })).toBe('warming')
    expect(diaries[0]!.features.map(({ name }) => name)).toEqual(['p.mean', 'p.count', 't.mean', 't.count'])
    // The second window lacked t.
    expect(diaries[0]!.told.map(({ x }) => x)).toEqual([[2, 1, 1, 1], [6, 1, 5, 1]])
  })

  test('is kept: a window that lacks a metric is incomplete, a new metric is counted and ignored', () => {
    const { window, diaries, unexpected } = setUp()
    for (let i = 0; i < 3; i++) window('d', { t: 0, p: 0 })
    expect(window('d', { t: 0 })).toBe('incomplete')
    expect(window('d', { t: 0, p: 0, q: 9 })).toMatchObject({ isAnomaly: false })
    expect(unexpected).toEqual([1])
    expect(diaries[0]!.told.at(-1)!.x).toHaveLength(4)
  })

  test('of a single metric names its features by themselves', () => {
    const { window, diaries } = setUp()
    for (let i = 0; i < 3; i++) window('d', { t: 1 })
    expect(diaries[0]!.features.map(({ name }) => name)).toEqual(['mean', 'count'])
  })

  test('is fixed by `only`, from the first window on', () => {
    const { window, diaries } = setUp({ reading: { metric: { name: '$.m', value: '$.v', only: ['t', 'p'] }, categories: [] } })
    window('d', { p: 1, t: 2 })
    expect(diaries[0]!.features.map(({ name }) => name)).toEqual(['t.mean', 't.count', 'p.mean', 'p.count'])
    expect(diaries[0]!.told[0]!.x).toEqual([2, 1, 1, 1])
  })
})

describe('where a vector\'s metrics come from', () => {
  const reading = (given: object) => ({ categories: [], ...given }) as DetectorConfig['reading']
  const category = { name: 'kind', path: '$.k', values: ['x', 'y'] }
  const none = { kind: 'none' } as const
  const sliding = { kind: 'sliding', sizeMs: 60, slideMs: 10 } as const
  test.each([
    ['wide values', reading({ values: [{ name: 'a', path: '$.a' }], categories: [category] }), sliding, 'Device', { kind: 'fixed', metrics: ['a', 'kind=x', 'kind=y'] }],
    ['categories alone', reading({ categories: [category] }), none, 'Device', { kind: 'fixed', metrics: ['kind=x', 'kind=y'] }],
    ['all numbers', reading({ allNumbers: { except: [] } }), none, 'Device', { kind: 'first' }],
    ['long form', reading({ metric: { name: '$.m', value: '$.v' } }), sliding, 'Device', { kind: 'learned', windows: 30 }],
    ['long form of known metrics', reading({ metric: { name: '$.m', value: '$.v', only: ['a'] } }), sliding, 'Device', { kind: 'fixed', metrics: ['a'] }],
    ['each metric by itself', reading({ metric: { name: '$.m', value: '$.v' } }), sliding, 'DeviceAndMetric', { kind: 'ofGroup' }],
    ['long form without a window', reading({ metric: { name: '$.m', value: '$.v' } }), none, 'Device', { kind: 'first' }],
  ] as const)('%s', (_, mapping, window, groupBy, expected) => {
    expect(layoutPolicy({ reading: mapping, window, groupBy, warmUp: 30 })).toEqual(expected)
  })
})

test('a feature that is no number leaves its window unjudged', () => {
  const { window, diaries } = setUp(single)
  expect(window('d', { t: Infinity }, { metric: 't' })).toBe('incomplete')
  expect(diaries[0]!.told).toEqual([])
})
