import { describe, expect, test } from 'vitest'
import type { DetectionPipelineInput } from '../pipeline/pipeline.ts'
import { presetNames } from '../pipeline/source.ts'
import { aFleet, aPipeline } from '../testing.ts'
import { resolveFleet } from './fleet.ts'
import { detectorConfig, groupIdOf, resolvePipeline } from './pipeline.ts'
import { planTopics } from './topics.ts'

test('no two pipelines of one Kafka are in one group', () => {
  expect([groupIdOf('c', 'a-b'), groupIdOf('b-c', 'a'), groupIdOf('c')]).toEqual(['tidewatch.a-b.c', 'tidewatch.a.b-c', 'tidewatch.default.c'])
})

describe('resolvePipeline', () => {
  test('spells everything out', () => {
    expect(resolvePipeline(aPipeline())).toEqual({
      pipeline: { name: 'example', namespace: 'default', uid: 'default.example' },
      groupId: 'tidewatch.default.example',
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
      direction: 'Both',
      minDeviation: 0,
      consecutive: 1,
      suppressForMs: 0,
      scope: 'Device',
      warmUp: 30,
      warmStart: 'Cohort',
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

  test.each([[{ score: 2 }], [{ quantile: 0.99 }], [{ falseAlarmRate: 0.01 }]])('takes the threshold %j as it is', (threshold) => {
    expect(resolvePipeline(aPipeline((p) => (p.spec.detector.threshold = threshold))).threshold).toEqual(threshold)
  })

  test('takes from the manifest what is told of what is anomalous', () => {
    const pipeline = aPipeline((p) => Object.assign(p.spec.detector, { direction: 'Below', minDeviation: 1.5, consecutive: 3, suppressFor: '1h30m' }))
    expect(resolvePipeline(pipeline)).toMatchObject({ direction: 'Below', minDeviation: 1.5, consecutive: 3, suppressForMs: 5_400_000 })
  })

  test.each([
    [undefined, undefined],
    [{}, { missedIntervals: 5 }],
    [{ missedIntervals: 12 }, { missedIntervals: 12 }],
    [{ after: '24h' }, { afterMs: 86_400_000 }],
  ])('takes the silence %j as %j', (silence, expected) => {
    expect(resolvePipeline(aPipeline((p) => Object.assign(p.spec.detector, { silence }))).silence).toEqual(expected)
  })

  test('watches for drifts only where the manifest asks for it', () => {
    const driftOf = (drift?: { delta?: number }) => resolvePipeline(aPipeline((p) => Object.assign(p.spec.detector, drift && { drift }))).drift
    expect([driftOf(), driftOf({}), driftOf({ delta: 0.01 })]).toEqual([undefined, { delta: 0.002 }, { delta: 0.01 }])
  })

  test.each(presetNames)('knows the preset %s', (preset) => {
    expect(resolvePipeline(aPipeline((p) => (p.spec.source = { topic: { name: 'a' }, preset }))).reading.categories).toBeDefined()
  })

  test('gives a model what the manifest says, and the schema\'s defaults', () => {
    const model = (detector: DetectionPipelineInput['spec']['detector']) => resolvePipeline(aPipeline((p) => (p.spec.detector = detector))).model
    expect(model({ robustZScore: { limit: 4 } })).toEqual({ kind: 'robustZScore', parameters: { limit: 4 } })
    expect(model({ halfSpaceTrees: { trees: 50 } })).toEqual({ kind: 'halfSpaceTrees', parameters: { trees: 50, height: 6, windowSize: 250 } })
  })

  test('gives an ensemble its members, each as if it were alone, in their order', () => {
    const members = [{ robustZScore: { limit: 4 } }, { microClusters: {} }, { microClusters: { decay: 50 } }]
    expect(resolvePipeline(aPipeline((p) => (p.spec.detector = { ensemble: { members, mode: 'Consensus' } }))).model).toEqual({
      kind: 'ensemble',
      parameters: {
        mode: 'Consensus',
        members: [
          { kind: 'robustZScore', parameters: { limit: 4 } },
          { kind: 'microClusters', parameters: {} },
          { kind: 'microClusters', parameters: { decay: 50 } },
        ],
      },
    })
  })

  test('combines the mean where an ensemble says nothing of it', () => {
    const members = [{ robustZScore: {} }, { microClusters: {} }]
    expect(resolvePipeline(aPipeline((p) => (p.spec.detector = { ensemble: { members } }))).model).toMatchObject({ parameters: { mode: 'Mean' } })
  })

  test.each([
    ['an ensemble among members', { kind: 'ensemble', parameters: {} }],
    ['a member that nobody knows', { kind: 'oracle', parameters: {} }],
  ])('a configuration with %s is refused', (_, member) => {
    const config = resolvePipeline(aPipeline())
    const model = { kind: 'ensemble', parameters: { members: [member, { kind: 'microClusters', parameters: {} }] } }
    expect(detectorConfig.safeParse(config).success).toBe(true)
    expect(detectorConfig.safeParse({ ...config, model }).error?.issues.map(({ path }) => path.join('.'))).toEqual(['model.parameters.members.0.kind'])
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
      p.spec.outputs = { scores: { topic: 'all', partitions: 1 }, late: { topic: 'late' }, clusterEvents: { topic: 'clusters', partitions: 2 } }
    })
    expect(planTopics(pipeline).map(({ name, partitions }) => [name, partitions])).toEqual([
      ['readings', 3],
      ['example-anomalies', 3],
      ['all', 1],
      ['example-dead-letters', 3],
      ['late', 3],
      ['clusters', 2],
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
