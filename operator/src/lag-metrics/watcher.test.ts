import { detectionPipeline } from '@tidewatch/api'
import { createLogger, defineError, FakeClock, nextTurn, Registry } from '@tidewatch/kit'
import type { PartitionLag } from '@tidewatch/kafka'
import { describe, expect, test } from 'vitest'
import { createKedaRoute } from './keda-endpoint.ts'
import { describeLag } from './pipeline-lag.ts'
import { aPartition } from './testing/looks.ts'
import { createLagWatcher, type LagWatcherOptions, type WatchedPipeline } from './watcher.ts'

const KafkaGone = defineError('KAFKA_UNREACHABLE', { retry: 'backoff' })
const log = createLogger({ name: 'test', level: 'silent' })

function aPipeline(name: string, scaling: object = {}): WatchedPipeline {
  const { spec } = detectionPipeline.parse({
    apiVersion: 'tidewatch.dev/v1alpha1',
    kind: 'DetectionPipeline',
    metadata: { name },
    spec: { kafka: { bootstrapServers: 'kafka:9092' }, source: { topic: { name: 'readings' }, preset: 'SensorReading' }, window: { tumbling: { size: '10s' } }, detector: { robustZScore: {} }, scaling },
  })
  return { namespace: 'factory', name, scaling: spec.scaling }
}

/** Kafka as tests set it: an answer for each pipeline, or none at all. */
function aWatcher(over: Partial<LagWatcherOptions> = {}) {
  const clock = new FakeClock(1_000_000)
  const registry = new Registry()
  const pipelines = [aPipeline('hvac')]
  const answers: Record<string, () => Promise<PartitionLag[]>> = {}
  const watcher = createLagWatcher({
    list: () => pipelines,
    readLag: ({ name }) => answers[name]?.() ?? Promise.resolve([aPartition(0, [100, 100])]),
    replicasOf: () => 1,
    clock,
    log,
    registry,
    ...over,
  })
  return { clock, registry, pipelines, answers, watcher }
}

describe('signalOf', () => {
  test('nothing was read yet, then a rate is not known, then all is', async () => {
    const { watcher, clock, answers } = aWatcher()
    expect(watcher.signalOf('factory', 'hvac')).toEqual({ kind: 'Unreadable', code: 'LAG_NOT_READ_YET', why: 'the lag was not read yet', sinceMs: 1_000_000 })
    await watcher.look()
    expect(watcher.signalOf('factory', 'hvac')).toMatchObject({ kind: 'Known', signal: { drainSeconds: undefined, totalLag: 0 } })
    clock.advance(5_000)
    answers.hvac = () => Promise.resolve([aPartition(0, [600, 5_100])])
    await watcher.look()
    expect(watcher.signalOf('factory', 'hvac')).toMatchObject({ kind: 'Known', signal: { atMs: 1_005_000, ratePerSecond: 100, workSeconds: 45, totalLag: 4_500 } })
    expect(describeLag(watcher.signalOf('factory', 'hvac'))).toEqual({ kind: 'Known', total: 4_500, drainSeconds: 45, worstPartition: 0, stuckPartitions: [] })
  })

  test('undefined for a pipeline that is not there', () => {
    const { watcher } = aWatcher()
    expect(watcher.signalOf('factory', 'other')).toBeUndefined()
    expect(watcher.signalOf('elsewhere', 'hvac')).toBeUndefined()
    expect(describeLag(undefined)).toBeUndefined()
  })

  test('an error now and then does not count, one for more than a minute does, and it is told since when', async () => {
    const { watcher, clock, answers } = aWatcher()
    await watcher.look()
    answers.hvac = () => Promise.reject(new KafkaGone('No Kafka broker answered at kafka:9092'))
    clock.advance(30_000)
    await watcher.look()
    expect(watcher.signalOf('factory', 'hvac')).toMatchObject({ kind: 'Known' })
    clock.advance(31_000)
    await watcher.look()
    const unreadable = { kind: 'Unreadable', code: 'KAFKA_UNREACHABLE', why: 'No Kafka broker answered at kafka:9092', sinceMs: 1_030_000 }
    expect(watcher.signalOf('factory', 'hvac')).toEqual(unreadable)
    expect(describeLag(watcher.signalOf('factory', 'hvac'))).toEqual({ kind: 'Unreadable', code: 'KAFKA_UNREACHABLE', message: 'No Kafka broker answered at kafka:9092' })
    delete answers.hvac
    await watcher.look()
    expect(watcher.signalOf('factory', 'hvac')).toMatchObject({ kind: 'Known' })
  })

  test('a signal that nobody has renewed for a minute is no signal', async () => {
    const { watcher, clock } = aWatcher()
    await watcher.look()
    clock.advance(61_000)
    expect(watcher.signalOf('factory', 'hvac')).toMatchObject({ kind: 'Unreadable', why: 'the last look at the lag is 61 s old' })
  })
})

