import { describe, expect, test } from 'vitest'
import { Accuracy, GroupAccuracy, type Outcome } from './accuracy.ts'
import { FaultLabels, maxFaultLabels } from './fault-labels.ts'

/**
 * Windows of one key, 10 s apart: `n` normal, `F` and `G` labelled, `?` after it not judged, `!` flagged.
 * The first faulty reading of a window is 3 s before its end.
 */
function run(accuracy: Accuracy, windows: string, group = new GroupAccuracy()): void {
  windows.split(' ').forEach((window, i) => {
    const endMs = (i + 1) * 10_000
    const fault = window[0] === 'n' ? 0 : accuracy.labels.numberOf(window[0]!)
    const outcome: Outcome = window[1] === '!' ? 'anomalous' : window[1] === '?' ? 'unjudged' : 'normal'
    group.observe(accuracy, fault, fault === 0 ? Infinity : endMs - 3_000, endMs, outcome)
  })
}

const withDelays = () => {
  const delays: [number, number][] = []
  return { accuracy: new Accuracy((fault, delayMs) => delays.push([fault, delayMs])), delays }
}

describe('the count of verdicts against the ground truth', () => {
  test('of the time line in the documentation', () => {
    const { accuracy, delays } = withDelays()
    run(accuracy, 'n n! F F! F n n!')
    expect(accuracy.tallyOf(1)).toEqual({ judged: 3, flagged: 1, falseAlarms: 1, incidents: 1, detected: 1, unjudged: 0 })
    expect(accuracy.tallyOf(0).falseAlarms).toBe(1)
    expect([accuracy.normalJudged, accuracy.normalFlagged]).toEqual([4, 2])
    // First faulty reading at 27 s, end of the flagged window at 40 s.
    expect(delays).toEqual([[1, 13_000]])
    expect(accuracy.summary()).toEqual({ precision: 1 / 3, recall: 1 })
  })

  test('an incident ends with the first unlabelled window or another label', () => {
    const { accuracy } = withDelays()
    run(accuracy, 'F F n F! G G! n G')
    expect(accuracy.tallyOf(1)).toMatchObject({ incidents: 2, detected: 1, judged: 3 })
    expect(accuracy.tallyOf(2)).toMatchObject({ incidents: 2, detected: 1, judged: 3 })
    expect(accuracy.summary()).toEqual({ precision: 1, recall: 0.5 })
  })

  test('an incident of which no window was judged is in none of the other counts', () => {
    const { accuracy } = withDelays()
    run(accuracy, 'F? F? n F? F n')
    expect(accuracy.tallyOf(1)).toEqual({ judged: 1, flagged: 0, falseAlarms: 0, incidents: 1, detected: 0, unjudged: 1 })
  })

  test('windows that are not judged count nowhere', () => {
    const { accuracy } = withDelays()
    run(accuracy, 'n? n? n')
    expect([accuracy.normalJudged, accuracy.normalFlagged]).toEqual([1, 0])
    expect(accuracy.summary()).toEqual({ precision: undefined, recall: undefined })
    expect(accuracy.hasGroundTruth).toBe(false)
  })

  test('false alarms belong to the fault last seen on the same key only', () => {
    const { accuracy } = withDelays()
    run(accuracy, 'F n! n!')
    run(accuracy, 'n!')
    expect(accuracy.tallyOf(1).falseAlarms).toBe(2)
    expect(accuracy.tallyOf(0).falseAlarms).toBe(1)
  })
})

test('labels from outside are bounded', () => {
  const labels = new FaultLabels()
  const numbers = Array.from({ length: 1_000 }, (_, i) => labels.numberOf(`kind-${i}`))
  expect(labels.count).toBe(maxFaultLabels + 2)
  expect(labels.nameOf(0)).toBe('none')
  expect(labels.nameOf(numbers[0]!)).toBe('kind-0')
  expect(labels.nameOf(numbers[999]!)).toBe('other')
  expect(labels.numberOf('kind-0')).toBe(numbers[0])
})
