import { mulberry32 } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { fitParetoTail, tailQuantile } from './generalized-pareto.ts'

function draws(shape: number, scale: number, count: number): Float64Array {
  const uniform = mulberry32(3)
  return Float64Array.from({ length: count }, () => tailQuantile({ shape, scale }, 1 - uniform()))
}

function logLikelihood(peaks: Float64Array, shape: number, scale: number): number {
  let sum = -peaks.length * Math.log(scale)
  for (const y of peaks) sum -= shape === 0 ? y / scale : (1 + 1 / shape) * Math.log1p((shape * y) / scale)
  // Beyond the end of a bounded tail a peak is impossible.
  return Number.isNaN(sum) ? -Infinity : sum
}

test.each([-0.3, -0.1, 0, 0.2, 0.5])('finds the shape %d and scale again that peaks were drawn from', (shape) => {
  const fit = fitParetoTail(draws(shape, 2, 20_000), 20_000)
  expect(fit.shape).toBeCloseTo(shape, 1)
  expect(Math.abs(fit.scale / 2 - 1)).toBeLessThan(0.05)
})

test.each([-0.3, 0, 0.4])('no shape and scale nearby is more likely than the fit: %d', (shape) => {
  const peaks = draws(shape, 1, 200)
  const fit = fitParetoTail(peaks, 200)
  const best = logLikelihood(peaks, fit.shape, fit.scale)
  for (const ds of [-0.05, 0.05]) for (const factor of [0.95, 1.05]) expect(logLikelihood(peaks, fit.shape + ds, fit.scale * factor)).toBeLessThan(best)
})

test('one peak, or equal ones, give a finite tail', () => {
  for (const peaks of [Float64Array.of(2), Float64Array.of(2, 2, 2)]) {
    const fit = fitParetoTail(peaks, peaks.length)
    expect(Number.isFinite(tailQuantile(fit, 1e-3))).toBe(true)
  }
})

test('quantiles undo the tail, and meet the exponential at shape 0', () => {
  expect(tailQuantile({ shape: 0, scale: 2 }, Math.exp(-3))).toBeCloseTo(6, 12)
  expect(tailQuantile({ shape: 1e-7, scale: 2 }, Math.exp(-3))).toBeCloseTo(6, 5)
  expect(tailQuantile({ shape: 0.5, scale: 1 }, 0.25)).toBeCloseTo(2, 12)
})
