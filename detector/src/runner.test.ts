import type { DetectorConfig } from '@tidewatch/api'
import { createLogger, createRegistry, FakeClock, parseMetrics } from '@tidewatch/kit'
import { afterEach, describe, expect, test } from 'vitest'
import { AtLeastOnce } from './delivery/at-least-once.ts'
import { DetectorMetrics } from './metrics.ts'
import { Runner } from './runner.ts'
import { aConfig, plainModel, plainThreshold } from './testing/index.ts'
import { FakeBroker, FakeSink, FakeSource } from './testing/fake-kafka.ts'

const startMs = Date.UTC(2026, 0, 1)
const silent = createLogger({ name: 'test', level: 'silent' })
const stops: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** A detector on a broker in memory; its model judges after five windows. */
function aRunner(broker: FakeBroker, given: Partial<DetectorConfig> = {}, clock = new FakeClock(startMs), sink = new FakeSink(), log = silent) {
  const config = aConfig({ window: { kind: 'tumbling', sizeMs: 10_000 }, groupBy: 'DeviceAndMetric', warmUp: 5, allowedLatenessMs: 0, ...given })
  const source = new FakeSource(broker)
  const registry = createRegistry()
  const metrics = new DetectorMetrics(registry, config.topic)
  const abort = new AbortController()
  const delivery = new AtLeastOnce({ config, source, sink, admin: { readPartitionCount: async () => broker.logs.length, readCommitted: async () => new Map(broker.committed) }, metrics, clock, log })
  const runner = new Runner({ config, source, delivery, metrics, clock, log, factories: { models: plainModel(), thresholds: plainThreshold() } })
  const running = runner.run(abort.signal)
  running.catch(() => {})
  const stop = async () => {
    abort.abort()
    await source.close()
    await running.catch(() => {})
  }
  stops.push(stop)
  const read = async (name: string, labels: Record<string, string> = {}) =>
    parseMetrics(await registry.metrics()).find((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))?.value
  return { runner, source, sink, metrics, clock, abort, running, stop, read }
}

/** Readings of a device, one each second; the value jumps where a second is named. */
function fill(broker: FakeBroker, from: number, to: number, spikes: number[] = [], partition = 0): void {
  for (let second = from; second < to; second++) {
    const timestampMs = startMs + second * 1_000
    const value = { sensor_id: `d${partition}`, timestamp: new Date(timestampMs).toISOString(), metric: 't', value: spikes.includes(second) ? 90 : 20 }
    broker.append(partition, { value: Buffer.from(JSON.stringify(value)), timestampMs, headers: spikes.includes(second) ? { 'tidewatch-fault': Buffer.from('spike') } : {} })
  }
}

const ends = (sink: FakeSink) => sink.of('anomalies').map(({ value }) => (JSON.parse(String(value)) as { window_end: string }).window_end.slice(14, 19))

