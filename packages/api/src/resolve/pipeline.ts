import * as z from 'zod'
import { faultHeader } from '../fleet/faults.ts'
import { availableModels } from '../availability.ts'
import { parseDuration } from '../duration.ts'
import { featureNames } from '../pipeline/features.ts'
import type { DetectionPipeline } from '../pipeline/pipeline.ts'
import { defaultMissedIntervals } from '../pipeline/silence.ts'
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

/** A model that judges alone; what is not among its parameters has the model's own default. */
const numericModelConfig = z.strictObject({ kind: z.enum(availableModels).exclude(['ensemble', 'autoencoder']), parameters: z.record(z.string(), z.number()) })

/** A network that was trained elsewhere: where its ONNX file lies, and how many windows it looks at. */
const autoencoderConfig = z.strictObject({ kind: z.literal('autoencoder'), parameters: z.strictObject({ model: z.string(), sequence: z.int().min(2) }) })

const singleModelConfig = z.discriminatedUnion('kind', [numericModelConfig, autoencoderConfig])

/** Models that judge together; without members, the detector's own choice of them. */
const ensembleConfig = z.strictObject({
  kind: z.literal('ensemble'),
  parameters: z.strictObject({ members: z.array(singleModelConfig).min(2).max(8).optional(), mode: z.enum(['Mean', 'Consensus']).optional() }),
})

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
  model: z.discriminatedUnion('kind', [numericModelConfig, autoencoderConfig, ensembleConfig]),
  threshold: z.union([
    z.strictObject({ score: z.number().positive() }),
    z.strictObject({ quantile: z.number().positive() }),
    z.strictObject({ falseAlarmRate: z.number().positive() }),
  ]),
  /** What of that which scores above the threshold is told. */
  direction: z.enum(['Both', 'Above', 'Below']),
  minDeviation: z.number().min(0),
  consecutive: z.int().min(1),
  suppressForMs: z.number().min(0),
  /** When a group that stops sending is reported; undefined: never. */
  silence: z.union([z.strictObject({ afterMs: z.number().positive() }), z.strictObject({ missedIntervals: z.number().positive() })]).optional(),
  /** How sure a drift of the scores must be for another model to be brought up; undefined: none is. */
  drift: z.strictObject({ delta: z.number().positive() }).optional(),
  scope: z.enum(['Device', 'DeviceType', 'All']),
  warmUp: z.int().min(1),
  /** Whether a new device's model starts from what others of its type have shown. */
  warmStart: z.enum(['Cohort', 'None']),
  seed: z.int().min(0),
  outputs: z.strictObject({
    anomalies: z.string(),
    scores: z.string().optional(),
    deadLetters: z.string(),
    late: z.string().optional(),
    clusterEvents: z.string().optional(),
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
/** A model that judges alone, or a member of an ensemble. */
export type SingleModelConfig = z.infer<typeof singleModelConfig>
export type ReadingMapping = DetectorConfig['reading']
export type WindowConfig = DetectorConfig['window']

const defaultNamespace = 'default'
const commitIntervalMs = 1_000
const defaultCheckpointInterval = '10s'

/** The consumer group of a pipeline's detectors. Names have no dots, so no two pipelines of one Kafka come to the same. */
export const groupIdOf = (name: string, namespace = defaultNamespace): string => `tidewatch.${namespace}.${name}`

/** The compacted topic that holds a pipeline's checkpoints. Pipelines of the same name in two namespaces of one Kafka would destroy each other's. */
export function stateTopicOf({ metadata: { name, namespace = defaultNamespace }, spec }: Pick<DetectionPipeline, 'metadata' | 'spec'>): string {
  // Names have no dots, so no two pairs of them come to the same.
  return spec.checkpoint?.topic ?? (namespace === defaultNamespace ? `${name}-state` : `${namespace}.${name}-state`)
}

/**
 * Whether two pipelines keep their checkpoints in one topic of one Kafka, where each would take up the other's state and its deletion
 * would destroy both. Kafkas are told apart by how they are named: one that has two addresses counts as two.
 */
export function sharesState(one: Pick<DetectionPipeline, 'metadata' | 'spec'>, other: Pick<DetectionPipeline, 'metadata' | 'spec'>): boolean {
  return stateTopicOf(one) === stateTopicOf(other) && nameKafka(one) === nameKafka(other)
}

const nameKafka = ({ metadata: { namespace = defaultNamespace }, spec: { kafka } }: Pick<DetectionPipeline, 'metadata' | 'spec'>): string =>
  kafka.clusterRef === undefined ? `at ${kafka.bootstrapServers}` : `cluster ${namespace}/${kafka.clusterRef.name}`

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
    model: resolveModel(name, detector),
    // Exactly one of them is set.
    threshold: withoutUndefined(detector.threshold),
    direction: detector.direction,
    minDeviation: detector.minDeviation,
    consecutive: detector.consecutive,
    suppressForMs: parseDuration(detector.suppressFor),
    ...(detector.silence !== undefined && { silence: resolveSilence(detector.silence) }),
    ...(detector.drift !== undefined && { drift: detector.drift }),
    scope: detector.scope,
    warmUp: detector.warmUp,
    warmStart: detector.warmStart,
    seed: detector.seed,
    outputs: withoutUndefined({
      anomalies: outputs.anomalies?.topic ?? `${name}-anomalies`,
      scores: outputs.scores?.topic,
      deadLetters: outputs.deadLetters?.topic ?? `${name}-dead-letters`,
      late: outputs.late?.topic,
      clusterEvents: outputs.clusterEvents?.topic,
    }),
    faultHeader,
    delivery: spec.delivery,
    commitIntervalMs,
    checkpoint: { topic: stateTopicOf(manifest), intervalMs: parseDuration(spec.checkpoint?.interval ?? defaultCheckpointInterval) },
  })
}

