import { expect, test } from 'vitest'
import { checkReport, type ChaosReport } from './report.ts'
import { formatReport } from './table.ts'

const all = { expected: 10, found: 10, lost: 0, repeated: 0, changed: 0, unexpected: 0 }
const kept: ChaosReport = {
  test: 'kills',
  faults: { SIGKILL: 2 },
  expected: 10,
  lost: 0,
  repeated: 0,
  changed: 0,
  unexpected: 0,
  seconds: 61,
  seed: 1,
  delivery: 'ExactlyOnce',
  readings: 1_000,
  bad: 10,
  outputs: { verdicts: all, anomalies: all, deadLetters: all, late: all },
  hanging: [],
  secondsToNoLag: 3,
  silenceSeconds: 6.25,
  rebalances: 4,
  ownExits: 0,
  badExits: [],
  steps: [],
  errors: [],
}
const withOutput = (name: keyof ChaosReport['outputs'], difference: object) => ({ outputs: { ...kept.outputs, [name]: { ...all, ...difference } } })

test('nothing is wrong where every promise was kept', () => {
  expect(checkReport(kept)).toEqual([])
})

test.each<[string, Partial<ChaosReport>]>([
  ['no fault was injected: the run says nothing', { faults: {} }],
  ['no fault was injected: the run says nothing', { faults: { SIGKILL: 0 } }],
  ['no late were expected: the run says nothing about them', withOutput('late', { expected: 0 })],
  ['1 verdicts lost', withOutput('verdicts', { lost: 1 })],
  ['2 anomalies repeated', withOutput('anomalies', { repeated: 2 })],
  ['3 verdicts changed', withOutput('verdicts', { changed: 3 })],
  ['1 late unexpected', withOutput('late', { unexpected: 1 })],
  ['11 bad records came to 10 dead letters', { bad: 11 }],
  ['a transaction hangs in scores/3 (open from offset 5, ends at 9)', { hanging: ['scores/3 (open from offset 5, ends at 9)'] }],
  ['the lag did not come back to 0', { secondsToNoLag: undefined }],
  ['the lag came back to 0 only 60.1 s after the last fault', { secondsToNoLag: 60.1 }],
  ['asked to end, detector 2: SIGKILL', { badExits: ['detector 2: SIGKILL'] }],
  ['nobody came', { errors: ['nobody came'] }],
])('%s', (sentence, difference) => {
  expect(checkReport({ ...kept, ...difference })).toEqual([sentence])
  expect(formatReport({ ...kept, ...difference })).toContain('kills: BROKEN')
})

test('the table has a line for each figure', () => {
  expect(formatReport({ ...kept, steps: [{ step: '1 -> 8', silenceSeconds: 2.44, rebalances: 1 }] })).toMatchInlineSnapshot(`
    "kills: kept
      readings                     1,000, ExactlyOnce, seed 1
      faults                       2 x SIGKILL
      verdicts                     expected 10, lost 0, repeated 0, changed 0, unexpected 0
      anomalies                    expected 10, lost 0, repeated 0, changed 0, unexpected 0
      dead letters                 expected 10, lost 0, repeated 0, changed 0, unexpected 0
      late                         expected 10, lost 0, repeated 0, changed 0, unexpected 0
      bad records                  10, dead letters 10
      hanging transactions         0
      lag 0 after the last fault   3.0 s
      longest time without output  6.3 s in one partition
      rebalances                   4; detectors that ended by themselves: 0
      step 1 -> 8                  2.4 s without output, 1 rebalances
      took                         61 s
    "
  `)
})
