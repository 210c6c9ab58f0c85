import { expect, test } from 'vitest'
import { maxSamplesPerPane, Samples } from './samples.ts'

test('up to the cap every reading is there', () => {
  const samples = new Samples(1)
  for (let i = 0; i < maxSamplesPerPane; i++) samples.add(i, i * 10)
  expect(samples.length).toBe(maxSamplesPerPane)
  expect([...samples.values.subarray(0, samples.length)]).toEqual(Array.from({ length: maxSamplesPerPane }, (_, i) => i))
  expect(samples.timesMs[17]).toBe(170)
})

test('beyond the cap it is a fair sample, the same for the same seed', () => {
  const fill = (seed: number) => {
    const samples = new Samples(seed)
    for (let i = 0; i < 100_000; i++) samples.add(i, i)
    return samples
  }
  const samples = fill(3)
  expect(samples).toMatchObject({ length: maxSamplesPerPane, seen: 100_000 })
  expect(samples.bytes).toBe(maxSamplesPerPane * 16)
  const mean = samples.values.reduce((a, b) => a + b, 0) / samples.length
  // Standard error of the mean: 100,000 / sqrt(12 * 1,024) = 902.
  expect(Math.abs(mean - 50_000)).toBeLessThan(4 * 902)
  expect(fill(3).values).toEqual(samples.values)
  expect(fill(4).values).not.toEqual(samples.values)
})
