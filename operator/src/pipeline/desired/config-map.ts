import { resolvePipeline, type DetectorConfig } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import { buildMetadata, type DesiredInput } from './input.ts'

/** What a detector is given, with the identity that the API server gave the pipeline. */
export function resolveConfig({ pipeline, owner }: DesiredInput): DetectorConfig {
  return resolvePipeline({ ...pipeline, metadata: { ...pipeline.metadata, namespace: owner.namespace, uid: owner.uid } })
}

/** The resolved pipeline as the file that each detector reads at its start. */
export function buildConfigMap(input: DesiredInput): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: buildMetadata(input), data: { 'config.json': `${JSON.stringify(resolveConfig(input), undefined, 2)}\n` } }
}
