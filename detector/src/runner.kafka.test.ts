import type { DetectorConfig } from '@tidewatch/api'
import type { OutputRecord } from '@tidewatch/kafka'
import { readTopicIndependently, testBroker, uniqueName } from '@tidewatch/kafka/testing'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { parseRestorePoint } from './restore-point.ts'
import { DetectorHarness } from './testing/detector-harness.ts'
import { aPipelineConfig, createTopics } from './testing/pipeline.ts'

const kafka = new DetectorHarness(testBroker())
afterEach(() => kafka.kill())
afterAll(() => kafka.close())

/** Topics of their own and a configuration for them. */
async function aPipeline(partitions: number, given: Partial<DetectorConfig> = {}): Promise<DetectorConfig> {
  const config = aPipelineConfig(uniqueName('detector'), { partitions, warmUp: 8, ...given })
  await createTopics(kafka.admin, config)
  return config
}

// All event time lies in the past of the machine: a recording. It begins where a window does.
const startMs = Math.floor((Date.now() - 3_600_000) / 10_000) * 10_000

function reading(config: DetectorConfig, device: string, second: number, value: number): OutputRecord {
  const timestampMs = startMs + second * 1_000
  return { topic: config.topic, key: device, value: JSON.stringify({ sensor_id: device, timestamp: new Date(timestampMs).toISOString(), metric: 't', value }) }
}

/** Readings of some devices with a second in which one of them jumps. */
function readings(config: DetectorConfig, from: number, to: number, devices: number, spikeAt?: number): OutputRecord[] {
  return Array.from({ length: to - from }, (_, i) => from + i).flatMap((second) =>
    Array.from({ length: devices }, (_, d): OutputRecord => {
      const isSpike = d === 0 && second === spikeAt
      const record = reading(config, `d${d}`, second, 20 + ((second * 7 + d) % 10) / 10 + (isSpike ? 50 : 0))
      return isSpike ? { ...record, headers: { 'tidewatch-fault': 'spike' } } : record
    }),
  )
}

interface WrittenVerdict {
  id: string
  sensor_id: string
  window_start: string
  is_anomaly: boolean
  features: { count: number }
}
const verdictsOf = async (topic: string, count: number) =>
  (await readTopicIndependently(testBroker(), topic, count)).map(({ value, headers }) => ({ ...(JSON.parse(value!) as WrittenVerdict), headers }))

describe('a detector on a real broker', () => {
  test('takes good, bad and late records to their topics, and leaves in order', async () => {
    const config = await aPipeline(2)
    const big = Buffer.alloc(1_048_000, 'x')
    await kafka.sink.send([
      ...readings(config, 0, 600, 3, 505),
      { topic: config.topic, key: 'd0', value: 'poison', headers: { trace: '7' } },
      { topic: config.topic, key: 'd0', value: null },
      { topic: config.topic, key: 'd0', value: big },
      reading(config, 'd0', 3, 20),
      reading(config, 'd0', 100_000, 20),
    ])
    const child = kafka.start(config)
    await kafka.until('everything is processed', async () => (await child.read('events_processed_total')) === 1_805)
    expect(await child.probe('/readyz')).toEqual({ status: 200, text: 'ok' })
    expect(await child.probe('/healthz')).toEqual({ status: 200, text: 'ok' })

    const anomalies = await verdictsOf(config.outputs.anomalies, 1)
    expect(anomalies.filter(({ sensor_id, window_start }) => sensor_id === 'd0' && window_start === new Date(startMs + 500_000).toISOString())).toMatchObject([
      { is_anomaly: true, headers: { 'tidewatch-fault': 'spike' } },
    ])
    const dead = await readTopicIndependently(testBroker(), config.outputs.deadLetters, 4)
    expect(dead.map(({ headers }) => headers['tidewatch-reason']).sort()).toEqual(['empty', 'notJson', 'timestampTooFarAhead', 'tooLarge'])
    const poison = dead.find(({ headers }) => headers['tidewatch-reason'] === 'notJson')!
    expect(poison).toMatchObject({ key: 'd0', value: 'poison', headers: { trace: '7', 'tidewatch-source-topic': config.topic } })
    const large = dead.find(({ headers }) => headers['tidewatch-reason'] === 'tooLarge')!
    expect(large.value?.length).toBe(large.headers['tidewatch-truncated'] === undefined ? big.length : Number.parseInt(large.headers['tidewatch-truncated']))
    expect(big.length - large.value!.length).toBeLessThan(1_000)
    expect(await readTopicIndependently(testBroker(), config.outputs.late!, 1)).toMatchObject([{ key: 'd0', headers: { 'tidewatch-source-topic': config.topic } }])

    expect(await child.read('tidewatch_detector_dead_letters_total')).toBe(4)
    expect(await child.read('tidewatch_detector_records_late_total')).toBe(1)
    expect(await child.read('kafka_consumer_lag')).toBe(0)
    expect(await child.read('model_recall')).toBe(1)
    expect(await child.read('processing_latency_seconds_count')).toBeGreaterThan(50)
    expect(await child.signal('SIGTERM')).toBe(0)
    expect(await kafka.countCommitted(config)).toBe(1_805)
  })

  test('killed in the middle, another one takes over and no window is lost or changed', async () => {
    const config = await aPipeline(2, { warmUp: 1, model: { kind: 'robustZScore', parameters: {} } })
    await kafka.sink.send(readings(config, 0, 305, 4))
    const first = kafka.start(config)
    await kafka.until('the first has committed all', async () => (await kafka.countCommitted(config)) === 1_220)
    const positions = await kafka.admin.readCommitted(config.groupId, config.topic)
    // The records from 290 s on are in open windows, and whoever comes next needs them.
    for (const { offset, metadata } of positions.values()) expect(parseRestorePoint(metadata)!.restoreOffset).toBeLessThan(offset)
    await first.signal('SIGKILL')
    await kafka.sink.send(readings(config, 305, 900, 4))
    const second = kafka.start(config)
    await kafka.until('the second has processed the rest', async () => (await second.read('events_processed_total')) === 4 * 595)
    await kafka.until('and committed it', async () => (await kafka.countCommitted(config)) === 3_600)
    // From 290 s, which the first had begun and the second has ended, to 890 s: none missing, none cut short.
    expect(await second.read('tidewatch_detector_windows_total')).toBe(4 * 60)
    expect(await second.read('tidewatch_detector_windows_incomplete_total')).toBe(0)
    expect(await second.signal('SIGTERM')).toBe(0)

    const scores = await verdictsOf(config.outputs.scores!, 100)
    const byWindow = Map.groupBy(scores, ({ sensor_id, window_start }) => `${sensor_id} ${window_start}`)
    // Every window that was judged has its ten readings.
    for (const [window, verdicts] of byWindow) {
      expect(new Set(verdicts.map(({ id }) => id)).size, window).toBe(1)
      for (const { features } of verdicts) expect(features.count, window).toBe(10)
    }
    expect(scores.length).toBe(byWindow.size)
  })

  test('says in one line what is wrong with its configuration', async () => {
    const child = kafka.start('{}')
    expect(await child.exited).toBe(1)
    expect(child.output.split('\n').at(-1)).toMatch(/The configuration file .*config\.json is not a resolved pipeline: pipeline: /)
  })
})
