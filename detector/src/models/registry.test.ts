import { expect, test } from 'vitest'
import { modelFactories } from './registry.ts'

test('each model is registered under its own kind, and an undefined parameter is the default', () => {
  for (const [name, make] of Object.entries(modelFactories)) {
    expect(make({ warmUp: undefined }).kind).toBe(name)
    expect(make().create([{ name: 'mean', scale: 'linear' }], 1).progress()).toEqual({ learned: 0, needed: name === 'discord' ? 128 : 30 })
  }
})

test('a parameter outside its range is refused by name', () => {
  expect(() => modelFactories.microClusters({ maxClusters: 1 })).toThrow('microClusters: maxClusters is 1, not in 2 to 256')
  expect(() => modelFactories.robustZScore({ window: 7 })).toThrow('robustZScore: window is 7, not in 8 to 10000')
})
