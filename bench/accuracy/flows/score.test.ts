import { describe, expect, test } from 'vitest'
import { computeRocAuc, findBestClassScore, scoreClasses, type LabelledScore } from './score.ts'

/** `3!`: an attack with the score 3; `1`: a benign flow. */
const rows = (text: string): LabelledScore[] => text.split(' ').map((word) => ({ score: Number(word.replace('!', '')), isAttack: word.endsWith('!') }))

describe('ROC-AUC', () => {
  test.each([
    ['every attack above every benign flow', '3! 4! 1 2', 1],
    ['all the wrong way round', '1! 2! 3 4', 0],
    ['one pair of four the wrong way round', '3! 1.5! 1 2', 0.75],
    ['all alike', '1! 1! 1 1 1', 0.5],
    ['a tie counts half', '2! 2 1', 0.75],
    ['no score is the lowest', 'NaN! 2! 1 0', 0.5],
    ['an infinite score is the highest', 'Infinity! 2 1', 1],
  ])('%s', (_, text, auc) => {
    expect(computeRocAuc(rows(text))).toBe(auc)
  })

  test('means nothing without both classes', () => {
    expect(computeRocAuc(rows('1! 2!'))).toBeNaN()
  })
})

test('macro-F1 and benign false alarms at a threshold', () => {
  const expected = { macroF1: (2 / (2 + 1) + 1 / (1 + 1)) / 2, benignFalseAlarmRate: 1 / 2 }
  expect(scoreClasses(rows('5! 4! 1! 6 0'), 4)).toEqual(expected)
})

test('who flags everything has half of the F1 of the attacks', () => {
  expect(scoreClasses(rows('1! 1! 1! 1'), 1)).toEqual({ macroF1: (3 / 3.5 + 0) / 2, benignFalseAlarmRate: 1 })
})

test('the best threshold is found among the scores', () => {
  expect(findBestClassScore(rows('5! 4! 1! 3 0'))).toEqual(scoreClasses(rows('5! 4! 1! 3 0'), 4))
})
