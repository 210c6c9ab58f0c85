import { keyOf, resources, type KubeObject, type Resource } from '@tidewatch/kube'
import { ownerLabel } from './shared/labels.ts'
import type { ObjectCache } from './shared/object-cache.ts'
import { controllerOf } from './shared/owner.ts'

/** A pipeline or fleet that has to be looked at. */
export interface OwnerKey {
  kind: 'DetectionPipeline' | 'DeviceFleet'
  key: string
}

const ownerResources = [resources.detectionPipelines, resources.deviceFleets] as const

/** Whom a change of this object concerns. */
export function findOwners(resource: Resource, object: KubeObject, cache: ObjectCache): OwnerKey[] {
  const { namespace = '', name, labels = {} } = object.metadata
  if (resource.kind === 'DetectionPipeline' || resource.kind === 'DeviceFleet') return [{ kind: resource.kind, key: keyOf({ namespace, name }) }]
  if (resource.kind === 'Kafka') return findUsersOfCluster(name, namespace, cache)
  if (resource.kind === 'HorizontalPodAutoscaler') return findScaled(object, namespace, cache)
  const owners = [...byLabel(labels, namespace), ...byReference(object, namespace)]
  // Somebody else's topic may be one that a pipeline of ours waits for.
  const others = resource.kind === 'KafkaTopic' ? findUsersOfCluster(labels['strimzi.io/cluster'] ?? '', namespace, cache) : []
  return distinct([...owners, ...others])
}

function byLabel(labels: Record<string, string>, namespace: string): OwnerKey[] {
  const pipeline = labels[ownerLabel.detector]
  const fleet = labels[ownerLabel.simulator]
  return [
    ...(pipeline === undefined ? [] : [{ kind: 'DetectionPipeline' as const, key: keyOf({ namespace, name: pipeline }) }]),
    ...(fleet === undefined ? [] : [{ kind: 'DeviceFleet' as const, key: keyOf({ namespace, name: fleet }) }]),
  ]
}

/** For a child whose labels somebody has taken away. */
function byReference(object: KubeObject, namespace: string): OwnerKey[] {
  const controller = controllerOf(object)
  if (controller?.kind !== 'DetectionPipeline' && controller?.kind !== 'DeviceFleet') return []
  return [{ kind: controller.kind, key: keyOf({ namespace, name: controller.name }) }]
}

/** An autoscaler of ours, of KEDA's or of a stranger's: what counts is what it scales. */
function findScaled(autoscaler: KubeObject, namespace: string, cache: ObjectCache): OwnerKey[] {
  const target = (autoscaler.spec as { scaleTargetRef?: { kind?: string; name?: string } } | undefined)?.scaleTargetRef
  const deployment = target?.kind === 'Deployment' ? cache.find(resources.deployments, { namespace, name: target.name ?? '' }) : undefined
  return distinct([...byReference(autoscaler, namespace), ...(deployment === undefined ? [] : byReference(deployment, namespace))])
}

function findUsersOfCluster(cluster: string, namespace: string, cache: ObjectCache): OwnerKey[] {
  return ownerResources.flatMap((resource) =>
    cache
      .list(resource, namespace)
      .filter((object) => (object.spec as { kafka?: { clusterRef?: { name?: string } } } | undefined)?.kafka?.clusterRef?.name === cluster)
      .map(({ metadata }): OwnerKey => ({ kind: resource.kind as OwnerKey['kind'], key: keyOf({ namespace, name: metadata.name }) })),
  )
}

const distinct = (owners: OwnerKey[]): OwnerKey[] => [...new Map(owners.map((owner) => [`${owner.kind} ${owner.key}`, owner])).values()]
