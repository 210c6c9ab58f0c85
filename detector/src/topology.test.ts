import { presets, type DetectorConfig } from '@tidewatch/api'
import { describe, expect, test } from 'vitest'
import { aConfig, plainModel, plainThreshold, TopologyDriver } from './testing/index.ts'

const startMs = Date.UTC(2026, 0, 1)

function aDriver(given: Partial<DetectorConfig> = {}) {
  return new TopologyDriver({ config: aConfig(given), nowMs: startMs, keepsHistory: true, models: plainModel(), thresholds: plainThreshold() })
}

/** A reading of a second after the start, arriving at that second unless said otherwise. */
function send(driver: TopologyDriver, second: number, given: { device?: string; metric?: string; value?: number; arrivesAt?: number; fault?: string } = {}) {
  const { device = 'd', metric = 't', value = 20, arrivesAt = second, fault } = given
  driver.nowMs = startMs + arrivesAt * 1_000
  driver.send({
    value: { sensor_id: device, timestamp: new Date(startMs + second * 1_000).toISOString(), metric, value },
    ...(fault !== undefined && { fault }),
  })
}

const seconds = (driver: TopologyDriver) => driver.windows.map(({ startMs: from, endMs: to, features }) => [(from - startMs) / 1_000, (to - startMs) / 1_000, Object.values(features)[0]![4]])

const tumbling = { window: { kind: 'tumbling', sizeMs: 10_000 } } as const

describe('time', () => {
  test('a window closes when a reading passes its end by the lateness', () => {
    const driver = aDriver(tumbling)
    for (let second = 0; second < 15; second++) send(driver, second)
    expect(seconds(driver)).toEqual([])
    send(driver, 15)
    expect(seconds(driver)).toEqual([[0, 10, 10]])
  })

  test('a reading out of order but in time is counted where it belongs', () => {
    const driver = aDriver(tumbling)
    for (const second of [0, 1, 12, 3, 2, 14, 9, 16]) send(driver, second, { arrivesAt: 16 })
    expect(seconds(driver)).toEqual([[0, 10, 5]])
    expect(driver.tallies.late).toBe(0)
  })

  test('a late reading is counted and dropped, or handed on where there is a topic for it', () => {
    const dropping = aDriver(tumbling)
    for (const second of [0, 30, 5]) send(dropping, second, { arrivesAt: 30 })
    expect(dropping.tallies.late).toBe(1)
    expect(dropping.late).toEqual([])
    const keeping = aDriver({ ...tumbling, outputs: { anomalies: 'a', deadLetters: 'd', late: 'l' } })
    for (const second of [0, 30, 5]) send(keeping, second, { arrivesAt: 30 })
    expect(keeping.late.map(({ offset }) => offset)).toEqual([2])
  })

  test('of a sliding window only the part that is closed already is lost to a reading behind time', () => {
    const driver = aDriver({ window: { kind: 'sliding', sizeMs: 30_000, slideMs: 10_000 }, allowedLatenessMs: 0 })
    for (const second of [0, 25, 8]) send(driver, second, { arrivesAt: 25 })
    expect(driver.tallies.late).toBe(0)
    driver.advance(3_600_000)
    // The windows that end at 10 and 20 were closed at 25; the one that ends at 30 takes all three.
    expect(seconds(driver)).toEqual([[-20, 10, 1], [-10, 20, 1], [0, 30, 3], [10, 40, 1], [20, 50, 1]])
  })

  test('a duplicate is a reading like others: the count shows it', () => {
    const driver = aDriver(tumbling)
    for (const second of [1, 2, 2, 2, 16]) send(driver, second, { arrivesAt: 16 })
    expect(seconds(driver)).toEqual([[0, 10, 4]])
  })

  test('a silent partition closes its windows by the clock, after the timeout', () => {
    const driver = aDriver({ ...tumbling, idleTimeoutMs: 3_000 })
    send(driver, 4)
    driver.advance(2_900)
    expect(seconds(driver)).toEqual([])
    driver.advance(8_000)
    expect(seconds(driver)).toEqual([])
    driver.advance(200)
    expect(seconds(driver)).toEqual([[0, 10, 1]])
  })

  test('a partition that lags is not silent', () => {
    const driver = aDriver(tumbling)
    send(driver, 4)
    driver.topology.tick(startMs + 3_600_000, false, driver)
    expect(seconds(driver)).toEqual([])
  })

  test('a silence in which nobody could be heard does not count', () => {
    const driver = aDriver(tumbling)
    send(driver, 4)
    driver.nowMs += 100_000
    driver.topology.restartSilence(driver.nowMs)
    driver.advance(1_000)
    expect(seconds(driver)).toEqual([])
    driver.advance(30_000)
    expect(seconds(driver)).toEqual([[0, 10, 1]])
  })

  test('one device with its clock ahead is refused and closes nobody\'s windows', () => {
    const driver = aDriver(tumbling)
    send(driver, 4)
    send(driver, 4_000, { device: 'mad', arrivesAt: 5 })
    send(driver, 6)
    expect(driver.tallies.late).toBe(0)
    expect(driver.deadLetters.map(({ record, rejection }) => [record.offset, rejection.reason])).toEqual([[1, 'timestampTooFarAhead']])
  })
})

