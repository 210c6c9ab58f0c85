import * as z from 'zod'
import { faultHeader } from '../fleet/faults.ts'
import { availableModels } from '../availability.ts'
import { parseDuration } from '../duration.ts'
import { featureNames } from '../pipeline/features.ts'
import type { DetectionPipeline } from '../pipeline/pipeline.ts'
import { timeFormats } from '../pipeline/source.ts'
import { presets } from '../presets.ts'

/** How a detector reads one message; the preset, if any, is already spelled out. */
const readingMapping = z.strictObject({
  device: z.string().optional(),
  deviceType: z.string().optional(),
  eventTime: z.strictObject({ path: z.string(), format: z.enum(timeFormats) }).optional(),
  metric: z.strictObject({ name: z.string(), value: z.string(), only: z.array(z.string()).optional() }).optional(),
  values: z.array(z.strictObject({ name: z.string(), path: z.string() })).optional(),
  allNumbers: z.strictObject({ except: z.array(z.string()) }).optional(),
  categories: z.array(z.strictObject({ name: z.string(), path: z.string(), values: z.array(z.string()) })),
})

const windowConfig = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tumbling'), sizeMs: z.number().positive() }),
  z.strictObject({ kind: z.literal('sliding'), sizeMs: z.number().positive(), slideMs: z.number().positive() }),
  z.strictObject({ kind: z.literal('session'), gapMs: z.number().positive(), maxDurationMs: z.number().positive() }),
  z.strictObject({ kind: z.literal('none') }),
])

/**
 * Everything a detector process needs to know of its pipeline: the content of its configuration file. Times
 * are in milliseconds, names are resolved, defaults are in.
 */
export const detectorConfig = z.strictObject({
  pipeline: z.strictObject({ name: z.string(), namespace: z.string(), uid: z.string() }),
  groupId: z.string(),
  topic: z.string(),
  partitions: z.int().min(1),
  startFrom: z.enum(['Earliest', 'Latest']),
  reading: readingMapping,
  /** The verdict names its device by this field, as the reading does. */
  deviceField: z.enum(['sensor_id', 'device_id']),
  groupBy: z.enum(['Device', 'DeviceAndMetric']),
  window: windowConfig,
  allowedLatenessMs: z.number().min(0),
  maxClockSkewMs: z.number().min(0),
  idleTimeoutMs: z.number().positive(),
  features: z.array(z.enum(featureNames)).min(1),
  model: z.strictObject({ kind: z.enum(availableModels), parameters: z.record(z.string(), z.number()) }),
  threshold: z.union([z.strictObject({ score: z.number().positive() }), z.strictObject({ falseAlarmRate: z.number().positive() })]),
  scope: z.enum(['Device', 'DeviceType', 'All']),
  warmUp: z.int().min(1),
  seed: z.int().min(0),
  outputs: z.strictObject({
    anomalies: z.string(),
    scores: z.string().optional(),
    deadLetters: z.string(),
    late: z.string().optional(),
  }),
  faultHeader: z.string(),
  /** ExactlyOnce: outputs and positions in one transaction per partition and commit. */
  delivery: z.enum(['ExactlyOnce', 'AtLeastOnce']),
  /** The longest time between two commits of a partition that moves. */
  commitIntervalMs: z.number().positive(),
  /** Where the state of partitions is kept, and how often. */
  checkpoint: z.strictObject({ topic: z.string(), intervalMs: z.number().positive() }),
})

export type DetectorConfig = z.infer<typeof detectorConfig>
export type ReadingMapping = DetectorConfig['reading']
export type WindowConfig = DetectorConfig['window']

const defaultNamespace = 'default'
const commitIntervalMs = 1_000
const defaultCheckpointInterval = '10s'

/** The consumer group of a pipeline's detectors. */
export const groupIdOf = (name: string, namespace = defaultNamespace): string => `tidewatch-${namespace}-${name}`

/** The compacted topic that holds a pipeline's checkpoints. Pipelines of the same name in two namespaces of one Kafka would destroy each other's. */
export function stateTopicOf({ metadata: { name, namespace = defaultNamespace }, spec }: Pick<DetectionPipeline, 'metadata' | 'spec'>): string {
  // Names have no dots, so no two pairs of them come to the same.
  return spec.checkpoint?.topic ?? (namespace === defaultNamespace ? `${name}-state` : `${namespace}.${name}-state`)
}

/**
 * Turns a valid manifest into what a detector process is given. The one place that does so, for `tidewatch up`
 * as for the operator.
 *
 * @throws Error when the manifest asks for a model that is not available; `findUnavailable` tells that first.
 */
export function resolvePipeline(manifest: DetectionPipeline): DetectorConfig {
  const { metadata, spec } = manifest
  const { name, namespace = defaultNamespace, uid = `${namespace}.${name}` } = metadata
  const { detector, outputs } = spec
  const kind = availableModels.find((model) => detector[model] !== undefined)
  if (kind === undefined) throw new Error(`pipeline ${name} asks for a model that is not available yet`)
  const reading = spec.source.mapping ?? presets[spec.source.preset ?? 'SensorReading']

  return detectorConfig.parse({
    pipeline: { name, namespace, uid },
    groupId: groupIdOf(name, namespace),
    topic: spec.source.topic.name,
    partitions: spec.source.topic.partitions,
    startFrom: spec.source.startFrom,
    reading,
    deviceField: reading.device?.endsWith('.sensor_id') ? 'sensor_id' : 'device_id',
    groupBy: spec.groupBy,
    window: resolveWindow(spec.window),
    allowedLatenessMs: parseDuration(spec.window.allowedLateness),
    maxClockSkewMs: parseDuration(spec.window.maxClockSkew),
    idleTimeoutMs: parseDuration(spec.window.idleTimeout),
    features: spec.features,
    model: { kind, parameters: withoutUndefined(detector[kind] ?? {}) },
    threshold: detector.threshold.falseAlarmRate === undefined ? { score: detector.threshold.score } : { falseAlarmRate: detector.threshold.falseAlarmRate },
    scope: detector.scope,
    warmUp: detector.warmUp,
    seed: detector.seed,
    outputs: withoutUndefined({
      anomalies: outputs.anomalies?.topic ?? `${name}-anomalies`,
      scores: outputs.scores?.topic,
      deadLetters: outputs.deadLetters?.topic ?? `${name}-dead-letters`,
      late: outputs.late?.topic,
    }),
    faultHeader,
    delivery: spec.delivery,
    commitIntervalMs,
    checkpoint: { topic: stateTopicOf(manifest), intervalMs: parseDuration(spec.checkpoint?.interval ?? defaultCheckpointInterval) },
  })
}

function resolveWindow(window: DetectionPipeline['spec']['window']): WindowConfig {
  if (window.tumbling) return { kind: 'tumbling', sizeMs: parseDuration(window.tumbling.size) }
  if (window.sliding) return { kind: 'sliding', sizeMs: parseDuration(window.sliding.size), slideMs: parseDuration(window.sliding.slide) }
  if (window.session) return { kind: 'session', gapMs: parseDuration(window.session.gap), maxDurationMs: parseDuration(window.session.maxDuration) }
  return { kind: 'none' }
}

function withoutUndefined<T extends Record<string, unknown>>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}
