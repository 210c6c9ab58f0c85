import type { DetectorConfig } from '@tidewatch/api'
import { mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { createFactories } from './factories.ts'
import { SnapshotDamaged, SnapshotNotOfThisCommit, SnapshotOfAnotherConfiguration, SnapshotOfAnotherVersion } from './snapshot/errors.ts'
import { joinPieces } from './snapshot/writer.ts'
import { aConfig, TopologyDriver } from './testing/index.ts'

const startMs = Date.UTC(2026, 0, 1)
const config = aConfig({ window: { kind: 'tumbling', sizeMs: 10_000 }, warmUp: 3, model: { kind: 'robustZScore', parameters: { warmUp: 3 } } })

function aDriver(given: DetectorConfig = config): TopologyDriver {
  const driver = new TopologyDriver({ config: given, nowMs: startMs, keepsHistory: true })
  driver.topology.start(0)
  return driver
}

/** Readings of some devices, a second apart. */
function feed(driver: TopologyDriver, count: number, { devices = 3, metrics = 1, fault }: { devices?: number; metrics?: number; fault?: string } = {}): TopologyDriver {
  const draw = mulberry32(driver.log.length + 1)
  for (let i = 0; i < count; i++) {
    driver.nowMs += 1_000
    const value = { sensor_id: `d${i % devices}`, timestamp: new Date(driver.nowMs).toISOString(), metric: `m${i % metrics}`, value: 20 + draw() }
    driver.send({ value, ...(fault !== undefined && { fault }) })
  }
  return driver
}

/** Takes in what another has in its log from an offset on. */
function follow(driver: TopologyDriver, other: TopologyDriver, offset: number): void {
  driver.nowMs = other.nowMs
  for (const record of other.log.slice(offset)) driver.step(record)
}

const stateOf = (driver: TopologyDriver) => ({ bytes: driver.topology.snapshot(), position: driver.topology.position()! })

describe('there is no way from a snapshot to a commit', () => {
  const driver = feed(aDriver(), 50)
  const taken = stateOf(driver)
  feed(driver, 10)
  const later = stateOf(driver)
  const restored = (bytes: Uint8Array): TopologyDriver => {
    const second = aDriver()
    second.topology.restore(bytes)
    return second
  }

  test('that lies before it', () => {
    expect(() => restored(later.bytes).topology.resumeSilently(taken.position)).toThrow(SnapshotNotOfThisCommit)
    expect(() => restored(later.bytes).topology.resumeSilently(taken.position)).toThrow(
      'The snapshot at offset 60 does not lead to the committed offset 50: the snapshot is ahead of the commit. Take the checkpoint before it, or resume without one: models warm up again.',
    )
  })

  test('at the same offset, when the clock had closed windows in between', () => {
    const silent = feed(aDriver(), 50)
    const before = stateOf(silent)
    silent.advance(60_000)
    expect(() => restored(stateOf(silent).bytes).topology.resumeSilently(before.position)).toThrow('the snapshot is ahead of the commit')
  })

  test.each(['', 'moved by hand', '{"v":99}'])('that no detector made: %s', (metadata) => {
    expect(() => restored(taken.bytes).topology.resumeSilently({ offset: 60, metadata })).toThrow('the commit was not made by a detector')
  })

  test('whose notes of the clock do not reach back to it', () => {
    const busy = feed(aDriver(), 10)
    const old = stateOf(busy)
    for (let i = 0; i < 70; i++) {
      feed(busy, 1)
      busy.advance(60_000)
      expect(busy.topology.wantsCheckpoint).toBe(i >= 32)
    }
    expect(() => restored(old.bytes).topology.resumeSilently(busy.topology.position()!)).toThrow(/committed offset 80: the notes of the commit begin at 1\d/)
    busy.topology.keepReplayNotesFrom(busy.topology.nextOffset)
    expect(busy.topology.position()).toBeDefined()
    expect(busy.topology.wantsCheckpoint).toBe(false)
  })

  test('a detector that began at an offset knows nothing of what the clock did before', () => {
    const begun = new TopologyDriver({ config, nowMs: startMs })
    begun.topology.start(60)
    expect(() => restored(taken.bytes).topology.resumeSilently(begun.topology.position()!)).toThrow('the notes of the commit begin at 60')
  })
})

describe('what cannot be restored is said by its kind', () => {
  const { bytes } = stateOf(feed(aDriver(), 100))

  test('damage, wherever it is', () => {
    for (let at = 0; at < bytes.length; at += 11) {
      const damaged = Uint8Array.from(bytes)
      damaged[at]! ^= 0x10
      expect(() => aDriver().topology.restore(damaged)).toThrow(SnapshotDamaged)
    }
  })

  test('another configuration', () => {
    expect(() => aDriver({ ...config, warmUp: 4 }).topology.restore(bytes)).toThrow(SnapshotOfAnotherConfiguration)
  })

  test.each(['model', 'threshold'] as const)('a %s of another version', (which) => {
    const { models, thresholds } = createFactories(config)
    const refuse = () => {
      throw new Error('cannot read version 7')
    }
    const given = which === 'model' ? { models: { ...models, restore: refuse }, thresholds } : { models, thresholds: { ...thresholds, restore: refuse } }
    const driver = new TopologyDriver({ config, ...given })
    expect(() => driver.topology.restore(bytes)).toThrow(SnapshotOfAnotherVersion)
    expect(() => new TopologyDriver({ config, ...given }).topology.restore(bytes)).toThrow(`The snapshot holds a ${which} that cannot be read: cannot read version 7.`)
  })
})

describe('a snapshot in slices', () => {
  test('is the same as in one piece, and so is one given up half way', () => {
    const driver = feed(aDriver(), 12_000, { devices: 4_000 })
    const slices = [...driver.topology.snapshotInSlices()]
    expect(slices.length).toBeGreaterThan(2)
    const half = driver.topology.snapshotInSlices()
    half.next()
    half.return()
    expect(Buffer.compare(joinPieces(slices), driver.topology.snapshot())).toBe(0)
  })

  test.each([['records', (driver: TopologyDriver) => feed(driver, 5_000, { devices: 4_000 })], ['the clock', (driver: TopologyDriver) => driver.advance(90_000)]])('belongs to the offset at which it was begun, whatever %s did in between', (_, act) => {
    const driver = feed(aDriver(), 12_000, { devices: 4_000 })
    const still = driver.topology.snapshot()
    const slices = driver.topology.snapshotInSlices()
    const pieces = [slices.next().value!]
    act(driver)
    const second = aDriver()
    expect(second.topology.restore(joinPieces([...pieces, ...slices]))).toEqual({ nextOffset: 12_000 })
    expect(Buffer.compare(second.topology.snapshot(), still)).toBe(0)
  })

  test('is given up when the next one is begun', () => {
    const driver = feed(aDriver(), 12_000, { devices: 4_000 })
    const slices = driver.topology.snapshotInSlices()
    slices.next()
    driver.topology.snapshotInSlices()
    expect(() => slices.next()).toThrow('the snapshot was given up: a later one was begun')
  })

  test('there is none while records are being read again', () => {
    const first = feed(aDriver(), 50)
    const second = aDriver()
    second.topology.resume(first.topology.position()!)
    expect(() => second.topology.snapshot()).toThrow('still reading again what is before offset 50')
  })
})

test('samples beyond what a pane keeps are drawn as they would have been', () => {
  const sampled = aConfig({ window: { kind: 'tumbling', sizeMs: 3_600_000 }, features: ['median', 'p95'] })
  const whole = feed(aDriver(sampled), 1_700, { devices: 1 })
  const { bytes, position } = stateOf(whole)
  const second = aDriver(sampled)
  second.topology.restore(bytes)
  second.topology.resumeSilently(position)
  follow(second, feed(whole, 1_500, { devices: 1 }), position.offset)
  expect(Buffer.compare(second.topology.snapshot(), whole.topology.snapshot())).toBe(0)
})

test('many metrics of a device, of which each is a group, are found again', () => {
  const split = aConfig({ ...config, groupBy: 'DeviceAndMetric' })
  const whole = feed(aDriver(split), 400, { devices: 1, metrics: 40 })
  const { bytes, position } = stateOf(whole)
  const second = aDriver(split)
  second.topology.restore(bytes)
  second.topology.resumeSilently(position)
  follow(second, feed(whole, 400, { devices: 1, metrics: 40 }), position.offset)
  expect(Buffer.compare(second.topology.snapshot(), whole.topology.snapshot())).toBe(0)
  expect(second.topology.countGroups()).toEqual(whole.topology.countGroups())
})

test('faults are known by their names, whatever their numbers in this process', () => {
  const first = feed(feed(aDriver(), 55, { fault: 'drift' }), 5, { fault: 'spike' })
  const { bytes, position } = stateOf(first)
  const second = aDriver()
  second.tallies.accuracy.labels.numberOf('noise')
  second.tallies.accuracy.labels.numberOf('spike')
  second.topology.restore(bytes)
  second.topology.resumeSilently(position)
  const before = first.tallies.accuracy.tallyOf(1).judged
  follow(second, feed(first, 40, { fault: 'drift' }), position.offset)
  const { labels } = second.tallies.accuracy
  expect([1, 2, 3].map((fault) => labels.nameOf(fault))).toEqual(['noise', 'spike', 'drift'])
  expect(second.tallies.accuracy.tallyOf(3).judged).toBe(first.tallies.accuracy.tallyOf(1).judged - before)
})

test('records that are gone are noticed', () => {
  const first = feed(aDriver(), 50)
  const { bytes } = stateOf(first)
  feed(first, 20)
  const second = aDriver()
  second.topology.restore(bytes)
  second.topology.resumeSilently(first.topology.position()!)
  second.topology.skipTo(70)
  expect(second.topology.isReplaying).toBe(false)
  expect(second.topology.replayDiverged).toBe(true)
  expect(second.topology.watermarkMs).toBe(first.topology.watermarkMs)
})
