import { describe, expect, test } from 'vitest'
import { computeWorths, findBestThreshold, probationOf, profiles, scoreAt, type ScoredSeries } from './score.ts'

const [standard, lowFP, lowFN] = profiles as [(typeof profiles)[0], (typeof profiles)[0], (typeof profiles)[0]]
const sigmoid = (y: number) => 2 / (1 + Math.exp(5 * y)) - 1

/** 20 rows, of which 3 are probation, flagged where named. */
const flagged = (rows: readonly number[], windows: ScoredSeries['windows'], length = 20): ScoredSeries => {
  const scores = new Float64Array(length)
  for (const row of rows) scores[row] = 1
  return { scores, windows }
}
const score = (corpus: readonly ScoredSeries[], profile = standard) => {
  const { rows, windows } = computeWorths(corpus)
  return scoreAt(rows, windows, profile, 1)
}
const window = { first: 8, last: 11 }

test.each([[100, 15], [5_000, 750], [40_000, 750], [7, 1]])('of %d rows the first %d are probation', (rows, probation) => {
  expect(probationOf(rows)).toBe(probation)
})

describe('one window of four rows', () => {
  test.each([
    ['the first row found', [8], 100],
    ['nothing flagged', [], 0],
    ['a later row brings less', [10], 50 * (1 + sigmoid(-0.5) / sigmoid(-1))],
    ['of several rows the best counts, once', [8, 9, 11], 100],
    ['a row before every window is a whole false alarm', [5, 8], 100 - 50 * 0.11],
    ['a row after the window costs less the nearer it is', [8, 12], 100 + 50 * 0.11 * sigmoid(1 / 3)],
    ['far after it, a whole one', [8, 19], 100 + 50 * 0.11 * sigmoid(8 / 3)],
    ['probation is not looked at', [0, 1, 2, 8], 100],
  ])('%s', (_, rows, expected) => {
    expect(score([flagged(rows, [window])])).toBeCloseTo(expected, 12)
  })
})

test('three widths after a window the sigmoid has ended', () => {
  const far = flagged([8, 21], [window], 24)
  expect(score([far])).toBeCloseTo(100 - 50 * 0.11, 12)
})

test('the profiles weigh false alarms and misses differently', () => {
  const corpus = [flagged([5, 8], [window, { first: 14, last: 16 }])]
  expect(score(corpus, standard)).toBeCloseTo((100 * (-0.11 + 1 - 1 + 2)) / 4, 12)
  expect(score(corpus, lowFP)).toBeCloseTo((100 * (-0.22 + 1 - 1 + 2)) / 4, 12)
  expect(score(corpus, lowFN)).toBeCloseTo((100 * (-0.11 + 1 - 2 + 4)) / 6, 12)
})

test('windows are numbered over all series, so one found does not find another', () => {
  expect(score([flagged([8], [window]), flagged([], [window])])).toBeCloseTo(50, 12)
})

describe('the best threshold', () => {
  const best = (corpus: readonly ScoredSeries[]) => {
    const { rows, windows } = computeWorths(corpus)
    return findBestThreshold(rows, windows, standard)
  }
  const scores = (values: Record<number, number>): ScoredSeries => {
    const series = flagged([], [window])
    for (const [row, value] of Object.entries(values)) series.scores[Number(row)] = value
    return series
  }

  test('flags nothing where that is best', () => {
    const noise = { scores: Float64Array.from({ length: 2_000 }, (_, i) => (i === 500 ? 0.1 : 1)), windows: [{ first: 500, last: 500 }] }
    expect(best([noise])).toEqual({ score: 0, threshold: Infinity })
  })

  test('is one for all series', () => {
    expect(best([scores({ 8: 0.5, 5: 0.4 }), scores({ 8: 5, 5: 4 })])).toEqual({ score: expect.closeTo(100 - 25 * 0.11, 12), threshold: 0.5 })
  })

  test('rows of the same score are flagged together', () => {
    expect(best([scores({ 8: 0.5, 5: 0.5 })])).toEqual({ score: expect.closeTo(100 - 50 * 0.11, 12), threshold: 0.5 })
  })

  test('is what the score at that threshold says, infinite and missing scores too', () => {
    const uniform = (i: number) => ((i * 7919) % 997) / 997
    const corpus = [1, 2, 3].map((k) => ({
      scores: Float64Array.from({ length: 400 }, (_, i) => (i < 60 ? NaN : i === 111 * k ? Infinity : uniform(i * k))),
      windows: [{ first: 100 * k, last: 100 * k + 30 }],
    }))
    const { rows, windows } = computeWorths(corpus)
    for (const profile of profiles) {
      const found = findBestThreshold(rows, windows, profile)
      expect(scoreAt(rows, windows, profile, found.threshold)).toBeCloseTo(found.score, 10)
      for (const threshold of [0.2, 0.5, 0.9, 0.99, Infinity]) expect(scoreAt(rows, windows, profile, threshold)).toBeLessThanOrEqual(found.score + 1e-9)
    }
  })
})
