import type { KubeObject } from '@tidewatch/kube'
import { buildMetadata, type DesiredInput } from './input.ts'

/** An identity without rights and without a token: detectors never speak to the API server. */
export function buildServiceAccount(input: DesiredInput): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: buildMetadata(input), automountServiceAccountToken: false }
}