describe('poison', () => {
  test('any record that cannot be read goes to the dead letters and the next one is processed', () => {
    const driver = aDriver(tumbling)
    for (const value of [null, '', 'no json', '{"a":1}', 'x'.repeat(300_000), Buffer.from([0xff, 0xfe])]) driver.send({ value })
    for (const second of [0, 1, 16]) send(driver, second)
    expect(driver.deadLetters.map(({ rejection }) => rejection.reason)).toEqual(['empty', 'empty', 'notJson', 'missingField', 'tooLarge', 'notJson'])
    expect(driver.tallies.deadLetters).toMatchObject({ empty: 2, notJson: 2, missingField: 1, tooLarge: 1 })
    expect(driver.tallies).toMatchObject({ records: 9, readings: 3 })
    expect(seconds(driver)).toEqual([[0, 10, 2]])
    expect(driver.topology.nextOffset).toBe(9)
  })

  test('a metric name that is new in every record costs a bounded amount', () => {
    const driver = aDriver(tumbling)
    for (let i = 0; i < 2_000; i++) send(driver, 0, { metric: `m${i}` })
    expect(driver.tallies.unexpectedMetrics).toBe(2_000 - 256)
    expect(driver.topology.stateBytes).toBeLessThan(200_000)
  })
})

describe('verdicts', () => {
  /** A quiet device that jumps at a second, for windows of 10 s. */
  const spike = (given: Partial<DetectorConfig> = {}, at = 205) => {
    const driver = aDriver({ ...tumbling, warmUp: 10, groupBy: 'DeviceAndMetric', ...given })
    for (let second = 0; second < 300; second++) {
      send(driver, second, { value: 20 + (second % 3) + (second === at ? 30 : 0), ...(second === at && { fault: 'spike' }) })
    }
    return driver
  }

  test('an anomaly says which window of which device, and carries its label', () => {
    const driver = spike()
    expect(driver.verdicts).toHaveLength(1)
    expect(driver.verdicts[0]).toMatchObject({
      device: 'd',
      fault: 'spike',
      verdict: {
        sensor_id: 'd', metric: 't', window_start: '2026-01-01T00:03:20.000Z', window_end: '2026-01-01T00:03:30.000Z', is_anomaly: true,
        features: { count: 10 }, model: { kind: 'plain', generation: 1 }, offsets: { topic: 'readings', partition: 0, first: 200, last: 209 },
      },
    })
    expect(driver.tallies).toMatchObject({ anomalies: 1, judged: 19, warming: 10, incomplete: 0, windows: 29 })
  })

  test('a scores topic gets normal verdicts too', () => {
    const driver = spike({ outputs: { anomalies: 'a', deadLetters: 'd', scores: 's' } })
    expect(driver.verdicts).toHaveLength(19)
    expect(driver.verdicts.filter(({ verdict }) => verdict.is_anomaly)).toHaveLength(1)
  })

  test('the label is counted and never seen by the model', () => {
    const driver = spike()
    expect(driver.tallies.accuracy.tallyOf(1)).toEqual({ judged: 1, flagged: 1, falseAlarms: 0, incidents: 1, detected: 1, unjudged: 0 })
    // First faulty reading at 205 s, the window ends at 210 s.
    expect(driver.detectionDelaysMs).toEqual(new Map([['spike', [5_000]]]))
    expect(driver.tallies.accuracy.summary()).toEqual({ precision: 1, recall: 1 })
  })

  test('the same records give the same verdicts, to the last byte', () => {
    expect(JSON.stringify(spike().verdicts)).toBe(JSON.stringify(spike().verdicts))
  })

  test('latency is told from the record that completed the windows', () => {
    const driver = spike()
    // Ten windows that the model learned from while it warmed up, and nineteen that it judged.
    expect(driver.judged).toHaveLength(29)
    expect(driver.judged[10]).toEqual({ timestampMs: startMs + 115_000, windows: 1 })
  })

  test('the first window of a device that appears in the middle of it is not judged', () => {
    const driver = aDriver({ ...tumbling, groupBy: 'DeviceAndMetric' })
    for (let second = 0; second < 40; second++) {
      send(driver, second)
      if (second >= 17) send(driver, second, { device: 'new' })
    }
    driver.advance(3_600_000)
    expect(driver.windows.filter(({ device }) => device === 'new').map(({ result }) => result)).toEqual(['incomplete', 'warming', 'warming'])
    expect(driver.windows.filter(({ device }) => device === 'd').map(({ result }) => result)).toEqual(['warming', 'warming', 'warming', 'warming'])
  })

  test('a window that the silence of its whole partition cut short is not judged, one that lacks nothing is', () => {
    const driver = aDriver({ ...tumbling, groupBy: 'DeviceAndMetric' })
    for (let second = 0; second < 33; second++) send(driver, second)
    driver.advance(3_600_000)
    expect(driver.windows.map(({ result }) => result)).toEqual(['warming', 'warming', 'warming', 'incomplete'])
  })

  test('a window that a device left early while others went on is judged', () => {
    const driver = aDriver({ ...tumbling, groupBy: 'DeviceAndMetric' })
    for (let second = 0; second < 50; second++) {
      send(driver, second)
      if (second < 33) send(driver, second, { device: 'gone' })
    }
    driver.advance(3_600_000)
    expect(driver.windows.filter(({ device }) => device === 'gone').map(({ result }) => result)).toEqual(['warming', 'warming', 'warming', 'warming'])
  })

  test('of a device with several metrics cover all of them', () => {
    const driver = aDriver({ ...tumbling, warmUp: 8, outputs: { anomalies: 'a', deadLetters: 'd', scores: 's' } })
    for (let second = 0; second < 120; second++) {
      send(driver, second, { metric: 't' })
      send(driver, second, { metric: 'p', value: second === 105 ? 900 : 5 })
    }
    expect(driver.verdicts.map(({ verdict }) => verdict.is_anomaly)).toEqual([false, false, true])
    expect(driver.verdicts[2]!.verdict).toMatchObject({ metric: null, features: { 'p.max': 900, 't.mean': 20 }, offsets: { first: 200, last: 219 } })
  })
})

