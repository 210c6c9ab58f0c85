import type { Step } from '../stage.ts'
import type { Comparison } from './comparison.ts'

/** What a run came to. Its first names are those that others read (`test` to `seconds`). */
export interface ChaosReport {
  test: string
  /** What was done, by kind. */
  faults: Record<string, number>
  /** Verdicts of an uninterrupted run. */
  expected: number
  /** Of all outputs: verdicts, anomalies, dead letters, late records. */
  lost: number
  repeated: number
  changed: number
  unexpected: number
  /** How long the run took, checks included. */
  seconds: number
  seed: number
  delivery: string
  readings: number
  /** Readings that no detector can read, counted without code of the product. */
  bad: number
  outputs: Record<'verdicts' | 'anomalies' | 'deadLetters' | 'late', Comparison>
  /** Partitions in which a transaction is open at the end. */
  hanging: string[]
  /** From the last fault until nothing was left to do; undefined where it never came to that. */
  secondsToNoLag: number | undefined
  /** The longest time in which a partition with something to do brought nothing. */
  silenceSeconds: number
  /** Generations that the group has had. */
  rebalances: number
  /** Processes that ended without having been sent a signal: fenced, stood still, or out of touch for too long. */
  ownExits: number
  /** Detectors that did not end in order when they were asked to at the end. */
  badExits: string[]
  steps: Step[]
  /** What kept the scenario from going its way. */
  errors: string[]
}

/** Nothing may be left to do so long after the last fault. */
export const mostSecondsToNoLag = 60

/** All that is wrong, a sentence each; nothing where the promise was kept, and where it was put to the test at all. */
export function checkReport(report: ChaosReport): string[] {
  const { outputs, hanging, secondsToNoLag, badExits, errors, faults, bad } = report
  const wrong = [...errors]
  if (Object.values(faults).every((count) => count === 0)) wrong.push('no fault was injected: the run says nothing')
  for (const [name, one] of Object.entries(outputs)) {
    if (one.expected === 0) wrong.push(`no ${name} were expected: the run says nothing about them`)
    for (const kind of ['lost', 'repeated', 'changed', 'unexpected'] as const) if (one[kind] > 0) wrong.push(`${one[kind]} ${name} ${kind}`)
  }
  if (outputs.deadLetters.found !== bad) wrong.push(`${bad} bad records came to ${outputs.deadLetters.found} dead letters`)
  for (const one of hanging) wrong.push(`a transaction hangs in ${one}`)
  if (secondsToNoLag === undefined) wrong.push('the lag did not come back to 0')
  else if (secondsToNoLag > mostSecondsToNoLag) wrong.push(`the lag came back to 0 only ${secondsToNoLag.toFixed(1)} s after the last fault`)
  for (const one of badExits) wrong.push(`asked to end, ${one}`)
  return wrong
}
