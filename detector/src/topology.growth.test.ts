import type { DetectorConfig } from '@tidewatch/api'
import { partitionOf, type KafkaRecord } from '@tidewatch/kafka'
import { mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { aConfig } from './testing/a-config.ts'
import { TopologyDriver } from './testing/topology-driver.ts'

const startMs = Date.UTC(2026, 0, 1)
const perWindow = 10

const windows: [string, Partial<DetectorConfig>][] = [
  ['tumbling windows', { window: { kind: 'tumbling', sizeMs: 10_000 } }],
  ['sliding windows', { window: { kind: 'sliding', sizeMs: 10_000, slideMs: 5_000 } }],
  ['tumbling windows, readings up to 3 s late', { window: { kind: 'tumbling', sizeMs: 10_000 }, allowedLatenessMs: 4_000 }],
]

const aGrowingConfig = (given: Partial<DetectorConfig>): DetectorConfig =>
  aConfig({ groupBy: 'DeviceAndMetric', features: ['count', 'mean', 'range'], warmUp: 5, model: { kind: 'robustZScore', parameters: { warmUp: 5 } }, allowedLatenessMs: 0, idleTimeoutMs: 86_400_000, outputs: { anomalies: 'anomalies', scores: 'scores', deadLetters: 'dead' }, ...given })

interface Sent {
  partition: number
  record: KafkaRecord
}

/**
 * What a dozen devices send, a reading each second. At `grownAtS` the topic gets more partitions, and each device's producer hears of it at a
 * moment of its own, up to 20 s later.
 */
function send(seed: number, { from, to, grownAtS, lateMs }: { from: number; to: number; grownAtS: number; lateMs: number }): Sent[] {
  const draw = mulberry32(seed)
  const ends = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  const devices = Array.from({ length: 12 }, (_, i) => ({ name: `device-${i}`, hearsAtS: grownAtS + draw() * 20, phaseMs: Math.floor(draw() * 900) }))
  const sent: Sent[] = []
  for (let second = 0; second < 300; second++) {
    for (const { name, hearsAtS, phaseMs } of devices) {
      const partition = partitionOf(name, second < hearsAtS ? from : to)
      const eventMs = startMs + second * 1_000 + phaseMs
      // What is late is sent now and was measured before: it went to where the device sends now.
      const measuredMs = lateMs > 0 && draw() < 0.1 && second + 3 < hearsAtS ? eventMs - lateMs : eventMs
      const value = Buffer.from(JSON.stringify({ sensor_id: name, timestamp: new Date(measuredMs).toISOString(), metric: 't', value: 20 + draw() }))
      sent.push({ partition, record: { topic: 'readings', partition, offset: ends[partition]!++, timestampMs: eventMs, key: Buffer.from(name), value, headers: {} } })
    }
  }
  return sent
}

/** Detectors of all partitions, which hear of the growth with the first record after `noticedAtS` (or never). */
function detect(config: DetectorConfig, sent: readonly Sent[], { from, to, noticedAtS }: { from: number; to: number; noticedAtS: number }): TopologyDriver[] {
  const drivers = Array.from({ length: to }, (_, partition) => new TopologyDriver({ config, partition, nowMs: startMs + 86_400_000, keepsHistory: true }))
  drivers.slice(0, from).forEach(({ topology }) => {
    topology.start(0)
    topology.meetPartitions(from)
  })
  let hasNoticed = false
  for (const { partition, record } of sent) {
    if (!hasNoticed && record.timestampMs >= startMs + noticedAtS * 1_000) {
      hasNoticed = true
      for (const [at, { topology }] of drivers.entries()) {
        if (at >= from) topology.start(0)
        topology.meetPartitions(to, at >= from)
      }
    }
    drivers[partition]!.step(record)
  }
  return drivers
}

const countsOf = (drivers: readonly TopologyDriver[]) => drivers.flatMap(({ verdicts }) => verdicts.map(({ verdict }) => verdict.features['t.count'] ?? verdict.features['count']!))

describe.each(windows)('partitions are raised: %s', (_, given) => {
  const config = aGrowingConfig(given)
  const lateMs = config.allowedLatenessMs > 0 ? 3_000 : 0
  const late = (counts: number[]) => counts.filter((count) => count < perWindow)

  test.each([[2, 3], [3, 4], [1, 8], [4, 6]])('%i to %i: no window is judged on a part of its readings', (from, to) => {
    let torn = 0
    let judgedAfter = 0
    for (let seed = 1; seed <= 2; seed++) {
      const grownAtS = 120 + (seed % 10)
      const sent = send(seed, { from, to, grownAtS, lateMs })
      const unaware = detect(config, sent, { from, to, noticedAtS: Infinity })
      torn += late(countsOf(unaware)).length
      // It is noticed before anything is committed that was judged after the growth.
      const aware = detect(config, sent, { from, to, noticedAtS: grownAtS })
      const untouched = detect(config, send(seed, { from, to, grownAtS: Infinity, lateMs }), { from, to, noticedAtS: Infinity })
      const smallest = Math.min(...countsOf(untouched))
      expect(countsOf(aware).filter((count) => count < smallest)).toEqual([])
      judgedAfter += aware.flatMap(({ verdicts }) => verdicts).filter(({ verdict }) => Date.parse(verdict.window_start) > startMs + 180_000).length
    }
    expect(torn).toBeGreaterThan(0)
    expect(judgedAfter).toBeGreaterThan(200)
  })

  test('once every key is where it stays, windows are judged as before: a device that falls silent in one shows in its count', () => {
    const grownAtS = 120
    const sent = send(5, { from: 2, to: 3, grownAtS, lateMs: 0 }).filter(({ record }) => !(record.key?.toString() === 'device-3' && record.timestampMs >= startMs + 255_000 + (record.timestampMs % 1_000)))
    const silentIn = partitionOf('device-3', 3)
    const count = (endsAfterS: number) => {
      const drivers = detect(config, sent.filter(({ record }) => record.timestampMs < startMs + endsAfterS * 1_000), { from: 2, to: 3, noticedAtS: grownAtS })
      const { topology } = drivers[silentIn]!
      topology.growths.end(topology.nextOffset)
      for (const { record, partition } of sent) if (partition === silentIn && record.timestampMs >= startMs + endsAfterS * 1_000) drivers[silentIn]!.step(record)
      return drivers[silentIn]!.verdicts.filter(({ device }) => device === 'device-3').map(({ verdict }) => verdict.features['t.count'] ?? verdict.features['count']!)
    }
    expect(late(count(200)).length).toBeGreaterThan(0)
    expect(late(count(300))).toEqual([])
  })
})

describe('a detector that takes over while keys move', () => {
  test.each(windows)('comes to the same from a checkpoint before the growth, at it and after it: %s', (_, given) => {
    const config = aGrowingConfig(given)
    const sent = send(3, { from: 2, to: 3, grownAtS: 100, lateMs: 0 })
    const own = sent.filter(({ partition }) => partition === 1).map(({ record }) => record)
    const growth = own.findIndex(({ timestampMs }) => timestampMs >= startMs + 100_000)
    const make = () => new TopologyDriver({ config, partition: 1, nowMs: startMs + 86_400_000 })
    const begin = (driver: TopologyDriver) => {
      driver.topology.start(0)
      driver.topology.meetPartitions(2)
    }
    const whole = make()
    begin(whole)
    for (const [i, record] of own.entries()) {
      if (i === growth) whole.topology.meetPartitions(3)
      whole.step(record)
    }
    const expected = whole.verdicts.map(({ verdict }) => verdict)
    for (const checkpoint of [growth - 30, growth - 1, growth, growth + 1, growth + 25]) {
      for (const commit of [growth, growth + 1, growth + 40]) {
        if (commit < checkpoint) continue
        const first = make()
        begin(first)
        let snapshot: Uint8Array | undefined
        for (const [i, record] of own.slice(0, commit).entries()) {
          if (i === checkpoint) snapshot = first.topology.snapshot()
          if (i === growth) first.topology.meetPartitions(3)
          first.step(record)
        }
        snapshot ??= first.topology.snapshot()
        first.topology.keepReplayNotesFrom(Math.min(checkpoint, commit))
        const position = first.topology.position()!
        const second = make()
        const { nextOffset } = second.topology.restore(snapshot)
        second.topology.resumeSilently(position)
        // At the growth itself the one that takes over is the first to know.
        expect(second.topology.meetPartitions(3)).toBe(commit === growth)
        for (const record of own.slice(nextOffset)) second.step(record)
        expect([...first.verdicts, ...second.verdicts].map(({ verdict }) => verdict), `checkpoint ${checkpoint - growth}, commit ${commit - growth}`).toEqual(expected)
      }
    }
  })
})