describe('the runner', () => {
  test('a topic written by transactions is read to its end: markers count as read, by the lag, the commit and the next detector', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 15)
    broker.appendMarker(0)
    const first = aRunner(broker)
    first.clock.advance(20_000)
    await first.source.assign([0])
    await first.source.deliver()
    await first.source.idle()
    expect([await first.read('kafka_consumer_lag'), broker.committed.get(0)?.offset]).toEqual([0, 16])
    await first.stop()
    broker.appendMarker(0)
    // The next one reads the open window again, and what it finds at the end is a marker.
    const second = aRunner(broker)
    second.clock.advance(20_000)
    await second.source.assign([0])
    await second.source.deliver()
    await second.source.idle()
    expect([await second.read('kafka_consumer_lag'), broker.committed.get(0)?.offset]).toEqual([0, 17])
  })

  test('counts drifts and what came of them, and tells in the log which model was replaced', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 400, Array.from({ length: 200 }, (_, i) => 200 + i))
    const lines: string[] = []
    const logging = createLogger({ name: 'test', destination: { write: (line) => void lines.push(line) } })
    const detector = aRunner(broker, { window: { kind: 'none' }, drift: { delta: 0.002 } }, undefined, undefined, logging)
    detector.clock.advance(500_000)
    await detector.source.assign([0])
    await detector.source.deliver()
    await detector.source.idle()
    expect([await detector.read('tidewatch_detector_drifts_total'), await detector.read('tidewatch_detector_models_replaced_total')]).toEqual([1, 1])
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ generation }) => generation !== undefined)
    expect(told).toMatchObject([
      { level: 'info', partition: 0, model: '["d0","t"]', generation: 2, msg: 'What is normal has changed: a new model, that learned only since, has taken the place of the old one' },
    ])
  })

  test('reads, judges, writes and commits', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 200, [105, 155])
    const { source, sink, clock } = aRunner(broker)
    clock.advance(200_000)
    await source.assign([0])
    await source.deliver()
    await source.idle()
    expect(ends(sink)).toEqual(['01:50', '02:40'])
    expect(sink.records[0]).toMatchObject({ topic: 'anomalies', key: 'd0', headers: { 'tidewatch-fault': 'spike' } })
    await source.idle()
    expect(broker.committed.get(0)?.offset).toBe(200)
  })

  test('sends what cannot be read and what is late to its topic, bytes untouched', async () => {
    const broker = new FakeBroker('readings')
    const poison = Buffer.from([0xff, 0x00, 0x7b])
    broker.append(0, { value: poison, key: Buffer.from('k'), timestampMs: startMs, headers: { trace: Buffer.from('1'), again: [Buffer.from('a'), Buffer.from('b')] } })
    fill(broker, 30, 31)
    fill(broker, 2, 3)
    const { source, sink, clock } = aRunner(broker, { outputs: { anomalies: 'anomalies', deadLetters: 'dead', late: 'late' } })
    clock.advance(60_000)
    await source.assign([0])
    await source.deliver()
    await source.idle()
    expect(sink.of('dead')).toEqual([
      {
        topic: 'dead', key: Buffer.from('k'), value: poison,
        headers: {
          trace: Buffer.from('1'), again: Buffer.from('b'), 'tidewatch-reason': 'notJson', 'tidewatch-error': expect.stringMatching(/^the value is not JSON: /),
          'tidewatch-source-topic': 'readings', 'tidewatch-source-partition': '0', 'tidewatch-source-offset': '0',
        },
      },
    ])
    expect(sink.of('late')).toMatchObject([{ value: broker.logs[0]![2]!.value, headers: { 'tidewatch-source-offset': '2' } }])
  })

  test('commits only what is acknowledged', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 200, [105])
    const { source, sink, clock } = aRunner(broker)
    clock.advance(200_000)
    const order: string[] = []
    sink.onSend = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      order.push(`acknowledged while ${broker.committed.get(0)?.offset} is committed`)
    }
    await source.assign([0])
    await source.deliver()
    await source.idle()
    expect(order).toEqual(['acknowledged while 0 is committed'])
    expect(broker.committed.get(0)?.offset).toBe(200)
  })

  test('commits at the interval while records flow, and not at every batch', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 1_000)
    const { source, clock } = aRunner(broker)
    clock.advance(1_000_000)
    await source.assign([0])
    for (let i = 0; i < 10; i++) {
      clock.advance(300)
      await source.deliver(0, 10)
    }
    // One at the start, then after 1.2 s and 2.4 s.
    expect(broker.commits.map(([position]) => position?.offset)).toEqual([0, 40, 80])
  })

  test('is quiet when nothing happens', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 50)
    const { source, clock } = aRunner(broker)
    clock.advance(50_000)
    await source.assign([0])
    await source.deliver()
    for (let i = 0; i < 100; i++) {
      clock.advance(1_000)
      await source.idle()
    }
    // The last windows close by the clock; after that there is nothing to say.
    const commits = broker.commits.length
    for (let i = 0; i < 100; i++) {
      clock.advance(1_000)
      await source.idle()
    }
    expect(broker.commits).toHaveLength(commits)
  })

  test('begins at the end where a new group is to', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 50)
    const { source, metrics, clock } = aRunner(broker, { startFrom: 'Latest' })
    clock.advance(100_000)
    await source.assign([0])
    fill(broker, 50, 60)
    await source.deliver()
    await source.idle()
    expect(metrics.tallies.records).toBe(10)
    expect(broker.committed.get(0)?.offset).toBe(60)
  })

  test('commits its first position at once, so that a restart does not begin at a later end', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 50)
    const { source } = aRunner(broker, { startFrom: 'Latest' })
    await source.assign([0])
    await source.idle()
    expect(broker.committed.get(0)?.offset).toBe(50)
  })
})

