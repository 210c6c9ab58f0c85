import { expect, test } from 'vitest'
import { systemC, type Scenario } from '../../scenarios.ts'
import { baselineContender } from '../baselines.ts'
import type { Contender, Series } from '../contender.ts'
import { runContender } from './replayed-models.ts'
import type { FaultRun } from './run-fault.ts'

/** Eight sensors for forty minutes, of which some have a spike after a quarter of an hour. */
function smallRun(): FaultRun {
  const whole = systemC()
  const scenario: Scenario = { ...whole, fleet: { ...whole.fleet, devices: { count: 8, idPattern: 'sensor_%06d' }, durationMs: 40 * 60_000 } }
  return { scenario, kind: 'spike', seed: 3 }
}

test('a contender that flags everything finds every incident and flags every normal window', async () => {
  const captured = new Map<string, Series[]>()
  const counts = await runContender(smallRun(), baselineContender('always'), captured)
  expect(counts!.incidents).toBeGreaterThan(0)
  expect(counts!.detected).toBe(counts!.incidents)
  expect(counts!.normalWindowsFlagged).toBe(counts!.normalWindows)
  expect(counts!.normalWindows).toBeGreaterThan(500)
  const series = captured.get('C spike 3')!
  expect(series).toHaveLength(8)
  expect(series[0]!.columns).toContain('mean')
})

test('each device\'s flags are its own, vector by vector', async () => {
  const flagged: string[] = []
  const third: Contender = {
    name: 'one window of the third device',
    version: '1',
    kind: 'peer',
    score: async ({ name, rows }) => {
      const flags = new Uint8Array(rows.length)
      if (name.endsWith('#3')) flags[50] = 1
      flagged.push(name)
      return { scores: new Float64Array(rows.length), flags }
    },
  }
  const counts = await runContender(smallRun(), third, new Map())
  expect(flagged).toEqual(Array.from({ length: 8 }, (_, i) => `C spike 3 #${i + 1}`))
  expect(counts!.faultWindowsFlagged + counts!.normalWindowsFlagged).toBe(1)
})

test('what a contender cannot judge yet is unjudged', async () => {
  const late: Contender = {
    name: 'late',
    version: '1',
    kind: 'peer',
    score: async ({ rows }) => ({ scores: Float64Array.from(rows, (_, row) => (row < 200 ? NaN : 0)), flags: new Uint8Array(rows.length) }),
  }
  const all = await runContender(smallRun(), baselineContender('always'), new Map())
  const counts = await runContender(smallRun(), late, new Map())
  // Spikes come before the 200th window: nobody can say that they were missed.
  expect(counts).toMatchObject({ incidents: 0, unjudged: all!.incidents, faultWindows: 0 })
  expect(counts!.normalWindows).toBeGreaterThan(100)
  expect(counts!.normalWindows).toBeLessThan(all!.normalWindows - 8 * 150)
})

test('a contender without a boundary has no counts', async () => {
  const without: Contender = { name: 'scores only', version: '1', kind: 'peer', score: async ({ rows }) => ({ scores: new Float64Array(rows.length), flags: undefined }) }
  expect(await runContender(smallRun(), without, new Map())).toBeUndefined()
})
