import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fUpperQuantile } from './f-quantile.ts'
import { qLimit, t2Limit } from './limits.ts'
import { normalUpperQuantile } from './normal-quantile.ts'

const quantiles = JSON.parse(readFileSync(new URL('../testing/vectors/quantiles.json', import.meta.url), 'utf8')) as {
  normal: { p: number; z: number }[]
  f: { m: number; n: number; tail: number; f: number }[]
}

describe('normalUpperQuantile', () => {
  test.each(quantiles.normal)('is what scipy says for $p', ({ p, z }) => {
    expect(Math.abs(-normalUpperQuantile(p) - z)).toBeLessThanOrEqual(2e-9 * Math.max(1, Math.abs(z)))
  })

  test.each([0, 1, -0.1, NaN])('has none for %d', (q) => {
    expect(() => normalUpperQuantile(q)).toThrow(`a probability above a quantile is in (0, 1), not ${q}`)
  })
})

describe('fUpperQuantile', () => {
  test.each(quantiles.f)('is what scipy says for $m and $n degrees of freedom and $tail', ({ m, n, tail, f }) => {
    expect(Math.abs(fUpperQuantile(tail, m, n) / f - 1)).toBeLessThan(1e-9)
  })

  test('has none without degrees of freedom', () => {
    expect(() => fUpperQuantile(0.01, 2, 0)).toThrow('F has no value exceeded with probability 0.01 for 2 and 0 degrees of freedom')
  })
})

describe('qLimit', () => {
  test('of equal variances is chi-squared', () => {
    // chi2 with 10 degrees of freedom is beyond 29.588 with probability 0.001 (scipy); Jackson and Mudholkar's is near it.
    expect(Math.abs(qLimit(new Float64Array(10).fill(1), 1e-3) / 29.588 - 1)).toBeLessThan(0.01)
  })

  test('where one variance is far larger than a thousand others it is still a limit, and one above their sum', () => {
    const variances = Float64Array.from({ length: 1000 }, (_, i) => (i === 0 ? 30 : 0.1))
    expect(qLimit(variances, 1e-3)).toBeGreaterThan(130)
    expect(qLimit(variances, 1e-3)).toBeLessThan(130 + 30 * 12)
  })

  test('grows with the variances as they do, and is 0 where there are none', () => {
    const variances = Float64Array.of(3, 2, 0.5)
    expect(qLimit(variances.map((v) => 7 * v), 1e-4)).toBeCloseTo(7 * qLimit(variances, 1e-4), 9)
    expect(qLimit(new Float64Array(0), 1e-3)).toBe(0)
    expect(qLimit(Float64Array.of(0, 0), 1e-3)).toBe(0)
  })
})

test('the T2 limit comes near chi-squared over many vectors, and is wider over few', () => {
  // chi2 with 2 degrees of freedom is beyond 13.816 with probability 0.001.
  expect(t2Limit(2, 1e7, 1e-3)).toBeCloseTo(13.816, 2)
  expect(t2Limit(2, 20, 1e-3)).toBeGreaterThan(22)
})
