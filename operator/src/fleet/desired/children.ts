import { atVersion, resources } from '@tidewatch/kube'
import type { ConnectionResult } from '../../kafka/resolve-connection.ts'
import type { ResourceObject } from '../../pipeline/observed.ts'
import { buildConfigMap } from './config-map.ts'
import type { FleetInput } from './input.ts'
import { buildSimulatorUser } from './kafka-user.ts'
import { buildSimulatorNetworkPolicy } from './network-policy.ts'
import { buildPodMonitor } from './pod-monitor.ts'
import { buildServiceAccount } from './service-account.ts'

/** The kinds that a fleet controls, but for its Jobs, which have rules of their own. */
export const childResources = [resources.configMaps, resources.serviceAccounts, resources.networkPolicies, resources.podMonitors, resources.kafkaUsers] as const

/** What simulators need beside their Job: the order is that of dependence. */
export function buildFoundations(input: FleetInput, user: Extract<ConnectionResult, { ok: true }>['user']): ResourceObject[] {
  const { platform, fleet, owner, settings } = input
  const version = platform.strimziVersion
  const clusterName = fleet.spec.kafka.clusterRef?.name
  return [
    { resource: resources.serviceAccounts, object: buildServiceAccount(input) },
    { resource: resources.configMaps, object: buildConfigMap(input) },
    ...(user !== undefined && version !== undefined && clusterName !== undefined
      ? [{ resource: atVersion(resources.kafkaUsers, version), object: buildSimulatorUser({ fleet, owner, user, clusterName, version }) }]
      : []),
    ...(settings.networkPolicies ? [{ resource: resources.networkPolicies, object: buildSimulatorNetworkPolicy(input) }] : []),
    ...(platform.hasPodMonitors ? [{ resource: resources.podMonitors, object: buildPodMonitor(input) }] : []),
  ]
}
