import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { gaussian, mulberry32 } from '@tidewatch/kit'
import { openNetwork } from '../inference/open-network.ts'
import { checkModel } from '../testing/check-model.ts'
import { writeTinyNetwork } from '../testing/tiny-network.ts'
import { autoencoder } from './autoencoder.ts'
import type { Network } from './autoencoder/network.ts'

const names = ['mean', 'stddev', 'min', 'max', 'count', 'range']
const path = writeTinyNetwork(names, 20)
afterAll(() => rmSync(dirname(path), { recursive: true }))
const network = openNetwork(path, 20)

checkModel('autoencoder', autoencoder(network), 20_000)

const features = [{ name: 'a', scale: 'linear' }, { name: 'b', scale: 'linear' }] as const
/** Reconstructs everything as it is, but for the last vector's first feature: that as 0. */
const blind: Network = {
  calibration: { version: 1, sequence: 4, features: ['b', 'a'], limits: { last: 1, sequence: 1 }, quantile: 0.999, trainedOn: { sequences: 0, validation: 0, source: 'none' } },
  reconstruct: (input, output) => {
    output.set(input)
    output[6] = 0
  },
}

function taught(): ReturnType<ReturnType<typeof autoencoder>['create']> {
  const model = autoencoder(blind).create(features, 1)
  const uniform = mulberry32(3)
  for (let i = 0; i < 200; i++) model.learn(Float64Array.of(10 + gaussian(uniform), 50 + 2 * gaussian(uniform)), 1)
  return model
}

test('the error, its feature and what was expected are those of the network, in the vector\'s own units', () => {
  const model = taught()
  // The network orders the features as b, a: its first is the vector's second.
  const far = model.score(Float64Array.of(10, 70))!
  expect(far.contributions[0]).toBeCloseTo(0, 9)
  expect(far.contributions[1]).toBeCloseTo(far.value, 9)
  expect(far.value).toBeGreaterThan(3)
  expect(far.expected![0]).toBeCloseTo(10, 6)
  expect(Math.abs(far.expected![1]! - 50)).toBeLessThan(4)
  expect(model.score(Float64Array.of(12, far.expected![1]!))!.value).toBeCloseTo(0, 6)
})

test('a vector judged anomalous does not move what is expected; one that lasts does in the end', () => {
  const model = taught()
  const before = model.score(Float64Array.of(10, 50))!.expected![1]!
  for (let i = 0; i < 9; i++) model.learn(Float64Array.of(10, 80), 0.1)
  expect(Math.abs(model.score(Float64Array.of(10, 50))!.expected![1]! - before)).toBeLessThan(4)
  for (let i = 0; i < 60; i++) model.learn(Float64Array.of(10, 80), 0.1)
  expect(model.score(Float64Array.of(10, 80))!.value).toBeLessThan(3)
})

test('vectors of other features than the network\'s are refused, and the sentence names both', () => {
  expect(() => autoencoder(blind).create([features[0], { name: 'c', scale: 'linear' }], 1)).toThrow(
    'The autoencoder was trained for vectors of b, a; those of this pipeline hold a, c. Name the same features, with groupBy: DeviceAndMetric, or train a network for these (docs/concepts/models.md).',
  )
})

test.each([[5], [49], [120], [300]])('progress tells how many vectors it needs after a warm-up of %d', (warmUp) => {
  const model = autoencoder({ ...blind, calibration: { ...blind.calibration, sequence: 50 }, reconstruct: (input, output) => output.set(input) }, { warmUp }).create(features, 1)
  const { needed } = model.progress()
  for (let i = 0; i < needed; i++) {
    expect(model.isReady()).toBe(false)
    model.learn(Float64Array.of(i % 7, i % 5), 1)
  }
  expect(model.isReady()).toBe(true)
})
