import type { DetectorConfig } from '@tidewatch/api'
import { expect, test } from 'vitest'
import { describePieces } from './snapshot/header.ts'
import { aConfig, TopologyDriver } from './testing/index.ts'

const startMs = Date.UTC(2026, 0, 1)
const outputs = { anomalies: 'anomalies', deadLetters: 'dead-letters' }

/** Windows of ten seconds, one reading a second; from the 20th window on these values are added, and those windows are a labelled fault. */
function run(given: Partial<DetectorConfig>, offsets: readonly number[], fault = 'drift') {
  const config = aConfig({
    model: { kind: 'robustZScore', parameters: { warmUp: 10 } }, warmUp: 10, window: { kind: 'tumbling', sizeMs: 10_000 }, outputs: { ...outputs, scores: 'scores' }, ...given,
  })
  const driver = new TopologyDriver({ config, nowMs: startMs, keepsHistory: true })
  const windows = 20 + offsets.length
  for (let i = 0; i <= windows * 10 + 6; i++) {
    driver.nowMs = startMs + i * 1_000
    const offset = offsets[Math.floor(i / 10) - 20] ?? 0
    driver.send({ value: { sensor_id: 'd', timestamp: new Date(driver.nowMs).toISOString(), metric: 't', value: 20 + ((i * 7) % 10) / 10 + offset }, ...(offset !== 0 && { fault }) })
  }
  const last = driver.verdicts.slice(-offsets.length).map(({ verdict }) => verdict)
  expect(driver.verdicts).toHaveLength(windows - 10)
  return { driver, outcomes: last.map((verdict) => (verdict.is_anomaly ? 'told' : (verdict.held_back ?? 'normal'))), last, config, log: driver.log }
}

test.each<[Partial<DetectorConfig>, number[], string[]]>([
  [{}, [5, -5, 0, 5], ['told', 'told', 'normal', 'told']],
  [{ direction: 'Above' }, [5, -5, 0, 5], ['told', 'direction', 'normal', 'told']],
  [{ direction: 'Below' }, [5, -5, 0, -5], ['direction', 'told', 'normal', 'told']],
  [{ minDeviation: 4 }, [3, 5, -3, -5], ['minDeviation', 'told', 'minDeviation', 'told']],
  [{ consecutive: 3 }, [5, 0, 5, 5, 5, 5], ['consecutive', 'normal', 'consecutive', 'consecutive', 'told', 'told']],
  [{ suppressForMs: 30_000 }, [5, 5, 5, 5, 0, 5], ['told', 'suppressFor', 'suppressFor', 'told', 'normal', 'suppressFor']],
])('of a device whose values go off, by %j: %j is %j', (rules, offsets, expected) => {
  expect(run(rules, offsets).outcomes).toEqual(expected)
})

test('what is held back is among the scores, with the rule, and no anomaly', () => {
  const { last, driver } = run({ consecutive: 2 }, [5, 5])
  expect(last[0]).toMatchObject({ is_anomaly: false, held_back: 'consecutive', threshold: 1 })
  expect(last[0]!.anomaly_score).toBeGreaterThan(1)
  expect(last[1]).not.toHaveProperty('held_back')
  expect(driver.tallies.anomalies).toBe(1)
})

test('precision and recall count what was told: a fault that is over before the row is complete was missed', () => {
  const tally = (consecutive: number) => {
    const { accuracy } = run({ consecutive }, [5, 5, 0, 0, 5, 5, 5, 0]).driver.tallies
    const { judged, flagged, incidents, detected } = accuracy.tallyOf(accuracy.labels.numberOf('drift'))
    return { judged, flagged, incidents, detected }
  }
  expect(tally(1)).toEqual({ judged: 5, flagged: 5, incidents: 2, detected: 2 })
  expect(tally(3)).toEqual({ judged: 5, flagged: 1, incidents: 2, detected: 1 })
})

test('what is not told is learned as little as what is: the scores are the same whatever the rules', () => {
  const offsets = [5, 5, 0, -5, 0, 5, 5, 5, 2, 0]
  const scores = (rules: Partial<DetectorConfig>) => run(rules, offsets).last.map((verdict) => verdict.anomaly_score)
  const plain = scores({})
  for (const rules of [{ direction: 'Below' }, { minDeviation: 9 }, { consecutive: 9 }, { suppressForMs: 9e9 }] as const) expect(scores(rules)).toEqual(plain)
})

test('what was told outlives a restart: restored at any window, and by an increment too, the same is told', () => {
  const given: Partial<DetectorConfig> = { consecutive: 3, suppressForMs: 40_000 }
  const offsets = [5, 5, 0, 5, 5, 5, 5, 5, 5, 0, 5, 5]
  const whole = run(given, offsets)
  expect(new Set(whole.outcomes)).toEqual(new Set(['consecutive', 'normal', 'told', 'suppressFor']))
  const { config, log } = whole
  const { nowMs } = whole.driver
  const briefly = (drivers: TopologyDriver[]) => drivers.flatMap(({ verdicts }) => verdicts.map(({ verdict }) => [verdict.window_end, verdict.anomaly_score, verdict.held_back ?? verdict.is_anomaly].join(' ')))
  for (let cut = 200; cut < log.length; cut += 10) {
    const first = new TopologyDriver({ config, nowMs })
    for (const record of log.slice(0, cut - 7)) first.step(record)
    const full = [...first.topology.snapshotInSlices()]
    first.topology.followWith(describePieces(full).trailer, 1)
    for (const record of log.slice(cut - 7, cut)) first.step(record)
    const increment = [...first.topology.snapshotInSlices()]
    expect(describePieces(increment).isIncrement).toBe(true)
    const second = new TopologyDriver({ config, nowMs })
    second.topology.restore(Buffer.concat([...full, ...increment]))
    for (const record of log.slice(cut)) second.step(record)
    expect(briefly([first, second])).toEqual(briefly([whole.driver]))
  }
})
