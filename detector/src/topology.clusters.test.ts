import type { DetectorConfig } from '@tidewatch/api'
import { gaussian, mulberry32 } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { planOutputs } from './sinks/outputs.ts'
import { aConfig, TopologyDriver } from './testing/index.ts'

const startMs = Date.UTC(2026, 0, 1)
const outputs = { anomalies: 'anomalies', deadLetters: 'dead-letters', clusterEvents: 'clusters' }

const configOf = (given: Partial<DetectorConfig> = {}) =>
  aConfig({ model: { kind: 'microClusters', parameters: { decay: 100, maxClusters: 3 } }, window: { kind: 'none' }, outputs, ...given })
const aDriver = (given: Partial<DetectorConfig> = {}) => new TopologyDriver({ config: configOf(given), nowMs: startMs, keepsHistory: true })

/** One reading a second, at one of six levels for a minute and a half each. */
function send(driver: TopologyDriver, from: number, to: number): void {
  for (let second = from; second < to; second++) {
    driver.nowMs = startMs + second * 1_000
    const level = Math.floor(mulberry32(Math.floor(second / 90) + 9)() * 6) * 30
    driver.send({ value: { sensor_id: 'd', timestamp: new Date(driver.nowMs).toISOString(), metric: 't', value: 20 + level + gaussian(mulberry32(second + 1)) } })
  }
}

test('a model\'s first regime is told with its first judged window, and each one that becomes normal later', () => {
  const driver = aDriver()
  send(driver, 0, 3_600)
  const records = driver.clusterEvents.map(({ event }) => event)
  const [first] = records
  expect(first).toEqual({
    id: first!.id,
    sensor_id: 'd',
    metric: 't',
    window_end: new Date(startMs + 30_000).toISOString(),
    kind: 'born',
    from: [],
    clusters: [{ id: 1, weight: expect.any(Number) as number, center: { t: expect.any(Number) as number } }],
    model: { kind: 'microClusters', generation: 1 },
    offsets: { topic: 'readings', partition: 0, first: 30, last: 30 },
  })
  expect(first!.id).toMatch(/^[0-9a-f]{32}$/)
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length)
  expect(records.filter(({ kind }) => kind === 'born').length).toBeGreaterThan(2)
  expect(driver.clusterEvents.every(({ device }) => device === 'd')).toBe(true)
})

test('an event is written to its topic, keyed by the device; one that is too large becomes a dead letter', () => {
  const driver = aDriver()
  send(driver, 0, 80)
  const [planned] = planOutputs({ ...driver, verdicts: [], judged: [] }, configOf())
  expect(planned?.record).toEqual({ topic: 'clusters', key: 'd', value: JSON.stringify(driver.clusterEvents[0]!.event) })
  expect(planned?.source).toEqual({ topic: 'readings', partition: 0, offset: 30 })
  expect(planned?.smaller()[0]).toMatchObject({ topic: 'dead-letters', headers: { 'tidewatch-reason': 'outputTooLarge', 'tidewatch-source-offset': '30' } })
})

test('without a topic nothing is told, and verdicts are the same', () => {
  const [told, untold] = [aDriver(), aDriver({ outputs: { anomalies: 'anomalies', deadLetters: 'dead-letters' } })]
  for (const driver of [told, untold]) send(driver, 0, 3_600)
  expect(untold.clusterEvents).toEqual([])
  expect(untold.verdicts).toEqual(told.verdicts)
  expect(untold.verdicts.length).toBeGreaterThan(10)
})

test('restored at any moment and taken on to a commit, it tells just what comes after it', () => {
  const whole = aDriver()
  const moments: { second: number; snapshot: Uint8Array; position: { offset: number; metadata: string }; told: number }[] = []
  for (let second = 0; second < 3_600; second += 90) {
    whole.topology.keepReplayNotesFrom(Math.max(0, whole.topology.nextOffset - 500))
    moments.push({ second, snapshot: whole.topology.snapshot(), position: whole.topology.position()!, told: whole.clusterEvents.length })
    send(whole, second, second + 90)
  }
  expect(new Set(whole.clusterEvents.map(({ event }) => event.kind)).size).toBeGreaterThan(2)
  moments.slice(0, -4).forEach(({ snapshot, position }, i) => {
    const committed = moments[i + 4]!
    const second = aDriver()
    second.topology.restore(snapshot)
    second.topology.resumeSilently(committed.position)
    for (const record of whole.log.slice(position.offset, committed.position.offset)) second.step(record)
    expect(second.clusterEvents).toEqual([])
    second.continueAt(committed.position.offset)
    send(second, committed.second, 3_600)
    expect(second.clusterEvents).toEqual(whole.clusterEvents.slice(committed.told))
  })
})
