import { expect, test } from 'vitest'
import { createFactories } from './factories.ts'
import { defaultMembers } from './models/registry.ts'

const threshold = { score: 1 }
const features = [{ name: 'mean', scale: 'linear' }] as const

/** The kinds and needed vectors of an ensemble's members, as its snapshot tells them. */
function membersOf(model: Parameters<typeof createFactories>[0]['model']): string[] {
  const { state } = createFactories({ model, threshold }).models.create(features, 1).snapshot() as { state: { members: { model: { kind: string } }[] } }
  return state.members.map((member) => member.model.kind)
}

test('a model is made with the parameters of the configuration', () => {
  const { models } = createFactories({ model: { kind: 'robustZScore', parameters: { warmUp: 7 } }, threshold })
  expect(models.kind).toBe('robustZScore')
  expect(models.create(features, 1).progress()).toEqual({ learned: 0, needed: 7 })
})

test('an ensemble is made of its members, each with its own parameters', () => {
  const members = [{ kind: 'robustZScore' as const, parameters: { warmUp: 7 } }, { kind: 'microClusters' as const, parameters: { warmUp: 9 } }]
  const { models } = createFactories({ model: { kind: 'ensemble', parameters: { mode: 'Consensus', members } }, threshold })
  expect(models.create(features, 1).progress()).toEqual({ learned: 0, needed: 9 })
  expect(membersOf({ kind: 'ensemble', parameters: { members } })).toEqual(['robustZScore', 'microClusters'])
})

test('without members an ensemble has those of the detector', () => {
  expect(membersOf({ kind: 'ensemble', parameters: {} })).toEqual([...defaultMembers])
})

test('a member\'s parameter outside its range is refused by name', () => {
  const members = [{ kind: 'robustZScore' as const, parameters: { window: 7 } }, { kind: 'microClusters' as const, parameters: {} }]
  expect(() => createFactories({ model: { kind: 'ensemble', parameters: { members } }, threshold })).toThrow('robustZScore: window is 7, not in 8 to 10000')
})
