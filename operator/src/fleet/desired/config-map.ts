import { resolveFleet, type SimulatorConfig } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import { buildMetadata, type FleetInput } from './input.ts'
import { buildRecordingMount } from './recording.ts'

/** What a simulator is given: with its namespace, and with its recording where the pod has it. */
export function resolveConfig({ fleet, owner }: Pick<FleetInput, 'fleet' | 'owner'>): SimulatorConfig {
  const config = resolveFleet({ ...fleet, metadata: { ...fleet.metadata, namespace: owner.namespace } })
  const mount = buildRecordingMount(fleet.spec.devices.replay)
  if (mount === undefined || !('replay' in config.devices)) return config
  const { configMap: _configMap, persistentVolumeClaim: _claim, ...replay } = config.devices.replay
  return { ...config, devices: { replay: { ...replay, file: mount.file } } }
}

/** The resolved fleet as the file that each simulator reads at its start. */
export function buildConfigMap(input: FleetInput): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: buildMetadata(input), data: { 'config.json': `${JSON.stringify(resolveConfig(input), undefined, 2)}\n` } }
}
