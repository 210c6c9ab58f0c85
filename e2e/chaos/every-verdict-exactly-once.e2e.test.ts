import { beforeAll, describe, expect, test } from 'vitest'
import { checkReport, mostSecondsToNoLag, type ChaosReport } from './outcome/report.ts'
import { formatReport } from './outcome/table.ts'
import { runScenarios } from './run-scenario.ts'
import { broker } from './scenarios/broker.ts'
import { kills } from './scenarios/kills.ts'
import { network } from './scenarios/network.ts'
import { scenarios } from './scenarios/registry.ts'
import { rescaling } from './scenarios/rescaling.ts'
import { brokenPromise } from './testing/broken-promise.ts'

/** Of each run: enough that the load lasts as long as the faults do. */
const readings = 50_000
/** Two runs side by side, each with a broker of its own: they wait more than they work. */
const stories = [
  ['killed, stopped and rescaled', [kills, rescaling]],
  ['cut off, while their broker dies now and then', [network, broker]],
] as const

let kept: ChaosReport[]
let broken: ChaosReport
const told: string[] = []

beforeAll(async () => {
  const runs = stories.map(([, scenarios]) => runScenarios(scenarios, { form: 'short', seed: 1, readings, say: (line) => told.push(line) }))
  const worse = runScenarios([brokenPromise], { form: 'short', seed: 1, readings: 10_000, delivery: 'AtLeastOnce' })
  // None is left behind by one that fails.
  await Promise.allSettled([...runs, worse])
  kept = await Promise.all(runs)
  broken = await worse
}, 600_000)

const none = { lost: 0, repeated: 0, changed: 0, unexpected: 0 }

test('every scenario is in one of the stories', () => {
  expect(new Set(stories.flatMap(([, scenarios]) => scenarios))).toEqual(new Set(scenarios))
})

describe.each(stories.map(([story], index) => ({ story, index })))('detectors that are $story', ({ index }) => {
  test('every verdict of an uninterrupted run is there exactly once, with the same score, and none else', () => {
    expect(kept[index]!.outputs).toMatchObject({ verdicts: none, anomalies: none, deadLetters: none, late: none })
    expect(kept[index]!.expected).toBeGreaterThan(1_000)
  })

  test('k bad records are k dead letters', () => {
    expect(kept[index]!.bad).toBeGreaterThan(500)
    expect(kept[index]!.outputs.deadLetters.found).toBe(kept[index]!.bad)
  })

  test('no transaction hangs, and nothing is left to do a minute after the last fault', () => {
    expect(kept[index]!.hanging).toEqual([])
    expect(kept[index]!.secondsToNoLag).toBeLessThanOrEqual(mostSecondsToNoLag)
  })

  test('nothing else is wrong', () => {
    expect(checkReport(kept[index]!), `${formatReport(kept[index]!)}\n${told.join('\n')}`).toEqual([])
  })
})

test('all of it was done', () => {
  expect(kept.map(({ faults }) => faults)).toEqual([
    { SIGKILL: 3, SIGTERM: 2, SIGSTOP: 2, rescaling: 2 },
    { delay: 1, reset: 4, 'half-open': 1, 'partition of requests': 1, 'partition of answers': 1, 'partition both ways': 1, 'broker restarted': 1, 'broker killed': 1 },
  ])
  expect(kept[0]!.steps.map(({ step }) => step)).toEqual(['1 -> 8', '8 -> 3'])
})

describe('a promise that is broken is told', () => {
  test('verdicts that AtLeastOnce repeats after kill -9 are found', () => {
    expect(broken.faults).toEqual({ SIGKILL: 2, 'transaction left open': 1 })
    expect(broken.outputs.verdicts.repeated).toBeGreaterThan(0)
    expect(broken.outputs).toMatchObject({ verdicts: { lost: 0, changed: 0, unexpected: 0 } })
    expect(checkReport(broken)).toContainEqual(expect.stringMatching(/^\d+ verdicts repeated$/))
  })

  test('a transaction that hangs is found', () => {
    expect(broken.hanging).toEqual([expect.stringMatching(/^chaos-broken-promise-state\/0 \(open from offset \d+, ends at \d+\)$/)])
  })
})
