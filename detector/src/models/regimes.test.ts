import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { ClusterStore } from './cluster-store.ts'
import { MacroGraph } from './macro-graph.ts'
import { microClusters } from './micro-clusters.ts'
import type { ClusterEvent, Model } from './model.ts'
import { Regimes } from './regimes.ts'

/** A store with active clusters of variance 1 at these places on a line, each of this weight; two overlap within 4. */
class Line {
  readonly store = new ClusterStore(1, 8)
  readonly graph = new MacroGraph(this.store)
  readonly regimes = new Regimes()

  add(place: number, weight = 10): void {
    const i = this.store.add(Float64Array.of(place), weight)
    this.store.setVariance(i, 1)
    this.store.setActive(i, true)
    this.graph.touch(i)
  }

  move(i: number, place: number): void {
    this.store.cells()[this.store.centerOffset(i)] = place
    this.graph.touch(i)
  }

  /** What has become of them, with centres in tenths. */
  follow(): unknown[] {
    this.graph.refresh()
    return this.regimes.follow(this.store, this.graph, (center) => center.map((x) => x / 10)).map(plain)
  }
}

const plain = ({ kind, from, clusters }: ClusterEvent): unknown => [kind, [...from], ...clusters.map(({ id, weight, center }) => ({ id, weight, center: [...center] }))]

describe('regimes', () => {
  test('are born once, each with its own number, and are not told again while they move', () => {
    const line = new Line()
    line.add(0)
    expect(line.follow()).toEqual([['born', [], { id: 1, weight: 10, center: [0] }]])
    expect(line.follow()).toEqual([])
    line.add(20, 5)
    expect(line.follow()).toEqual([['born', [], { id: 2, weight: 5, center: [2] }]])
    line.move(1, 30)
    expect(line.follow()).toEqual([])
  })

  test('take in a cluster that overlaps them without a word', () => {
    const line = new Line()
    line.add(0)
    line.follow()
    line.add(3)
    expect(line.follow()).toEqual([])
    expect([line.store.label(0), line.store.label(1)]).toEqual([1, 1])
  })

  test('merge where they come to overlap, and the heavier one keeps its number', () => {
    const line = new Line()
    line.add(0, 10)
    line.add(20, 30)
    line.follow()
    line.move(0, 18)
    expect(line.follow()).toEqual([['merged', [1, 2], { id: 2, weight: 40, center: [1.95] }]])
    expect(line.follow()).toEqual([])
  })

  test('merge where one cluster is put into another for want of room', () => {
    const line = new Line()
    line.add(0, 10)
    line.add(20, 30)
    line.follow()
    line.store.merge(0, 1)
    line.graph.remove(1)
    line.graph.touch(0)
    expect(line.follow()).toEqual([['merged', [1, 2], { id: 2, weight: 40, center: [1.5] }]])
  })

  test('split where what held them together is gone, and the heavier part keeps the number', () => {
    const line = new Line()
    line.add(0, 10)
    line.add(3, 1)
    line.add(6, 30)
    expect(line.follow()).toHaveLength(1)
    line.store.remove(1)
    line.graph.remove(1)
    expect(line.follow()).toEqual([['split', [1], { id: 2, weight: 10, center: [0] }, { id: 1, weight: 30, center: [0.6] }]])
    expect(line.follow()).toEqual([])
  })

  test('die with their last active cluster, and are told as they were', () => {
    const line = new Line()
    line.add(0)
    line.add(20, 5)
    line.follow()
    line.store.setActive(1, false)
    expect(line.follow()).toEqual([['died', [2], { id: 2, weight: 5, center: [2] }]])
    expect(line.follow()).toEqual([])
    line.store.setActive(1, true)
    expect(line.follow()).toEqual([['born', [], { id: 3, weight: 5, center: [2] }]])
  })
})

describe('events of microClusters', () => {
  const features = [{ name: 'mean', scale: 'linear' }, { name: 'stddev', scale: 'log' }] as const
  const factory = microClusters({ warmUp: 20, decay: 100, maxClusters: 3 })

  /** A level that jumps among six places and lasts there for some time. */
  const vectors = (() => {
    const uniform = mulberry32(5)
    let level = 0
    return Array.from({ length: 4_000 }, (_, i) => {
      if (i % 90 === 89) level = Math.floor(uniform() * 6) * 30
      return Float64Array.of(20 + level + gaussian(uniform), 1 + 0.1 * gaussian(uniform))
    })
  })()

  function feed(model: Model, from: number, to: number): unknown[] {
    const events: unknown[] = []
    for (let i = from; i < to; i++) {
      const score = model.score(vectors[i]!)
      model.learn(vectors[i]!, score !== undefined && score.value > 1 ? 0.1 : 1, (event) => events.push([i, ...(plain(event) as unknown[])]))
    }
    return events
  }

  test('account for every regime: whoever merges, splits or dies was there, and nobody is born twice', () => {
    const events = feed(factory.create(features, 1), 0, vectors.length) as [number, ClusterEvent['kind'], number[], ...{ id: number; weight: number; center: number[] }[]][]
    const alive = new Set<number>()
    const seen = new Set<number>()
    for (const [, kind, from, ...clusters] of events) {
      for (const id of from) expect(alive.has(id)).toBe(true)
      for (const id of from) alive.delete(id)
      if (kind === 'died') continue
      for (const { id, weight, center } of clusters) {
        expect(from.includes(id) || !seen.has(id)).toBe(true)
        expect(weight).toBeGreaterThan(0)
        // What is not visited moves with the common trend, so it may leave the range of the levels for a while.
        expect(center[0]).toBeGreaterThan(-100)
        expect(center[0]).toBeLessThan(300)
        alive.add(id)
        seen.add(id)
      }
    }
    expect(events[0]!.slice(0, 2)).toEqual([20, 'born'])
    expect(new Set(events.map(([, kind]) => kind))).toEqual(new Set(['born', 'merged', 'split', 'died']))
    expect(alive.size).toBeGreaterThan(0)
  })

  test('follow from the vectors alone, through snapshots at any vector', () => {
    const whole = feed(factory.create(features, 1), 0, vectors.length)
    let model = factory.create(features, 1)
    const events: unknown[] = []
    for (let from = 0; from < vectors.length; from += 37) {
      model = factory.restore(features, structuredClone(model.snapshot()))
      events.push(...feed(model, from, Math.min(from + 37, vectors.length)))
    }
    expect(events).toEqual(whole)
  })

  test('change no score, and leave nothing in the snapshot of a model that tells nobody', () => {
    const [told, untold] = [factory.create(features, 1), factory.create(features, 1)]
    for (const x of vectors.slice(0, 500)) {
      expect(told.score(x)?.value).toBe(untold.score(x)?.value)
      told.learn(x, 1, () => {})
      untold.learn(x, 1)
    }
    expect(untold.snapshot().state).not.toHaveProperty('regimes')
    expect(told.snapshot().state).toMatchObject(untold.snapshot().state as object)
  })
})