describe('a rebalance', () => {
  test('keeps what is known of a partition that comes back as it was left', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 100)
    const { source, sink, metrics, clock } = aRunner(broker)
    clock.advance(300_000)
    await source.assign([0])
    await source.deliver()
    await source.idle()
    await source.assign([0])
    fill(broker, 100, 200, [105])
    await source.deliver()
    // A detector that had begun anew would still be warming up.
    await source.idle()
    expect(ends(sink)).toEqual(['01:50'])
    expect(metrics.tallies.records).toBe(200)
  })

  test('keeps it also where the last commit was refused, and goes on after the last record processed', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 200, [105])
    const { source, sink, metrics, clock } = aRunner(broker)
    clock.advance(300_000)
    await source.assign([0])
    await source.deliver(0, 90)
    await source.idle()
    await source.deliver(0, 30)
    source.revoke()
    await source.idle()
    expect(broker.committed.get(0)?.offset).toBe(90)
    await source.assign([0])
    await source.deliver()
    await source.idle()
    expect(metrics.tallies.records).toBe(200)
    expect(ends(sink)).toEqual(['01:50'])
    expect(broker.committed.get(0)?.offset).toBe(200)
  })

  test('begins anew where somebody else has worked on the partition meanwhile', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 100)
    const one = aRunner(broker)
    one.clock.advance(300_000)
    await one.source.assign([0])
    await one.source.deliver(0, 55)
    await one.source.idle()
    const two = aRunner(broker)
    two.clock.advance(300_000)
    await two.source.assign([0])
    await two.source.deliver()
    await two.source.idle()
    expect(broker.committed.get(0)?.offset).toBe(100)
    await one.source.assign([0])
    fill(broker, 100, 120)
    await one.source.deliver()
    await one.source.idle()
    // 55, then from the open window's first record (90) on silently, then 20.
    expect(one.metrics.tallies.records).toBe(75)
    expect(one.metrics.tallies.windows + two.metrics.tallies.windows).toBe(11)
    expect(broker.committed.get(0)?.offset).toBe(120)
  })

  test('a stale batch is left alone', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 100)
    const { source, metrics } = aRunner(broker)
    await source.assign([0])
    await source.deliver(0, 100, true)
    expect(metrics.tallies.records).toBe(0)
  })
})

describe('the end', () => {
  test('a signal: what was processed is written and committed, the group is left', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 200, [105])
    const { source, sink, abort, running, clock } = aRunner(broker)
    clock.advance(300_000)
    await source.assign([0])
    await source.deliver()
    abort.abort()
    void source.idle()
    await running
    expect(ends(sink)).toEqual(['01:50'])
    expect(broker.committed.get(0)?.offset).toBe(200)
    expect(source.isClosed).toBe(true)
  }, 2_000)

  test('a sink that fails: nothing is committed, the group is left, the error comes out', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 200, [105])
    const { source, sink, running, clock, read } = aRunner(broker)
    clock.advance(300_000)
    sink.onSend = () => {
      throw new Error('no broker')
    }
    await source.assign([0])
    void source.deliver().then(() => source.idle())
    await expect(running).rejects.toThrow('no broker')
    expect(broker.committed.get(0)?.offset).toBe(0)
    expect(source.isClosed).toBe(true)
    expect(await read('tidewatch_detector_errors_total')).toBe(1)
  })

  test('a source that fails: the error comes out', async () => {
    const { source, running } = aRunner(new FakeBroker('readings'))
    await source.assign([0])
    source.fail(new Error('crashed'))
    await expect(running).rejects.toThrow('crashed')
  })
})

describe('the whole, whenever it is killed', () => {
  test('loses no window and no dead letter, and repeats have the same ids', async () => {
    const broker = new FakeBroker('readings')
    fill(broker, 0, 300, [])
    for (const offset of [40, 130, 222]) broker.logs[0]![offset]!.value = Buffer.from('poison')
    const outputs = { anomalies: 'anomalies', deadLetters: 'dead', scores: 'scores' }
    const whole = aRunner(broker, { outputs, warmUp: 1 })
    whole.clock.advance(400_000)
    await whole.source.assign([0])
    await whole.source.deliver()
    await whole.source.idle()
    const idOf = (value: unknown) => (JSON.parse(String(value)) as { id: string; window_end: string }).id
    const expected = new Set(whole.sink.of('scores').map(({ value }) => idOf(value)))
    expect(expected.size).toBeGreaterThan(20)

    // Killed after every 23 records, a commit at every other kill.
    broker.committed.clear()
    const sink = new FakeSink()
    for (let life = 0; life < 40 && (broker.committed.get(0)?.offset ?? 0) < 300; life++) {
      const { source, clock } = aRunner(broker, { outputs, warmUp: 1 }, new FakeClock(startMs + 400_000), sink)
      await source.assign([0])
      await source.deliver(0, 46)
      if (life % 2 === 0) {
        clock.advance(1_000)
        await source.deliver(0, 23)
      }
    }
    expect(broker.committed.get(0)?.offset).toBe(300)
    expect(new Set(sink.of('dead').map(({ headers }) => headers?.['tidewatch-source-offset']))).toEqual(new Set(['40', '130', '222']))
    // The model needs five windows and forgets them at every kill, so fewer windows are judged; none is another.
    for (const { value } of sink.of('scores')) expect(expected).toContain(idOf(value))
  })
})

