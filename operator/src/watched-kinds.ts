import { atVersion, resources, type Resource } from '@tidewatch/kube'
import type { ServedKinds } from './platform.ts'
import { managedBySelector } from './shared/labels.ts'

/** A kind that the operator follows, and which of its objects. */
export interface WatchedKind {
  resource: Resource
  /** Undefined: all. */
  labelSelector: string | undefined
}

const ours = (resource: Resource): WatchedKind => ({ resource, labelSelector: managedBySelector })
const all = (resource: Resource): WatchedKind => ({ resource, labelSelector: undefined })

/**
 * What is followed. Of what others make as well only our own, but for autoscalers and topics: somebody else's may be in
 * our way, and that must be seen.
 */
export function listWatchedKinds({ strimziVersion, hasKeda, hasPodMonitors }: ServedKinds): WatchedKind[] {
  return [
    all(resources.detectionPipelines),
    all(resources.deviceFleets),
    ours(resources.configMaps),
    ours(resources.serviceAccounts),
    ours(resources.services),
    ours(resources.deployments),
    ours(resources.jobs),
    ours(resources.pods),
    ours(resources.podDisruptionBudgets),
    ours(resources.networkPolicies),
    all(resources.horizontalPodAutoscalers),
    ...(hasKeda ? [ours(resources.scaledObjects)] : []),
    ...(hasPodMonitors ? [ours(resources.podMonitors)] : []),
    ...(strimziVersion === undefined ? [] : [all(atVersion(resources.kafkas, strimziVersion)), all(atVersion(resources.kafkaTopics, strimziVersion)), ours(atVersion(resources.kafkaUsers, strimziVersion))]),
  ]
}
