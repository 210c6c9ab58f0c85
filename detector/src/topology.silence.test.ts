import type { DetectorConfig } from '@tidewatch/api'
import { describe, expect, test } from 'vitest'
import { verdictRecords } from './sinks/output-records.ts'
import { aConfig, plainModel, plainThreshold, TopologyDriver } from './testing/index.ts'
import { silenceKind } from './verdict/silence.ts'

const startMs = Date.UTC(2026, 0, 1)
const tumbling = { window: { kind: 'tumbling', sizeMs: 10_000 } } as const
const afterMinute = { silence: { afterMs: 60_000 } }

function aDriver(given: Partial<DetectorConfig> = {}): TopologyDriver {
  return new TopologyDriver({ config: aConfig({ ...tumbling, ...afterMinute, ...given }), nowMs: startMs, keepsHistory: true, models: plainModel(), thresholds: plainThreshold(1e9) })
}

/** Readings of devices, a second apart, from one second to before another. */
function send(driver: TopologyDriver, devices: readonly string[], from: number, to: number, { metric = 't', behindS = 0 } = {}): void {
  for (let second = from; second < to; second++) {
    driver.nowMs = startMs + second * 1_000
    for (const device of devices) driver.send({ value: { sensor_id: device, timestamp: new Date(driver.nowMs - behindS * 1_000).toISOString(), metric, value: 20 } })
  }
}

const silences = ({ verdicts }: TopologyDriver) =>
  verdicts.filter(({ verdict }) => verdict.model.kind === silenceKind).map(({ verdict }) => [verdict.sensor_id, (Date.parse(verdict.window_start) - startMs) / 1_000, (Date.parse(verdict.window_end) - startMs) / 1_000])

describe('a device that stops sending while others go on', () => {
  test('is told when the watermark has left it behind, with all that a verdict says', () => {
    const driver = aDriver()
    send(driver, ['a', 'b'], 0, 30)
    send(driver, ['a'], 30, 94)
    expect(driver.verdicts).toEqual([])
    send(driver, ['a'], 94, 95)
    expect(driver.verdicts).toEqual([
      {
        verdict: {
          id: '1d69f91143c061980b777c6d2d5452f2',
          sensor_id: 'b',
          metric: null,
          window_start: '2026-01-01T00:00:29.000Z',
          window_end: '2026-01-01T00:01:29.000Z',
          anomaly_score: 1,
          threshold: 1,
          is_anomaly: true,
          features: {},
          contributions: {},
          expected: null,
          model: { kind: 'silence', generation: 1 },
          offsets: { topic: 'readings', partition: 0, first: 59, last: 59 },
        },
        device: 'b',
        fault: undefined,
        timestampMs: startMs + 94_000,
      },
    ])
    expect(driver.tallies).toMatchObject({ silences: 1, anomalies: 1 })
  })

  test('is told once, and again only after it came back; of its return nothing is told', () => {
    const driver = aDriver()
    send(driver, ['a', 'b'], 0, 30)
    send(driver, ['a'], 30, 300)
    send(driver, ['a', 'b'], 300, 320)
    send(driver, ['a'], 320, 500)
    expect(silences(driver)).toEqual([['b', 29, 89], ['b', 319, 379]])
    expect(new Set(driver.verdicts.map(({ verdict }) => verdict.id)).size).toBe(2)
  })

  test.each<[string, Partial<DetectorConfig>]>([
    ['sliding windows', { window: { kind: 'sliding', sizeMs: 30_000, slideMs: 10_000 } }],
    ['sessions', { window: { kind: 'session', gapMs: 5_000, maxDurationMs: 3_600_000 } }],
    ['no window', { window: { kind: 'none' } }],
    ['a model for all', { scope: 'All' }],
    ['a limit of sixty learned intervals', { silence: { missedIntervals: 60 } }],
  ])('is told with %s', (_, given) => {
    const driver = aDriver(given)
    send(driver, ['a', 'b'], 0, 30)
    send(driver, ['a'], 30, 100)
    expect(silences(driver)).toEqual([['b', 29, 89]])
  })

  test('is told for each of its metrics, where each is a key of its own', () => {
    const driver = aDriver({ groupBy: 'DeviceAndMetric' })
    send(driver, ['a'], 0, 30, { metric: 'p' })
    send(driver, ['a'], 10, 100)
    expect(driver.verdicts.map(({ verdict }) => [verdict.sensor_id, verdict.metric])).toEqual([['a', 'p']])
  })

  test('is written on the topics of anomalies and of scores', () => {
    const outputs = { anomalies: 'anomalies', scores: 'scores', deadLetters: 'dead' }
    const driver = aDriver({ outputs })
    send(driver, ['a', 'b'], 0, 30)
    send(driver, ['a'], 30, 100)
    const verdicts = driver.verdicts.filter(({ verdict }) => verdict.model.kind === silenceKind)
    expect(verdictRecords(verdicts, { outputs, faultHeader: 'f' })).toEqual(['anomalies', 'scores'].map((topic) => ({ topic, key: 'b', value: JSON.stringify(verdicts[0]!.verdict) })))
  })
})

