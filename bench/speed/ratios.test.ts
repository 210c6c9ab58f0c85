import { expect, test } from 'vitest'
import { entrants, idOf } from './entrants.ts'
import { computeRatios, ratioSpecs, spreadOf } from './ratios.ts'

test('each ratio is taken within a round and spread over the rounds', () => {
  const rounds = [
    new Map([['tidewatch/AtLeastOnce/1', 100], ['flink/AtLeastOnce/1', 50], ['bare-loop/None/1', 400]]),
    // A slow moment of the machine: both are half as fast, the ratio stays.
    new Map([['tidewatch/AtLeastOnce/1', 50], ['flink/AtLeastOnce/1', 25]]),
    new Map([['tidewatch/AtLeastOnce/1', 120], ['flink/AtLeastOnce/1', 40], ['bare-loop/None/1', 300]]),
  ]
  const ratios = new Map([...computeRatios(rounds)].map(([{ name }, ratio]) => [name, ratio]))
  expect(ratios).toEqual(new Map([['flink', { min: 2, median: 2, max: 3 }], ['bare-loop', { min: 0.25, median: 0.325, max: 0.4 }]]))
})

test('the median of an even number lies between the middle two, whatever their order', () => {
  expect(spreadOf([8, 1, 4, 2])).toEqual({ min: 1, median: 3, max: 8 })
  expect(spreadOf([5])).toEqual({ min: 5, median: 5, max: 5 })
})

test('ratios are of contenders that there are, each under a name of its own', () => {
  const ids = entrants.map(idOf)
  expect(ratioSpecs.flatMap(({ of, to }) => [of, to]).filter((id) => !ids.includes(id))).toEqual([])
  expect(new Set(ratioSpecs.map(({ name }) => name)).size).toBe(ratioSpecs.length)
})
