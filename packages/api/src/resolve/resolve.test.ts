import { describe, expect, test } from 'vitest'
import { presetNames } from '../pipeline/source.ts'
import { aFleet, aPipeline } from '../testing.ts'
import { resolveFleet } from './fleet.ts'
import { resolvePipeline } from './pipeline.ts'
import { planTopics } from './topics.ts'

describe('resolvePipeline', () => {
  test('spells everything out', () => {
    expect(resolvePipeline(aPipeline())).toEqual({
      pipeline: { name: 'example', namespace: 'default', uid: 'default.example' },
      groupId: 'tidewatch-default-example',
      topic: 'readings',
      partitions: 8,
      startFrom: 'Earliest',
      reading: { device: '$.sensor_id', eventTime: { path: '$.timestamp', format: 'Iso8601' }, metric: { name: '$.metric', value: '$.value' }, categories: [] },
      deviceField: 'sensor_id',
      groupBy: 'Device',
      window: { kind: 'tumbling', sizeMs: 60_000 },
      allowedLatenessMs: 5_000,
      maxClockSkewMs: 300_000,
      idleTimeoutMs: 30_000,
      features: ['mean', 'stddev', 'min', 'max', 'count', 'range'],
      model: { kind: 'microClusters', parameters: {} },
      threshold: { score: 1 },
      scope: 'Device',
      warmUp: 30,
      seed: 1,
      outputs: { anomalies: 'example-anomalies', deadLetters: 'example-dead-letters' },
      faultHeader: 'tidewatch-fault',
      delivery: 'AtLeastOnce',
      commitIntervalMs: 1_000,
      checkpoint: { topic: 'example-state', intervalMs: 10_000 },
    })
  })

  test('takes the delivery and the checkpoint from the manifest', () => {
    const pipeline = aPipeline((p) => {
      delete p.spec.delivery
      p.spec.checkpoint = { interval: '30s', topic: 'kept' }
    })
    expect(resolvePipeline(pipeline)).toMatchObject({ delivery: 'ExactlyOnce', checkpoint: { topic: 'kept', intervalMs: 30_000 } })
  })

  test.each(presetNames)('knows the preset %s', (preset) => {
    expect(resolvePipeline(aPipeline((p) => (p.spec.source = { topic: { name: 'a' }, preset }))).reading.categories).toBeDefined()
  })

  test.each<[object, object]>([
    [{ none: {} }, { kind: 'none' }],
    [{ sliding: { size: '60s', slide: '10s' } }, { kind: 'sliding', sizeMs: 60_000, slideMs: 10_000 }],
    [{ session: { gap: '5m' } }, { kind: 'session', gapMs: 300_000, maxDurationMs: 3_600_000 }],
  ])('window %j is %j', (window, resolved) => {
    expect(resolvePipeline(aPipeline((p) => (p.spec.window = window))).window).toEqual(resolved)
  })
})

describe('resolveFleet', () => {
  test('turns a rate into an interval', () => {
    expect(resolveFleet(aFleet((f) => (f.spec.rate = 20))).intervalMs).toBe(50)
    expect(resolveFleet(aFleet()).intervalMs).toBe(1_000)
  })

  test('gives each fault its own default magnitude', () => {
    const fleet = aFleet((f) => {
      f.spec.faults = [
        { kind: 'noise', selector: { share: 0.1 }, every: '1h' },
        { kind: 'spike', selector: { devices: ['a'] }, magnitude: 3 },
      ]
    })
    expect(resolveFleet(fleet).faults).toEqual([
      { kind: 'noise', selector: { share: 0.1 }, startMs: 0, durationMs: 60_000, everyMs: 3_600_000, magnitude: 5 },
      { kind: 'spike', selector: { devices: ['a'] }, startMs: 0, durationMs: 60_000, everyMs: undefined, magnitude: 3 },
    ])
  })
})

describe('planTopics', () => {
  test('gives outputs the input\'s partitions', () => {
    const pipeline = aPipeline((p) => {
      p.spec.source.topic.partitions = 3
      p.spec.outputs = { scores: { topic: 'all', partitions: 1 }, late: { topic: 'late' } }
    })
    expect(planTopics(pipeline).map(({ name, partitions }) => [name, partitions])).toEqual([
      ['readings', 3],
      ['example-anomalies', 3],
      ['all', 1],
      ['example-dead-letters', 3],
      ['late', 3],
      ['example-state', 3],
    ])
  })

  test('keeps state apart from that of a pipeline of the same name in another namespace', () => {
    const topicIn = (namespace: string | undefined) => planTopics(aPipeline((p) => Object.assign(p.metadata, { namespace }))).at(-1)?.name
    expect([topicIn(undefined), topicIn('default'), topicIn('plant')]).toEqual(['example-state', 'example-state', 'plant.example-state'])
  })

  test('keeps state in a compacted topic', () => {
    expect(planTopics(aPipeline()).at(-1)).toMatchObject({ name: 'example-state', partitions: 8, config: { 'cleanup.policy': 'compact' }, askedBy: 'example: spec.checkpoint', holdsState: true })
  })
})