describe('it is not silent', () => {
  test('where nobody asks', () => {
    const driver = new TopologyDriver({ config: aConfig(tumbling), nowMs: startMs, models: plainModel(), thresholds: plainThreshold(1e9) })
    send(driver, ['a', 'b'], 0, 30)
    send(driver, ['a'], 30, 3_600)
    expect(driver.verdicts).toEqual([])
  })

  test('when it was heard too rarely to be known', () => {
    const driver = aDriver()
    send(driver, ['a'], 0, 30)
    send(driver, ['b'], 30, 40)
    send(driver, ['a'], 40, 500)
    expect(silences(driver)).toEqual([])
  })

  test('when its readings come late: they are lost to windows, but it sends', () => {
    const driver = aDriver()
    send(driver, ['a', 'b'], 0, 30)
    for (let second = 30; second < 300; second += 30) {
      send(driver, ['a'], second, second + 29)
      send(driver, ['b'], second + 29, second + 30, { behindS: 25 })
    }
    expect(driver.tallies.late).toBe(9)
    expect(silences(driver)).toEqual([])
  })

  test('when its clock is behind by more than the limit', () => {
    const driver = aDriver({ window: { kind: 'none' } })
    for (let second = 0; second < 300; second++) {
      send(driver, ['a'], second, second + 1)
      send(driver, ['b'], second, second + 1, { behindS: 90 })
    }
    send(driver, ['a'], 300, 400)
    // Counted from when it was heard by the others' clocks.
    expect(silences(driver)).toEqual([['b', 294, 354]])
  })
})

describe('a partition in which everything is silent', () => {
  test('is told of by the clock', () => {
    const driver = aDriver()
    send(driver, ['a', 'b'], 0, 30)
    driver.advance(64_900)
    expect(silences(driver)).toEqual([])
    driver.advance(100)
    expect(silences(driver)).toEqual([['a', 29, 89], ['b', 29, 89]])
    driver.advance(7_200_000)
    expect(driver.tallies.silences).toBe(2)
  })

  test('comes to the same when its detector stood still until it was over: also of the device that is heard first', () => {
    const clocked = aDriver()
    send(clocked, ['a', 'b'], 0, 30)
    for (let i = 0; i < 200; i++) clocked.advance(1_000)
    send(clocked, ['a', 'b'], 300, 330)
    const stood = aDriver()
    send(stood, ['a', 'b'], 0, 30)
    send(stood, ['a', 'b'], 300, 330)
    const told = ({ verdicts }: TopologyDriver) => verdicts.map(({ verdict }) => verdict)
    expect(silences(stood)).toEqual([['a', 29, 89], ['b', 29, 89]])
    expect(told(stood)).toEqual(told(clocked))
  })

  test('is not told of while nobody could be heard', () => {
    const driver = aDriver()
    send(driver, ['a'], 0, 30)
    driver.nowMs += 3_600_000
    driver.topology.restartSilence(driver.nowMs)
    driver.advance(64_000)
    expect(silences(driver)).toEqual([])
  })
})

test('a silence over a weekend is told of before the device is forgotten, and ends with it', () => {
  const driver = aDriver()
  send(driver, ['a', 'b'], 0, 30)
  send(driver, ['a'], 200_000, 200_030)
  const first = [['a', 29, 89], ['b', 29, 89]]
  expect(silences(driver)).toEqual(first)
  send(driver, ['a'], 210_000, 210_300)
  expect(driver.topology.countGroups()).toEqual({ warming: 0, active: 1, windowsLeft: 0 })
  expect(silences(driver)).toEqual([...first, ['a', 200_029, 200_089]])
})