describe('the metrics', () => {
  test('tell what happened', async () => {
    const broker = new FakeBroker('readings', 2)
    fill(broker, 0, 200, [105])
    fill(broker, 0, 50, [], 1)
    broker.append(1, { value: Buffer.from('poison'), timestampMs: startMs })
    const { source, clock, read } = aRunner(broker)
    clock.advance(201_000)
    expect(await read('model_precision')).toBeUndefined()
    await source.assign([0, 1])
    await source.deliver(0)
    await source.deliver(1, 51)
    fill(broker, 50, 60, [], 1)
    await source.deliver(1, 1)
    await source.idle()
    expect(await read('events_processed_total')).toBe(252)
    expect(await read('anomalies_detected_total')).toBe(1)
    expect(await read('model_precision')).toBe(1)
    expect(await read('model_recall')).toBe(1)
    expect(await read('kafka_consumer_lag', { topic: 'readings', partition: '1' })).toBe(9)
    expect(await read('kafka_consumer_lag', { partition: '0' })).toBe(0)
    expect(await read('tidewatch_detector_readings_total')).toBe(251)
    expect(await read('tidewatch_detector_dead_letters_total', { reason: 'notJson' })).toBe(1)
    expect(await read('tidewatch_detector_dead_letters_total', { reason: 'tooLarge' })).toBe(0)
    expect(await read('tidewatch_detector_windows_total')).toBe(19 + 5)
    expect(await read('tidewatch_detector_open_windows')).toBe(2)
    expect(await read('tidewatch_detector_keys', { state: 'active' })).toBe(2)
    expect(await read('tidewatch_detector_warm_up_windows_left')).toBe(0)
    expect(await read('tidewatch_detector_watermark_timestamp_seconds', { partition: '0' })).toBe(startMs / 1_000 + 199)
    expect(await read('tidewatch_detector_normal_windows_total', { flagged: 'false' })).toBe(13)
    expect(await read('tidewatch_detector_fault_windows_total', { fault: 'spike', flagged: 'true' })).toBe(1)
    expect(await read('tidewatch_detector_false_alarms_total', { fault: 'none' })).toBe(0)
    expect(await read('tidewatch_detector_fault_incidents_total', { fault: 'spike' })).toBe(1)
    expect(await read('tidewatch_detector_fault_incidents_detected_total', { fault: 'spike' })).toBe(1)
    expect(await read('tidewatch_detector_detection_delay_seconds_sum', { fault: 'spike' })).toBe(5)
    expect(await read('tidewatch_detector_detection_delay_seconds_bucket', { fault: 'spike', le: '+Inf' })).toBe(1)
    expect(await read('tidewatch_detector_rebalances_total')).toBe(1)
    expect(await read('processing_latency_seconds_count')).toBe(19 + 5)
    expect(await read('tidewatch_detector_processing_latency_max_seconds')).toBeCloseTo(201 - 10, 5)
    expect(await read('tidewatch_detector_state_bytes')).toBeGreaterThan(0)
  })
})

test('liveness bears a minute of silence of Kafka, which is not silence of the devices', async () => {
  const broker = new FakeBroker('readings')
  fill(broker, 0, 5)
  const { runner, source, clock, metrics } = aRunner(broker)
  await source.assign([0])
  await source.deliver()
  source.isHeard = false
  clock.advance(59_000)
  await source.idle()
  expect(runner.isAlive()).toBe(true)
  clock.advance(2_000)
  expect(runner.isAlive()).toBe(false)
  source.isHeard = true
  await source.idle()
  expect(metrics.tallies.windows).toBe(0)
  expect(runner.isAlive()).toBe(true)
})
