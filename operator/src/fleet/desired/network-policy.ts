import type { KubeObject } from '@tidewatch/kube'
import { buildNetworkPolicy } from '../../shared/network-policy.ts'
import { buildMetadata, type FleetInput } from './input.ts'

export function buildSimulatorNetworkPolicy(input: FleetInput): KubeObject {
  const { owner, connection, fleet } = input
  return buildNetworkPolicy({ metadata: buildMetadata(input), component: 'simulator', owner: owner.name, brokers: connection.brokers, clusterName: fleet.spec.kafka.clusterRef?.name })
}
