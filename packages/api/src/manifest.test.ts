import { describe, expect, test } from 'vitest'
import { parseManifest } from './manifest.ts'
import { formatPath } from './problems.ts'
import { aFleet, aPipeline, fleetDocument, pipelineDocument } from './testing.ts'

const messagesOf = (document: unknown): string[] => {
  const parsed = parseManifest(document)
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`)
}

describe('defaults of a pipeline', () => {
  const { spec } = aPipeline()

  test('are those of the reference', () => {
    expect(spec).toMatchObject({
      source: { topic: { partitions: 8, deletionPolicy: 'Retain' }, startFrom: 'Earliest' },
      groupBy: 'Device',
      window: { allowedLateness: '5s', maxClockSkew: '5m', idleTimeout: '30s' },
      features: ['mean', 'stddev', 'min', 'max', 'count', 'range'],
      detector: { scope: 'Device', warmUp: 30, threshold: { score: 1 }, direction: 'Both', minDeviation: 0, consecutive: 1, suppressFor: '0s', seed: 1 },
      scaling: { minReplicas: 1, metricsSource: 'Auto' },
      paused: false,
    })
  })

  test('deliver exactly once where nothing is said', () => {
    expect(aPipeline((pipeline) => delete pipeline.spec.delivery).spec.delivery).toBe('ExactlyOnce')
  })
})

test('defaults of a fleet are those of the reference', () => {
  expect(aFleet().spec).toMatchObject({ jitter: 0.1, speed: 1, shards: 1, compression: 'none', acks: 'all', batchSize: 10_000, linger: '5ms', seed: 1, faults: [] })
})

describe('every mistake is told at once', () => {
  test('with its path and what to write instead', () => {
    const document = pipelineDocument((pipeline) => {
      Object.assign(pipeline.metadata, { name: 'Hall 7' })
      Object.assign(pipeline.spec.source.topic, { partitons: 3 })
      Object.assign(pipeline.spec.window, { tumbling: { size: 60 } })
      Object.assign(pipeline.spec, { features: ['mean', 'mean'], delivery: 'Sometimes', scaling: { minReplicas: 4, maxReplicas: 2 } })
    })
    expect(messagesOf(document)).toEqual([
      'metadata.name: "Hall 7" is not a name: use lower-case letters, digits and "-", such as "hvac-floor-2"',
      'spec.source.topic.partitons: is not a field here: did you mean "partitions"?',
      'spec.window.tumbling.size: must be a text (in quotes where it looks like a number), not number',
      'spec.features: a feature is named twice: name each once',
      'spec.delivery: must be "ExactlyOnce" or "AtLeastOnce"',
      'spec.scaling.minReplicas: minReplicas is above maxReplicas: write a larger maxReplicas or a smaller minReplicas',
    ])
  })

  test('a rule over several fields is told beside a mistake in one of them', () => {
    const document = pipelineDocument((pipeline) => {
      Object.assign(pipeline.spec, { detector: { microClusters: { decay: 'slow' }, robustZScore: {} } })
    })
    expect(messagesOf(document)).toEqual([
      'spec.detector.microClusters.decay: must be a number, not string',
      expect.stringContaining('spec.detector: write exactly one of microClusters, randomCutForest'),
    ])
  })

  test('missing parts are named', () => {
    expect(messagesOf({ apiVersion: 'tidewatch.dev/v1alpha1', kind: 'DetectionPipeline', metadata: { name: 'a' } })).toEqual([
      'spec: is required: write an object with fields',
    ])
  })
})

describe('what is no manifest', () => {
  test.each([
    [null, ': is not a manifest: write an object with apiVersion, kind, metadata and spec'],
    ['text', ': is not a manifest: write an object with apiVersion, kind, metadata and spec'],
    [[], ': is not a manifest: write an object with apiVersion, kind, metadata and spec'],
    [{ apiVersion: 'tidewatch.dev/v1alpha1', kind: 'toString' }, 'kind: must be DetectionPipeline or DeviceFleet'],
  ])('%j is refused', (document, message) => {
    expect(messagesOf(document)).toEqual([message])
  })

  test('another apiVersion is refused', () => {
    expect(messagesOf({ ...fleetDocument(), apiVersion: 'v1' })).toEqual(['apiVersion: must be "tidewatch.dev/v1alpha1"'])
  })
})

describe('rules over several fields', () => {
  test.each<[string, Parameters<typeof pipelineDocument>[0], string]>([
    ['Strimzi needs clusterRef', (p) => Object.assign(p.spec.kafka, { topicManagement: 'Strimzi' }), 'spec.kafka.topicManagement: topicManagement Strimzi needs clusterRef: write Direct or None with bootstrapServers'],
    ['a slide longer than the window', (p) => Object.assign(p.spec, { window: { sliding: { size: '10s', slide: '20s' } } }), 'spec.window.sliding.slide: the slide is longer than the window, so readings would fall between windows: write a slide of at most size'],
    ['too many panes', (p) => Object.assign(p.spec, { window: { sliding: { size: '1h', slide: '1s' } } }), 'spec.window.sliding.slide: a window may be at most 1000 slides long: write a longer slide'],
    ['a deviation of a model that expects nothing', (p) => Object.assign(p.spec, { detector: { halfSpaceTrees: {}, direction: 'Above' } }), 'spec.detector: direction and minDeviation compare with what the model expects, and this model expects nothing: leave both out, or write one of microClusters, randomCutForest, robustZScore, seasonal, subspace, autoencoder'],
    ['a deviation of an ensemble of such', (p) => Object.assign(p.spec, { detector: { ensemble: { members: [{ halfSpaceTrees: {} }, { halfSpaceTrees: { trees: 5 } }] }, minDeviation: 1 } }), 'spec.detector: direction and minDeviation compare with what the model expects, and this model expects nothing: leave both out, or write one of microClusters, randomCutForest, robustZScore, seasonal, subspace, autoencoder'],
    ['a deviation of features that have no unit', (p) => Object.assign(p.spec, { features: ['stddev', 'count'], detector: { robustZScore: {}, minDeviation: 2 } }), 'spec.features: detector.direction and detector.minDeviation need a feature that lies above or below: add one of mean, min, max, median, p95, last'],
    ['a silence that is both known and learned', (p) => Object.assign(p.spec.detector, { silence: { after: '5m', missedIntervals: 4 } }), 'spec.detector.silence: write at most one of after, missedIntervals'],
    ['a silence that nobody would remember', (p) => Object.assign(p.spec.detector, { silence: { after: '24h1ms' } }), 'spec.detector.silence.after: a device unheard of for a day is forgotten: write at most "24h"'],
    ['a type of device that the message does not hold', (p) => Object.assign(p.spec.detector, { scope: 'DeviceType' }), 'spec.detector: detector.scope DeviceType needs the type of the device: write source.preset DeviceMetric or source.mapping.deviceType'],
    ['drain time and lag per replica', (p) => Object.assign(p.spec, { scaling: { targetDrainTime: '10s', targetLagPerReplica: 5 } }), 'spec.scaling: write at most one of targetDrainTime, targetLagPerReplica'],
    ['a mapping without a value', (p) => Object.assign(p.spec, { source: { topic: { name: 'a' }, mapping: { device: '$.id' } } }), 'spec.source.mapping: the mapping names no value: write one of metric, values, allNumbers or categories'],
  ])('%s', (_, change, message) => {
    expect(messagesOf(pipelineDocument(change))).toEqual([message])
  })
})