describe('looking', () => {
  test('one Kafka that does not answer keeps none of the others from being looked at, and is asked once', async () => {
    const { watcher, clock, answers, pipelines } = aWatcher({ concurrency: 2, timeoutMs: 10_000 })
    let asked = 0
    answers.dead = () => {
      asked++
      return new Promise(() => {})
    }
    pipelines.unshift(aPipeline('dead'))
    pipelines.push(aPipeline('third'))
    const stop = new AbortController()
    const running = watcher.run(stop.signal)
    await nextTurn()
    expect(watcher.signalOf('factory', 'hvac')).toMatchObject({ kind: 'Known' })
    expect(watcher.signalOf('factory', 'third')).toMatchObject({ kind: 'Known' })
    for (let i = 0; i < 20; i++) {
      clock.advance(5_000)
      await nextTurn()
    }
    expect(watcher.signalOf('factory', 'hvac')).toMatchObject({ kind: 'Known', signal: { atMs: 1_100_000 } })
    expect(watcher.signalOf('factory', 'dead')).toEqual({ kind: 'Unreadable', code: 'LAG_TIMEOUT', why: 'Kafka did not answer within 10 s: check that the operator can reach its brokers', sinceMs: 1_010_000 })
    expect(asked).toBe(1)
    stop.abort()
    await nextTurn()
    clock.advance(10_000)
    await running
  })

  test('never more questions at the same time than allowed, and everybody has a turn', async () => {
    let now = 0
    let most = 0
    const pipelines = Array.from({ length: 50 }, (_, i) => aPipeline(`p${i}`))
    const { watcher } = aWatcher({
      concurrency: 4,
      list: () => pipelines,
      readLag: async () => {
        most = Math.max(most, ++now)
        await nextTurn()
        now--
        return [aPartition(0, [1, 1])]
      },
    })
    await watcher.look()
    expect(most).toBe(4)
    expect(pipelines.every(({ name }) => watcher.signalOf('factory', name)?.kind === 'Known')).toBe(true)
  })
})

test('lag by partition is a metric that goes with its partition and its pipeline', async () => {
  const { watcher, registry, answers, pipelines } = aWatcher()
  answers.hvac = () => Promise.resolve([aPartition(0, [5, 10]), aPartition(1, [5, 7])])
  await watcher.look()
  const lines = async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('tidewatch_consumer_lag{'))
  expect(await lines()).toEqual(['tidewatch_consumer_lag{namespace="factory",pipeline="hvac",partition="0"} 5', 'tidewatch_consumer_lag{namespace="factory",pipeline="hvac",partition="1"} 2'])
  answers.hvac = () => Promise.resolve([aPartition(0, [5, 11])])
  await watcher.look()
  expect(await lines()).toEqual(['tidewatch_consumer_lag{namespace="factory",pipeline="hvac",partition="0"} 6'])
  pipelines.pop()
  await watcher.look()
  expect(await lines()).toEqual([])
})

describe('the endpoint for KEDA', () => {
  test('answers with the signal as JSON', async () => {
    const { watcher, clock, answers } = aWatcher()
    const ask = createKedaRoute(watcher)
    answers.hvac = () => Promise.resolve([aPartition(0, [0, 0])])
    await watcher.look()
    clock.advance(5_000)
    answers.hvac = () => Promise.resolve([aPartition(0, [500, 3_500])])
    await watcher.look()
    expect(ask('/lag/factory/hvac')).toEqual({
      status: 200,
      type: 'application/json',
      body: `${JSON.stringify({ drainSeconds: 29.7, lagRecords: 3_000, totalLag: 3_000, ratePerSecond: 100, worstPartition: 0, stuckPartitions: [], time: '1970-01-01T00:16:45.000Z' })}\n`,
    })
  })

  test.each([
    ['/lag/factory/hvac', 503, 'the lag of pipeline hvac is not known: the lag was not read yet'],
    ['/lag/factory/other', 404, 'there is no pipeline other in namespace factory'],
  ])('%s before anything is known: %i', (path, status, error) => {
    expect(createKedaRoute(aWatcher().watcher)(path)).toEqual({ status, type: 'application/json', body: `${JSON.stringify({ error })}\n` })
  })

  test.each(['/lag', '/lag/a', '/lag/a/b/c', '/metrics'])('%s is not its own', (path) => {
    expect(createKedaRoute(aWatcher().watcher)(path)).toBeUndefined()
  })
})
