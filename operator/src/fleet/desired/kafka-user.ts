import type { DeviceFleet } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import { buildKafkaUser, type Grant } from '../../kafka/desired/kafka-user.ts'
import { topicManagementOf, type ConnectionResult } from '../../kafka/resolve-connection.ts'
import type { Owner } from '../../shared/owner.ts'

type User = NonNullable<Extract<ConnectionResult, { ok: true }>['user']>

/** The user that simulators log in as: it may write one topic, and the operator may make that one with it where it has to. */
export function buildSimulatorUser(input: { fleet: DeviceFleet; owner: Owner; user: User; clusterName: string; version: string }): KubeObject {
  const { fleet, owner, user, clusterName, version } = input
  const { name, authentication, withAcls } = user
  const manages = topicManagementOf(fleet.spec.kafka) === 'Direct' ? (['Create', 'Alter', 'AlterConfigs', 'DescribeConfigs'] as const) : []
  const removes = manages.length > 0 && fleet.spec.topic.deletionPolicy === 'Delete' ? (['Delete'] as const) : []
  const grants: Grant[] = [
    { type: 'topic', name: fleet.spec.topic.name, operations: ['Write', 'Describe', ...manages, ...removes] },
    { type: 'cluster', name: 'kafka-cluster', operations: ['IdempotentWrite'] },
  ]
  return buildKafkaUser({ owner, component: 'simulator', name, clusterName, version, authentication, grants: withAcls ? grants : undefined })
}
