import { atVersion, resources } from '@tidewatch/kube'
import type { ConnectionResult } from '../../kafka/resolve-connection.ts'
import type { ResourceObject } from '../observed.ts'
import { buildHorizontalPodAutoscaler, buildScaledObject, chooseAutoscaler } from './autoscaling.ts'
import { buildConfigMap } from './config-map.ts'
import { buildDeployment } from './deployment.ts'
import type { DesiredInput } from './input.ts'
import { buildDetectorUser } from './kafka-user.ts'
import { buildDetectorNetworkPolicy } from './network-policy.ts'
import { buildPodDisruptionBudget } from './pod-disruption-budget.ts'
import { buildPodMonitor } from './pod-monitor.ts'
import { buildServiceAccount } from './service-account.ts'
import { buildService } from './service.ts'

/** The kinds that a pipeline controls, and collects again when they are not wanted any more. Topics are not among them: they hold data. */
export const childResources = [
  resources.configMaps,
  resources.serviceAccounts,
  resources.services,
  resources.deployments,
  resources.horizontalPodAutoscalers,
  resources.podDisruptionBudgets,
  resources.networkPolicies,
  resources.podMonitors,
  resources.scaledObjects,
  resources.kafkaUsers,
] as const

/** What detectors need before they can start: the order is that of dependence. */
export function buildFoundations(input: DesiredInput, user: Extract<ConnectionResult, { ok: true }>['user']): ResourceObject[] {
  const { platform, pipeline, owner } = input
  const version = platform.strimziVersion
  const clusterName = pipeline.spec.kafka.clusterRef?.name
  return [
    { resource: resources.serviceAccounts, object: buildServiceAccount(input) },
    { resource: resources.configMaps, object: buildConfigMap(input) },
    ...(user !== undefined && version !== undefined && clusterName !== undefined
      ? [{ resource: atVersion(resources.kafkaUsers, version), object: buildDetectorUser({ pipeline, owner, user, clusterName, version }) }]
      : []),
    { resource: resources.services, object: buildService(input) },
    ...(input.settings.networkPolicies ? [{ resource: resources.networkPolicies, object: buildDetectorNetworkPolicy(input) }] : []),
  ]
}

/** The detectors and what belongs to them. */
export function buildWorkload(input: DesiredInput): ResourceObject[] {
  const autoscaler = chooseAutoscaler(input.pipeline, input.platform)
  return [
    { resource: resources.deployments, object: buildDeployment(input) },
    ...(autoscaler === 'Hpa' ? [{ resource: resources.horizontalPodAutoscalers, object: buildHorizontalPodAutoscaler(input) }] : []),
    ...(autoscaler === 'Keda' ? [{ resource: resources.scaledObjects, object: buildScaledObject(input) }] : []),
    { resource: resources.podDisruptionBudgets, object: buildPodDisruptionBudget(input) },
    ...(input.platform.hasPodMonitors ? [{ resource: resources.podMonitors, object: buildPodMonitor(input) }] : []),
  ]
}
