import type { KubeObject } from '@tidewatch/kube'
import { buildMetadata, type FleetInput } from './input.ts'

/** An identity without rights and without a token: simulators never speak to the API server. */
export function buildServiceAccount(input: FleetInput): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: buildMetadata(input), automountServiceAccountToken: false }
}
