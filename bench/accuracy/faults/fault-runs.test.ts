import { expect, test } from 'vitest'
import { systemC, type Scenario } from '../../scenarios.ts'
import { baselineContender } from '../baselines.ts'
import type { Contender } from '../contender.ts'
import { FaultRuns } from './fault-runs.ts'
import { runContender } from './replayed-models.ts'
import type { FaultRun } from './run-fault.ts'

/** Eight sensors for forty minutes, of which some have a spike after a quarter of an hour. */
function smallRun(factor?: number): FaultRun {
  const whole = systemC()
  const scenario: Scenario = { ...whole, fleet: { ...whole.fleet, devices: { count: 8, idPattern: 'sensor_%06d' }, durationMs: 40 * 60_000 } }
  return { scenario, kind: 'spike', seed: 3, ...(factor !== undefined && { factor }) }
}

test('a baseline that is asked window by window counts as when it is given whole series', async () => {
  const runs = new FaultRuns()
  const always = baselineContender('always')
  const online = await runs.count(always, smallRun())
  expect(online).toEqual(await runContender(smallRun(), always, new Map()))
  expect(online!.detected).toBeGreaterThan(0)
  expect(online!.normalWindowsFlagged).toBe(online!.normalWindows)
})

test('a run is judged once by a contender, and another magnitude is another run', async () => {
  let asked = 0
  const peer: Contender = {
    name: 'a peer',
    version: '1',
    kind: 'peer',
    score: async ({ rows }) => {
      asked++
      return { scores: new Float64Array(rows.length), flags: new Uint8Array(rows.length) }
    },
  }
  const runs = new FaultRuns()
  const first = await runs.count(peer, smallRun())
  expect(await runs.count(peer, smallRun(1))).toBe(first)
  expect(asked).toBe(8)
  expect(await runs.count(peer, smallRun(0.5))).not.toBe(first)
  expect(asked).toBe(16)
})

test('a weaker fault has other readings', async () => {
  const runs = new FaultRuns()
  const lastValue = baselineContender('lastValue')
  const [half, whole] = [await runs.count(lastValue, smallRun(0.5)), await runs.count(lastValue, smallRun())]
  expect(half!.incidents).toBe(whole!.incidents)
  expect(half).not.toEqual(whole)
})
