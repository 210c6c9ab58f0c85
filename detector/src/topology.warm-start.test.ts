import { presets, type DetectorConfig } from '@tidewatch/api'
import { gaussian, mulberry32 } from '@tidewatch/kit'
import { describe, expect, test } from 'vitest'
import { aConfig, TopologyDriver } from './testing/index.ts'

const startMs = Date.UTC(2026, 0, 1)
const windowMs = 10_000
const base: Partial<DetectorConfig> = {
  model: { kind: 'microClusters', parameters: {} },
  window: { kind: 'tumbling', sizeMs: windowMs },
  reading: presets.DeviceMetric,
  deviceField: 'device_id',
  groupBy: 'DeviceAndMetric',
  outputs: { anomalies: 'anomalies', scores: 'scores', deadLetters: 'dead-letters' },
  warmStart: 'Cohort',
}

const aDriver = (given: Partial<DetectorConfig> = {}) => new TopologyDriver({ config: aConfig({ ...base, ...given }), nowMs: startMs, keepsHistory: true })

interface Device {
  id: string
  type?: string
  level?: number
  metrics?: readonly string[]
  /** Windows before its first one. */
  from?: number
}

/** Six pumps with levels of their own, from the beginning on. */
const pumps: readonly Device[] = Array.from({ length: 6 }, (_, i) => ({ id: `pump-${i}`, level: 20 + i }))

/** Readings every second, in the windows of these numbers. */
function send(driver: TopologyDriver, devices: readonly Device[], fromWindow: number, toWindow: number): void {
  for (let second = fromWindow * 10; second < toWindow * 10; second++) {
    driver.nowMs = startMs + second * 1_000
    devices.forEach(({ id, type = 'pump', level = 20, metrics = ['t'], from = 0 }, i) => {
      if (second < from * 10) return
      for (const metric of metrics) {
        const metric_value = level + gaussian(mulberry32(1_000 * second + 10 * i + metric.length))
        driver.send({ value: { device_id: id, device_type: type, timestamp: new Date(driver.nowMs).toISOString(), metric_name: metric, metric_value } })
      }
    })
  }
}

/** How many windows a device was not judged for, of those that were complete. */
const warmUpOf = ({ windows }: TopologyDriver, device: string): number => windows.filter((window) => window.device === device && window.result === 'warming').length
const judgedOf = ({ windows }: TopologyDriver, device: string): number => windows.filter((window) => window.device === device && (window.result === 'normal' || window.result === 'anomalous')).length

describe('a device that is new among others of its type', () => {
  const late: Device = { id: 'late', level: 23, from: 70 }

  test('is judged after a third of the warm-up, and not found strange', () => {
    const driver = aDriver()
    send(driver, [...pumps, late], 0, 120)
    expect(warmUpOf(driver, 'pump-0')).toBe(30)
    expect(warmUpOf(driver, 'late')).toBe(10)
    expect(judgedOf(driver, 'late')).toBe(39)
    expect(driver.verdicts.filter(({ verdict, device }) => verdict.is_anomaly && device === 'late')).toEqual([])
  })

  test('is noticed at once when it fails then', () => {
    const driver = aDriver()
    send(driver, [...pumps, late], 0, 82)
    send(driver, [...pumps, { ...late, level: 40 }], 82, 84)
    const anomalies = driver.verdicts.filter(({ verdict, device }) => verdict.is_anomaly && device === 'late')
    expect(anomalies.map(({ verdict }) => verdict.window_start)).toEqual([new Date(startMs + 82 * windowMs).toISOString()])
  })

  test.each([
    ['that is not asked for', {}, { warmStart: 'None' as const }],
    ['of another type', { type: 'fan' }, {}],
    ['at another level', { level: 60 }, {}],
    ['with a model that learns from the order of vectors', {}, { model: { kind: 'seasonal' as const, parameters: {} } }],
  ])('warms up alone: %s', (_, device, given) => {
    const driver = aDriver(given)
    send(driver, [...pumps, { ...late, ...device }], 0, 120)
    expect(warmUpOf(driver, 'late')).toBe(30)
  })

  test('is one of a single cohort where no type is known', () => {
    const { deviceType: _, ...untyped } = presets.DeviceMetric
    const driver = aDriver({ reading: untyped })
    send(driver, [...pumps, { ...late, type: 'fan' }], 0, 90)
    expect(warmUpOf(driver, 'late')).toBe(10)
  })

  test('takes over the metrics of its cohort, too, where those are learned', () => {
    const driver = aDriver({ groupBy: 'Device' })
    const both = { metrics: ['pressure', 't'] }
    send(driver, [...pumps.map((pump) => ({ ...pump, ...both })), { ...late, ...both }, { ...late, id: 'other', metrics: ['t', 'vibration'] }], 0, 120)
    expect(warmUpOf(driver, 'pump-0')).toBe(30)
    expect(warmUpOf(driver, 'late')).toBe(10)
    expect(warmUpOf(driver, 'other')).toBe(30)
    expect(Object.keys(driver.verdicts.find(({ device }) => device === 'late')!.verdict.features).length).toBe(12)
  })
})

const restored: [string, Partial<DetectorConfig>][] = [
  ['each metric', {}],
  ['learned metrics', { groupBy: 'Device' }],
  ['robustZScore, rows of several donors', { model: { kind: 'robustZScore', parameters: { warmUp: 60 } } }],
]

test.each(restored)('restored at any moment, it goes on to the bit: %s', { timeout: 60_000 }, (_, given) => {
  const devices = [...pumps, ...Array.from({ length: 5 }, (_, i): Device => ({ id: `late-${i}`, level: 21 + i, from: 64 + 7 * i }))]
  const whole = aDriver(given)
  const snapshots: { window: number; offset: number; told: number; bytes: Uint8Array }[] = []
  for (let window = 0; window < 120; window++) {
    send(whole, devices, window, window + 1)
    if (window > 25 && window % 3 === 0) snapshots.push({ window: window + 1, offset: whole.topology.nextOffset, told: whole.verdicts.length, bytes: whole.topology.snapshot() })
  }
  expect(warmUpOf(whole, 'late-4')).toBe(10)
  const last = whole.topology.snapshot()
  for (const { window, offset, told, bytes } of snapshots) {
    const second = aDriver(given)
    second.topology.restore(bytes)
    second.continueAt(offset)
    send(second, devices, window, 120)
    expect(second.verdicts).toEqual(whole.verdicts.slice(told))
    expect(Buffer.compare(second.topology.snapshot(), last)).toBe(0)
  }
})

test('it may be asked for no more while a device waits, and asked for again', () => {
  const devices = [...pumps, { id: 'late', level: 22, from: 70 }]
  const first = aDriver()
  send(first, devices, 0, 76)
  const without = aDriver({ warmStart: 'None' })
  without.topology.restore(first.topology.snapshot())
  without.continueAt(first.topology.nextOffset)
  send(without, devices, 76, 110)
  // Six windows less those before the snapshot, none of them lost.
  expect(warmUpOf(first, 'late') + warmUpOf(without, 'late')).toBe(30)
  const again = aDriver()
  again.topology.restore(without.topology.snapshot())
  again.continueAt(without.topology.nextOffset)
  send(again, [...devices, { id: 'later', level: 22, from: 111 }], 110, 170)
  expect(judgedOf(again, 'late')).toBe(60)
  // The cohort was forgotten with the switch, and begins anew.
  expect(warmUpOf(again, 'later')).toBe(30)
})
