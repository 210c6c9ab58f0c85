import type { KubeObject } from '@tidewatch/kube'
import { buildNetworkPolicy } from '../../shared/network-policy.ts'
import { buildMetadata, type DesiredInput } from './input.ts'

export function buildDetectorNetworkPolicy(input: DesiredInput): KubeObject {
  const { owner, connection, pipeline } = input
  const { brokers } = connection
  return buildNetworkPolicy({ metadata: buildMetadata(input), component: 'detector', owner: owner.name, brokers, clusterName: pipeline.spec.kafka.clusterRef?.name })
}
