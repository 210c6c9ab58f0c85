import { describe, expect, test } from 'vitest'
import { changesOf, countFlagged, findBestOutlierThreshold, scoreChangepoints, scoreOutliers, tellConsecutive, type PooledRow } from './score.ts'

const rows = (text: string): PooledRow[] => text.split(' ').map((word) => ({ score: Number(word.slice(0, -1)), isAnomalous: word.endsWith('!') }))

test('F1, false and missed alarms of pooled rows', () => {
  const confusion = countFlagged(rows('9! 8. 7! 3! 2. 1. 0. 0!'), 7)
  expect(confusion).toEqual({ truePositives: 2, falsePositives: 1, falseNegatives: 2, trueNegatives: 3 })
  expect(scoreOutliers(confusion)).toEqual({ f1: 4 / 7, falseAlarmRate: 1 / 4, missedAlarmRate: 1 / 2 })
})

test('a row without a score is never flagged', () => {
  expect(countFlagged([{ score: NaN, isAnomalous: true }], 0)).toMatchObject({ falseNegatives: 1 })
})

describe('the best threshold for F1', () => {
  test.each([
    ['is the one with the best F1', '9! 8. 7! 6! 2. 1. 0.', 1, 6],
    ['keeps to the limit on false alarms', '9! 8. 7! 6! 2. 1. 0.', 0.25, 9],
    ['takes rows of one score together', '5! 5. 5! 1.', 1, 5],
    ['flags nothing where nothing can be found', '5. 4.', 1, Infinity],
  ])('%s', (_, text, limit, threshold) => {
    const all = rows(text)
    expect(findBestOutlierThreshold(all.map(({ score }) => score), limit, (candidate) => scoreOutliers(countFlagged(all, candidate)))).toBe(threshold)
  })
})

test('three in a row are told from the third on, and over with the third normal one', () => {
  const flags = [1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 1]
  expect([...tellConsecutive(flags, 3, 0)]).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0])
  expect([...tellConsecutive(flags, 1, 0)]).toEqual(flags)
  expect([...tellConsecutive(flags, 3, 1)].slice(0, 7)).toEqual([0, 0, 0, 0, 0, 0, 1])
})

describe('changepoints', () => {
  const score = (changes: number[], said: number[]) => scoreChangepoints([{ changesMs: changes.map((s) => s * 1_000), saidMs: said.map((s) => s * 1_000) }])
  test.each([
    ['all said at once', [100, 300], [100, 300], 100],
    ['nothing said', [100, 300], [], 0],
    ['one missed', [100, 300], [100], 50],
    ['at the very end of its window', [100], [160], (100 * (1 - 0.11)) / 2],
    ['said twice in its window: the first word counts', [100], [100, 130], 100],
    ['false alarms are all alike', [100], [50, 100, 161, 900], 100 - (3 * 100 * 0.11) / 2],
    ['a change within the window before it: its own begins where that ends', [100, 130], [100, 160], (100 * (2 + 1 + 1 - 0)) / 4],
  ])('%s', (_, changes, said, expected) => {
    expect(score(changes, said)).toBeCloseTo(expected, 9)
  })

  test('half way through its window, in the steps of the reference', () => {
    const x = -Math.PI / 2 + (Math.PI * 500) / 999
    const credit = (1.11 / 2) * (1 - Math.tanh(x) / Math.tanh(Math.PI / 2)) - 0.11
    expect(score([100], [130])).toBeCloseTo(50 * (1 + credit), 9)
  })
})

test('a contender says "changed" where its flag does, from the first test row on', () => {
  const timesMs = Float64Array.from({ length: 7 }, (_, i) => i)
  expect(changesOf([1, 1, 0, 1, 1, 0, 0], timesMs, 2)).toEqual([3, 5])
  expect(changesOf([0, 0, 1, 1, 0, 0, 0], timesMs, 2)).toEqual([2, 4])
})