/** A detector, or a member of an ensemble, as far as it says which model. */
type AskedModel = { readonly [Name in SingleModelConfig['kind']]?: object | undefined }

function resolveModel(pipeline: string, { ensemble, ...single }: AskedModel & Pick<DetectionPipeline['spec']['detector'], 'ensemble'>): DetectorConfig['model'] {
  if (ensemble === undefined) return resolveSingleModel(pipeline, single)
  return { kind: 'ensemble', parameters: { mode: ensemble.mode, members: ensemble.members.map((member) => resolveSingleModel(pipeline, member)) } }
}

function resolveSingleModel(pipeline: string, asked: AskedModel): SingleModelConfig {
  const kind = [...numericModelConfig.shape.kind.options, 'autoencoder' as const].find((model) => asked[model] !== undefined)
  if (kind === undefined) throw new Error(`pipeline ${pipeline} asks for a model that is not available yet`)
  return singleModelConfig.parse({ kind, parameters: withoutUndefined({ ...asked[kind] }) })
}

function resolveWindow(window: DetectionPipeline['spec']['window']): WindowConfig {
  if (window.tumbling) return { kind: 'tumbling', sizeMs: parseDuration(window.tumbling.size) }
  if (window.sliding) return { kind: 'sliding', sizeMs: parseDuration(window.sliding.size), slideMs: parseDuration(window.sliding.slide) }
  if (window.session) return { kind: 'session', gapMs: parseDuration(window.session.gap), maxDurationMs: parseDuration(window.session.maxDuration) }
  return { kind: 'none' }
}

function resolveSilence({ after, missedIntervals = defaultMissedIntervals }: NonNullable<DetectionPipeline['spec']['detector']['silence']>): DetectorConfig['silence'] {
  return after === undefined ? { missedIntervals } : { afterMs: parseDuration(after) }
}

function withoutUndefined<T extends Record<string, unknown>>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}
