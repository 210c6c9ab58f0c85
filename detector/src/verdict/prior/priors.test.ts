import { expect, test } from 'vitest'
import type { Layout } from '../model-store.ts'
import { leastDonors } from './cohort.ts'
import { planPrior, Priors } from './priors.ts'

const aLayout = (...metrics: string[]): Layout => ({ key: JSON.stringify(metrics), metrics, features: metrics.map((name) => ({ name, scale: 'linear' })), names: metrics, locations: [], vector: new Float64Array(metrics.length) })

test.each([
  [9, { own: 8, rows: 32 }],
  [30, { own: 10, rows: 32 }],
  [96, { own: 32, rows: 96 }],
])('of a warm-up of %i vectors a third, and at least eight, is the device\'s own', (warmUp, lengths) => {
  expect(planPrior(warmUp)).toEqual(lengths)
})

test.each([1, 8, 97, 100_000])('a warm-up of %i vectors is left as it is', (warmUp) => {
  expect(planPrior(warmUp)).toBeUndefined()
})

test('each type, and each make-up of vectors, is a cohort of its own; no type is one, too', () => {
  const priors = new Priors(planPrior(30)!)
  const [one, two] = [aLayout('a'), aLayout('a', 'b')]
  for (let device = 0; device < leastDonors; device++) for (let i = 0; i < 32; i++) priors.record(one, 'pump', `d${device}`, i)
  priors.record(one, undefined, 'd', 5)
  priors.record(two, 'pump', 'd', 5)
  const state = priors.toState()
  expect(state.map(({ deviceType, layoutKey, donors }) => [deviceType, layoutKey, donors?.length])).toEqual([['pump', '["a"]', leastDonors], [null, '["a"]', 0], ['pump', '["a","b"]', 0]])
  expect([priors.find('["a"]', 'pump')?.isReady, priors.find('["a"]', undefined)?.isReady, priors.find('["b"]', 'pump')]).toEqual([true, false, undefined])
  const copy = new Priors(planPrior(30)!)
  copy.load(state, (key) => aLayout(...(JSON.parse(key) as string[])))
  expect(copy.toState()).toEqual(state)
})

test('there are 64 cohorts at most, and those that nobody has learned by since are forgotten', () => {
  const priors = new Priors(planPrior(30)!)
  for (let type = 0; type < 70; type++) priors.record(aLayout('a'), `t${type}`, 'd', type)
  expect(priors.toState().map(({ deviceType }) => deviceType)).toEqual(Array.from({ length: 64 }, (_, type) => `t${type}`))
  priors.forgetUnusedSince(60)
  expect(priors.toState().map(({ deviceType }) => deviceType)).toEqual(['t60', 't61', 't62', 't63'])
  priors.record(aLayout('b'), 'new', 'd', 61)
  expect(priors.toState()).toHaveLength(5)
})

test('an increment leaves out donors that were there before, and only those', () => {
  const priors = new Priors(planPrior(30)!)
  const layout = aLayout('a')
  const donate = (type: string, device: string, endMs: number) => {
    for (let i = 0; i < 32; i++) priors.record(layout, type, device, endMs)
  }
  donate('pump', 'd0', 1)
  donate('fan', 'd0', 1)
  donate('old', 'd0', 0)
  const full = priors.toState()
  const since = priors.changes
  priors.record(layout, 'pump', 'd1', 2)
  donate('fan', 'd1', 2)
  // Forgotten, and begun anew.
  priors.forgetUnusedSince(1)
  priors.record(layout, 'old', 'd1', 2)
  const increment = priors.toState(since)
  expect(increment.map(({ deviceType, donors }) => [deviceType, donors?.length])).toEqual([['pump', undefined], ['fan', 2], ['old', 0]])
  const copy = new Priors(planPrior(30)!)
  for (const state of [full, increment]) copy.load(state, () => layout)
  expect(copy.toState()).toEqual(priors.toState())
})
