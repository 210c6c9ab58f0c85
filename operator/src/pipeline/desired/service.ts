import type { KubeObject } from '@tidewatch/kube'
import { buildSelector } from '../../shared/labels.ts'
import { metricsPort } from '../../shared/pod.ts'
import { buildMetadata, type DesiredInput } from './input.ts'

/** Headless: it names the pods for whoever scrapes them; nobody is balanced over detectors. */
export function buildService(input: DesiredInput): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: buildMetadata(input),
    spec: {
      clusterIP: 'None',
      selector: buildSelector('detector', input.owner.name),
      ports: [{ name: metricsPort.name, port: metricsPort.port, targetPort: metricsPort.name, protocol: 'TCP' }],
      // Detectors that are not ready yet have metrics, too, and those tell why.
      publishNotReadyAddresses: true,
    },
  }
}
