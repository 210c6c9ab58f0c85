import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { checkModel } from '../testing/check-model.ts'
import { ensemble } from './ensemble.ts'
import { halfSpaceTrees } from './half-space-trees.ts'
import { microClusters } from './micro-clusters.ts'
import type { FeatureDescriptor, Model, ModelFactory } from './model.ts'
import { robustZScore } from './robust-z-score.ts'

const three = [microClusters(), robustZScore(), halfSpaceTrees()]

checkModel('ensemble, Mean', ensemble(three), 10_000)
checkModel('ensemble, Consensus', ensemble(three, 'Consensus'), 10_000)
checkModel('ensemble of members with other warm-ups', ensemble([robustZScore({ warmUp: 12 }), halfSpaceTrees({ warmUp: 40 })]), 5_000)

const features: FeatureDescriptor[] = ['a', 'b', 'c'].map((name) => ({ name, scale: 'linear' }))

function taught(model: Model, count: number, seed = 1): Model {
  const uniform = mulberry32(seed)
  for (let i = 0; i < count; i++) model.learn(Float64Array.from(features, () => gaussian(uniform)), 1)
  return model
}

describe('an ensemble', () => {
  test('flags no more of a normal stream than its members\' boundary allows', () => {
    for (const mode of ['Mean', 'Consensus'] as const) {
      let flagged = 0
      for (let key = 0; key < 5; key++) {
        const uniform = mulberry32(key)
        const model = ensemble([microClusters(), halfSpaceTrees()], mode).create(features, key)
        for (let i = 0; i < 1200; i++) {
          const x = Float64Array.from(features, () => gaussian(uniform))
          const isAnomaly = (model.score(x)?.value ?? 0) > 1
          if (isAnomaly) flagged++
          model.learn(x, isAnomaly ? 0.1 : 1)
        }
      }
      expect(flagged).toBeLessThan(9)
    }
  })

  test('in consensus is no more anomalous than in the mean, and both are where all agree', () => {
    const [mean, consensus] = (['Mean', 'Consensus'] as const).map((mode) => taught(ensemble(three, mode).create(features, 1), 300)) as [Model, Model]
    for (const size of [0, 2, 4, 6, 12]) {
      const x = Float64Array.of(size, 0, 0)
      expect(consensus.score(x)!.value).toBeLessThanOrEqual(mean.score(x)!.value)
    }
    expect(consensus.score(Float64Array.of(30, 30, 30))!.value).toBeGreaterThan(1)
  })

  test('blames the feature that its members blame, and expects what the first of them expects that does', () => {
    const model = taught(ensemble([halfSpaceTrees(), robustZScore(), microClusters()]).create(features, 1), 300)
    const alone = taught(robustZScore().create(features, 1), 300)
    const x = Float64Array.of(0, 20, 0)
    const { value, contributions, expected } = model.score(x)!
    expect(contributions[1]! / value).toBeGreaterThan(0.6)
    expect(expected).toEqual(alone.score(x)!.expected)
    expect(taught(ensemble([halfSpaceTrees(), halfSpaceTrees({ trees: 5 })]).create(features, 1), 60).score(x)!.expected).toBeUndefined()
  })

  test('a member that says 0 of all but a few finds nothing beyond all measure', () => {
    // Its value is the first feature, as it comes.
    const saying: ModelFactory = {
      kind: 'saying',
      create: () => ({
        isReady: () => true,
        progress: () => ({ learned: 1, needed: 1 }),
        score: (x) => ({ value: x[0]!, raw: x[0]!, contributions: Float64Array.from(x), expected: undefined }),
        learn: () => {},
        snapshot: () => ({ kind: 'saying', version: 1, state: null }),
      }),
      restore: () => {
        throw new Error('not restored here')
      },
    }
    const model = ensemble([saying, saying]).create(features, 1)
    for (let i = 0; i < 200; i++) model.learn(Float64Array.of(0, 0, 0), 1)
    expect(model.score(Float64Array.of(0, 0, 0))!.value).toBe(0)
    expect(model.score(Float64Array.of(0.1, 0, 0))!.value).toBeLessThan(1)
    expect(model.score(Float64Array.of(1, 0, 0))!.value).toBeGreaterThan(1)
    expect(model.score(Float64Array.of(1, 0, 0))!.value).toBeLessThan(5)
  })

  test('members of one kind have seeds of their own', () => {
    const { state } = taught(ensemble([halfSpaceTrees(), halfSpaceTrees()]).create(features, 1), 60).snapshot() as { state: { members: { model: { state: { variant: number } } }[] } }
    expect(new Set(state.members.map(({ model }) => model.state.variant)).size).toBe(2)
  })

  test('is refused with one member, with nine, or with an ensemble among them', () => {
    expect(() => ensemble([microClusters()])).toThrow('ensemble: 1 members, not 2 to 8')
    expect(() => ensemble(Array.from({ length: 9 }, () => microClusters()))).toThrow('ensemble: 9 members, not 2 to 8')
    expect(() => ensemble([microClusters(), ensemble(three)])).toThrow('ensemble: a member is an ensemble: write its members instead')
  })

  test('refuses the snapshot of one of other members', () => {
    const snapshot = ensemble(three).create(features, 1).snapshot()
    expect(() => ensemble(three.slice(1)).restore(features, snapshot)).toThrow('cannot read a snapshot of an ensemble of microClusters, robustZScore, halfSpaceTrees: this one is of robustZScore, halfSpaceTrees')
    expect(() => ensemble(three.toReversed()).restore(features, snapshot)).toThrow('cannot read a model snapshot of kind microClusters version 1: this is halfSpaceTrees version 1')
  })
})
