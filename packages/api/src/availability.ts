import type { DeviceFleet } from './fleet/fleet.ts'
import type { Manifest } from './manifest.ts'
import { modelNames, type ModelName } from './pipeline/detector.ts'
import type { DetectionPipeline } from './pipeline/pipeline.ts'
import type { Problem } from './problems.ts'

/** The models that run today; the others are in the schema and refused at run time. */
export const availableModels = ['microClusters', 'randomCutForest', 'halfSpaceTrees', 'robustZScore', 'seasonal', 'subspace', 'discord', 'autoencoder', 'ensemble'] as const
export type AvailableModel = (typeof availableModels)[number]

/** Where a manifest is to run: on one machine (`tidewatch up`), or on a Kubernetes cluster (the operator). */
export type RunPlace = 'machine' | 'cluster'

/**
 * The fields of a valid manifest that ask for what this release cannot do yet, or cannot do at this place. A process
 * refuses to start on them rather than run something else than was asked for.
 *
 * @param options.where default: `machine`.
 */
export function findUnavailable(manifest: Manifest, { where = 'machine' }: { where?: RunPlace } = {}): Problem[] {
  return manifest.kind === 'DetectionPipeline' ? unavailableInPipeline(manifest, where) : unavailableInFleet(manifest, where)
}

const refuse = (asked: boolean, path: (string | number)[], instead: string): Problem[] =>
  asked ? [{ path: ['spec', ...path], message: `not available yet: ${instead}` }] : []

function unavailableInPipeline({ spec }: DetectionPipeline, where: RunPlace): Problem[] {
  const { detector, outputs, kafka } = spec
  return [
    ...unavailableModels(detector, ['detector']),
    ...(detector.ensemble?.members ?? []).flatMap((member, i) => unavailableModels(member, ['detector', 'ensemble', 'members', i])),
    ...(['postgres', 's3Parquet', 'cassandra', 'mlflow'] as const).flatMap((name) =>
      refuse(outputs.sinks[name] !== undefined, ['outputs', 'sinks', name], 'read the anomalies topic instead'),
    ),
    ...refuse(outputs.sinks.webhooks.length > 0, ['outputs', 'sinks', 'webhooks'], 'read the anomalies topic instead'),
    ...(where === 'machine' ? [...refuse(spec.paused, ['paused'], 'leave it out, or do not start this pipeline'), ...unavailableConnection(kafka)] : []),
  ]
}

/** Models that a detector, or a member of its ensemble, asks for and that do not run today. */
function unavailableModels(asked: Partial<Record<ModelName, unknown>>, path: (string | number)[]): Problem[] {
  const available: readonly ModelName[] = availableModels
  const instead = available.filter((name) => path.length === 1 || name !== 'ensemble')
  return modelNames.filter((name) => !available.includes(name)).flatMap((name) => refuse(asked[name] !== undefined, [...path, name], `write ${instead.join(' or ')} instead`))
}

function unavailableInFleet({ spec }: DeviceFleet, where: RunPlace): Problem[] {
  const format = refuse(spec.devices.replay?.format === 'Parquet', ['devices', 'replay', 'format'], 'write Csv or JsonLines instead')
  if (where === 'cluster') return [...unavailableRecording(spec.devices.replay), ...format]
  return [
    ...(['configMap', 'persistentVolumeClaim', 's3', 'url'] as const).flatMap((name) =>
      refuse(spec.devices.replay?.[name] !== undefined, ['devices', 'replay', name], 'write file with a path on this machine instead'),
    ),
    ...format,
    ...refuse(spec.paused, ['paused'], 'leave it out, or do not start this fleet'),
    ...unavailableConnection(spec.kafka),
  ]
}

/** Recordings that a pod cannot read. */
function unavailableRecording(replay: DeviceFleet['spec']['devices']['replay']): Problem[] {
  const file: Problem[] =
    replay?.file === undefined
      ? []
      : [{ path: ['spec', 'devices', 'replay', 'file'], message: 'a path on your machine means nothing in a pod: put the recording into a ConfigMap (configMap) or on a volume (persistentVolumeClaim)' }]
  return [
    ...file,
    ...(['s3', 'url'] as const).flatMap((name) => refuse(replay?.[name] !== undefined, ['devices', 'replay', name], 'write configMap or persistentVolumeClaim instead')),
  ]
}

function unavailableConnection(kafka: DetectionPipeline['spec']['kafka']): Problem[] {
  return [
    ...refuse(kafka.tls !== undefined, ['kafka', 'tls'], 'its certificates lie in Secrets, which need a cluster; use a plaintext listener'),
    ...refuse(kafka.authentication !== undefined, ['kafka', 'authentication'], 'its passwords lie in Secrets, which need a cluster; use a listener without authentication'),
  ]
}
