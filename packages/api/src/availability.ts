import type { DeviceFleet } from './fleet/fleet.ts'
import type { Manifest } from './manifest.ts'
import type { DetectionPipeline } from './pipeline/pipeline.ts'
import type { Problem } from './problems.ts'

/** The models that run today; the others are in the schema and refused at run time. */
export const availableModels = ['microClusters', 'robustZScore'] as const
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
  const models = (['randomCutForest', 'halfSpaceTrees', 'seasonal', 'subspace', 'autoencoder', 'ensemble'] as const).flatMap((name) =>
    refuse(detector[name] !== undefined, ['detector', name], `write ${availableModels.join(' or ')} instead`),
  )
  return [
    ...models,
    ...refuse(detector.threshold.quantile !== undefined, ['detector', 'threshold', 'quantile'], 'write score or falseAlarmRate instead'),
    ...refuse(detector.direction !== 'Both', ['detector', 'direction'], 'write Both, or leave it out'),
    ...refuse(detector.minDeviation > 0, ['detector', 'minDeviation'], 'leave it out'),
    ...(['postgres', 's3Parquet', 'cassandra', 'mlflow'] as const).flatMap((name) =>
      refuse(outputs.sinks[name] !== undefined, ['outputs', 'sinks', name], 'read the anomalies topic instead'),
    ),
    ...refuse(outputs.sinks.webhooks.length > 0, ['outputs', 'sinks', 'webhooks'], 'read the anomalies topic instead'),
    ...(where === 'machine' ? [...refuse(spec.paused, ['paused'], 'leave it out, or do not start this pipeline'), ...unavailableConnection(kafka)] : []),
  ]
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