describe('without a window', () => {
  test('every reading is judged by itself, at its own time', () => {
    const driver = aDriver({ window: { kind: 'none' }, warmUp: 5, reading: presets.NetworkFlow, deviceField: 'device_id' })
    for (let i = 0; i < 20; i++) driver.send({ key: 'camera', value: { rate: i === 15 ? 1_000 : 10, size: 5 }, timestampMs: startMs + i, ...(i === 15 && { fault: 'DDoS' }) })
    expect(driver.tallies).toMatchObject({ windows: 20, warming: 5, judged: 15, anomalies: 1 })
    expect(driver.verdicts[0]).toMatchObject({
      fault: 'DDoS',
      verdict: {
        device_id: 'camera', metric: null, window_start: '2026-01-01T00:00:00.015Z', window_end: '2026-01-01T00:00:00.015Z',
        features: { rate: 1_000, size: 5 }, contributions: { rate: 1, size: 0 }, expected: { rate: 10, size: 5 },
        offsets: { first: 15, last: 15 },
      },
    })
    expect(driver.judged).toHaveLength(20)
  })

  test('no order of time is asked for', () => {
    const driver = aDriver({ window: { kind: 'none' }, warmUp: 1 })
    for (const second of [100, 5, 50]) send(driver, second, { arrivesAt: 100 })
    expect(driver.tallies).toMatchObject({ windows: 3, late: 0 })
  })

  test('a reading that lacks a number of the first one is not judged', () => {
    const driver = aDriver({ window: { kind: 'none' }, reading: presets.NetworkFlow })
    for (const value of [{ a: 1, b: 2 }, { a: 1 }, { a: 1, b: 2, c: 3 }, { b: 1, a: 2 }]) driver.send({ value })
    expect(driver.tallies).toMatchObject({ windows: 4, incomplete: 1, warming: 3, unexpectedMetrics: 1 })
  })

  test('metrics in long form have a model each', () => {
    const driver = aDriver({ window: { kind: 'none' }, warmUp: 5 })
    for (let i = 0; i < 50; i++) send(driver, i, { metric: i % 2 === 0 ? 't' : 'p', value: i % 2 === 0 ? 20 : 900 })
    expect(driver.tallies).toMatchObject({ judged: 40, anomalies: 0 })
    send(driver, 51, { metric: 't', value: 900 })
    expect(driver.verdicts[0]?.verdict).toMatchObject({ metric: 't', features: { t: 900 } })
  })

  test('values of a wide record may be judged each by itself', () => {
    const driver = aDriver({ window: { kind: 'none' }, warmUp: 5, groupBy: 'DeviceAndMetric', reading: presets.DeviceHealth, deviceField: 'device_id' })
    for (let i = 0; i < 20; i++) {
      driver.send({ value: { device_id: 'lock', reported_at: new Date(startMs + i).toISOString(), battery_pct: i === 15 ? 3 : 90, signal_strength_dbm: -60, is_online: true } })
    }
    expect(driver.tallies).toMatchObject({ windows: 60, judged: 45, anomalies: 1 })
    expect(driver.verdicts[0]?.verdict).toMatchObject({ device_id: 'lock', metric: 'battery_pct', features: { battery_pct: 3 } })
  })
})