describe('when the input gets more partitions', () => {
  /** Of a, b and c only a is heard after the growth, and a and c until keys are where they stay. */
  function grown({ afterMs }: { afterMs: number }): TopologyDriver {
    const driver = aDriver({ silence: { afterMs } })
    driver.topology.start(0)
    driver.topology.meetPartitions(2)
    send(driver, ['a', 'b', 'c'], 0, 30)
    driver.topology.meetPartitions(3)
    send(driver, ['a', 'c'], 30, 200)
    return driver
  }

  test('a device that is not heard any more may have moved, and is not silent', () => {
    const driver = grown({ afterMs: 60_000 })
    expect(silences(driver)).toEqual([])
  })

  test('neither when it was last heard while keys moved, however long ago that is', () => {
    const driver = grown({ afterMs: 3_600_000 })
    driver.topology.growths.end(driver.topology.nextOffset)
    send(driver, ['a'], 200, 2_000)
    // Nobody needs to know of the growth any more.
    driver.topology.position()
    driver.topology.growths.forgetBefore(driver.topology.nextOffset)
    send(driver, ['a'], 2_000, 4_000)
    expect(silences(driver)).toEqual([])
  })

  test('one that is heard where every key stays is waited for as before', () => {
    const driver = grown({ afterMs: 60_000 })
    driver.topology.growths.end(driver.topology.nextOffset)
    send(driver, ['a', 'c'], 200, 210)
    send(driver, ['a'], 210, 300)
    expect(silences(driver)).toEqual([['c', 209, 269]])
  })

  test('one that takes over comes to the same, from a checkpoint before the growth, in it and after it', () => {
    const config = aConfig({ ...tumbling, silence: { afterMs: 60_000 }, features: ['mean', 'count'], model: { kind: 'robustZScore', parameters: {} } })
    const aDetector = () => new TopologyDriver({ config, nowMs: startMs + 86_400_000, keepsHistory: true })
    const log = aDriver()
    // b may move with the growth, c is heard while keys move, d also where they stay; e stops before all of it.
    send(log, ['a', 'b', 'c', 'd', 'e'], 0, 30)
    send(log, ['a', 'b', 'c', 'd'], 30, 120)
    send(log, ['a', 'c', 'd'], 120, 150)
    send(log, ['a', 'd'], 150, 170)
    send(log, ['a'], 170, 300)
    const offsetOf = (second: number): number => log.log.findIndex(({ timestampMs }) => timestampMs >= startMs + second * 1_000)
    const [growth, end] = [offsetOf(120), offsetOf(160)]
    const run = (driver: TopologyDriver, from: number, to: number): void => {
      for (const record of log.log.slice(from, to)) {
        if (record.offset === growth) driver.topology.meetPartitions(3)
        if (record.offset === end) driver.topology.growths.end(end)
        driver.step(record)
      }
    }
    const begun = (): TopologyDriver => {
      const driver = aDetector()
      driver.topology.start(0)
      driver.topology.meetPartitions(2)
      return driver
    }
    const whole = begun()
    run(whole, 0, Infinity)
    expect(silences(whole)).toEqual([['e', 29, 89], ['d', 169, 229]])
    for (const second of [20, 60, 100, 119, 121, 140, 155, 161, 180, 200]) {
      for (const later of [1, 30, 80]) {
        const [checkpoint, commit] = [offsetOf(second), offsetOf(second + later)]
        const first = begun()
        run(first, 0, checkpoint)
        const snapshot = first.topology.snapshot()
        run(first, checkpoint, commit)
        const other = aDetector()
        other.topology.restore(snapshot)
        other.topology.resumeSilently(first.topology.position()!)
        other.topology.meetPartitions(commit > growth ? 3 : 2)
        for (const record of log.log.slice(checkpoint, commit)) other.step(record)
        run(other, commit, Infinity)
        expect([...silences(first), ...silences(other)], `checkpoint at ${second}, commit ${later} s later`).toEqual(silences(whole))
      }
    }
  })
})

describe('the field may change between two runs: what models have learned stays', () => {
  const configOf = (silence: DetectorConfig['silence']) => aConfig({ ...tumbling, ...(silence !== undefined && { silence }) })
  const taken = (given: DetectorConfig['silence']): Uint8Array => {
    const driver = new TopologyDriver({ config: configOf(given), nowMs: startMs })
    send(driver, ['a', 'b'], 0, 30)
    return driver.topology.snapshot()
  }
  /** Goes on from a snapshot of second 30. */
  const restored = (bytes: Uint8Array, given: DetectorConfig['silence']): TopologyDriver => {
    const driver = new TopologyDriver({ config: configOf(given), nowMs: startMs })
    driver.topology.restore(bytes)
    driver.continueAt(60)
    return driver
  }

  test('switched on, devices are watched once they were heard', () => {
    const driver = restored(taken(undefined), { afterMs: 60_000 })
    send(driver, ['a'], 30, 200)
    expect(silences(driver)).toEqual([])
    send(driver, ['a', 'b'], 200, 220)
    send(driver, ['a'], 220, 300)
    expect(silences(driver)).toEqual([['b', 219, 279]])
  })

  test('with another limit, what was learned is held against that', () => {
    const driver = restored(taken({ missedIntervals: 5 }), { missedIntervals: 50 })
    send(driver, ['a'], 30, 200)
    expect(silences(driver)).toEqual([['b', 29, 79]])
  })

  test('switched off and on again, nothing is told of what was not heard meanwhile', () => {
    const off = restored(taken({ afterMs: 60_000 }), undefined)
    send(off, ['a'], 30, 31)
    const driver = restored(off.topology.snapshot(), { afterMs: 60_000 })
    driver.continueAt(61)
    send(driver, ['a'], 31, 200)
    expect(silences(driver)).toEqual([])
  })
})

test('a detector that begins without a checkpoint tells of no silence that it did not hear begin', () => {
  const config = aConfig({ ...tumbling, ...afterMinute })
  const first = new TopologyDriver({ config, nowMs: startMs, keepsHistory: true })
  send(first, ['a', 'b'], 0, 30)
  const committed = first.topology.position()!
  const second = new TopologyDriver({ config, nowMs: first.nowMs })
  const { startOffset } = second.topology.resume(committed)
  for (const record of first.log.slice(startOffset)) second.step(record)
  send(second, ['a'], 30, 200)
  expect(silences(second)).toEqual([])
  send(second, ['a', 'b'], 200, 220)
  send(second, ['a'], 220, 300)
  expect(silences(second)).toEqual([['b', 219, 279]])
})
