import type { KubeObject } from '@tidewatch/kube'
import { buildSelector } from '../../shared/labels.ts'
import { metricsPort } from '../../shared/pod.ts'
import { buildMetadata, type DesiredInput } from './input.ts'

/** Has the Prometheus operator scrape the detectors, with the pipeline's name on every series. */
export function buildPodMonitor(input: DesiredInput): KubeObject {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: buildMetadata(input),
    spec: {
      selector: { matchLabels: buildSelector('detector', input.owner.name) },
      podMetricsEndpoints: [{ port: metricsPort.name, path: '/metrics', interval: '15s' }],
      podTargetLabels: ['tidewatch.dev/pipeline'],
    },
  }
}