describe('sessions', () => {
  test('are judged as windows are', () => {
    const driver = aDriver({ window: { kind: 'session', gapMs: 5_000, maxDurationMs: 60_000 }, warmUp: 5, groupBy: 'DeviceAndMetric', allowedLatenessMs: 0 })
    for (let session = 0; session < 20; session++) {
      for (let i = 0; i < 6; i++) send(driver, session * 20 + i, { value: session === 15 ? 99 : 20 })
    }
    driver.advance(3_600_000)
    expect(driver.tallies).toMatchObject({ windows: 20, incomplete: 1, warming: 5, anomalies: 1 })
    expect(driver.verdicts[0]?.verdict).toMatchObject({ window_start: '2026-01-01T00:05:00.000Z', window_end: '2026-01-01T00:05:10.000Z', features: { mean: 99, count: 6 } })
  })
})

describe('memory', () => {
  test('of devices that never come back is given up', () => {
    const driver = new TopologyDriver({ config: aConfig(tumbling), nowMs: startMs, models: plainModel(), thresholds: plainThreshold() })
    const hour = 3_600
    let most = 0
    for (let i = 0; i < 5_000; i++) {
      send(driver, i * 0.02 * hour, { device: `once-${i}` })
      most = Math.max(most, driver.topology.countGroups().warming)
    }
    // A day of event time holds 1,200 of them, and a sweep comes every tenth of a day.
    expect(most).toBeLessThan(1_400)
    expect(driver.topology.stateBytes).toBeLessThan(1_000_000)
  })

  test('of one device stays below a kibibyte beside its model, with six features in windows of 60 s by 10 s', () => {
    const driver = new TopologyDriver({ config: aConfig(), nowMs: startMs, models: plainModel(), thresholds: plainThreshold() })
    for (let second = 0; second < 130; second++) for (let device = 0; device < 200; device++) send(driver, second, { device: `d${device}` })
    // Rows grow by doubling, so a little more than what is in use may be held.
    expect(driver.topology.stateBytes / 200).toBeLessThan(2_048)
  })
})

test('groups are counted by whether their model judges', () => {
  const driver = aDriver({ ...tumbling, warmUp: 6, groupBy: 'DeviceAndMetric' })
  for (let second = 0; second < 100; second++) send(driver, second)
  send(driver, 100, { device: 'new' })
  expect(driver.topology.countGroups()).toEqual({ warming: 1, active: 1, windowsLeft: 6 })
  expect(driver.topology.openWindows).toBe(2)
})
