import type { KubeObject } from '@tidewatch/kube'
import { buildSelector } from '../../shared/labels.ts'
import { buildMetadata, type DesiredInput } from './input.ts'

/** One detector at a time may be moved away; one that is not ready holds up no node. */
export function buildPodDisruptionBudget(input: DesiredInput): KubeObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: buildMetadata(input),
    spec: { maxUnavailable: 1, selector: { matchLabels: buildSelector('detector', input.owner.name) }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  }
}
