import type { KubeObject } from '@tidewatch/kube'
import { buildSelector } from '../../shared/labels.ts'
import { metricsPort } from '../../shared/pod.ts'
import { buildMetadata, type FleetInput } from './input.ts'

/** Has the Prometheus operator scrape the simulators, with the fleet's name on every series. */
export function buildPodMonitor(input: FleetInput): KubeObject {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: buildMetadata(input),
    spec: {
      selector: { matchLabels: buildSelector('simulator', input.owner.name) },
      podMetricsEndpoints: [{ port: metricsPort.name, path: '/metrics', interval: '15s' }],
      podTargetLabels: ['tidewatch.dev/fleet'],
    },
  }
}
