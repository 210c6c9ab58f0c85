import { formatPath, parseManifest, type DetectionPipeline } from '@tidewatch/api'
import type { Clock } from '@tidewatch/kit'
import { atVersion, parseKey, resources, type Kube, type KubeObject, type ObjectName, type Resource } from '@tidewatch/kube'
import { findMissingSecret } from '../kafka/check-access.ts'
import { resolveConnection, topicManagementOf } from '../kafka/resolve-connection.ts'
import type { TopicGateway } from '../kafka/topic-gateway.ts'
import { buildSelector, pausedAnnotation } from '../shared/labels.ts'
import { childName, childSuffix } from '../shared/names.ts'
import type { ObjectCache } from '../shared/object-cache.ts'
import { isControlledBy, type Owner } from '../shared/owner.ts'
import type { ChildSettings, Platform } from '../shared/settings.ts'
import { scalesDeployment } from './autoscalers.ts'
import { findStateTopicOwner } from './state-topic-owner.ts'
import { childResources } from './desired/children.ts'
import { readClaims } from './desired/root.ts'
import type { Observation, ResourceObject } from './observed.ts'
import { listTopics } from './topics.ts'
import type { PipelineLag, PipelineTelemetry } from './telemetry-view.ts'

/** Everything that a reconcile of a pipeline reads and writes through. */
export interface PipelinePorts {
  kube: Kube
  cache: ObjectCache
  topics: TopicGateway
  lagOf: (name: Required<ObjectName>) => PipelineLag | undefined
  telemetryOf: (name: Required<ObjectName>) => PipelineTelemetry | undefined
  platform: () => Platform
  settings: ChildSettings
  clock: Clock
}

/** Looks at a pipeline and all around it: caches, the Secrets that it names, and the topics where nobody watches them. */
export async function observePipeline(ports: PipelinePorts, key: string): Promise<Observation> {
  const { namespace = '', name } = parseKey(key)
  const { cache, settings } = ports
  const object = cache.find(resources.detectionPipelines, { namespace, name })
  if (object === undefined) return { kind: 'Gone' }
  const parsed = parseManifest(object)
  if (!parsed.ok) return { kind: 'Invalid', object, message: parsed.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`).join('; ') }
  const pipeline = parsed.manifest as DetectionPipeline

  const owner: Owner = { apiVersion: object.apiVersion, kind: 'DetectionPipeline', name, namespace, uid: object.metadata.uid ?? '' }
  const child = { namespace, name: childName(name, childSuffix.DetectionPipeline) }
  const platform = ports.platform()
  const at = (resource: Resource) => (resource.group === 'kafka.strimzi.io' ? atVersion(resource, platform.strimziVersion ?? resource.version) : resource)
  const { kafka } = pipeline.spec
  const connection = resolveConnection(kafka, {
    hasStrimzi: platform.strimziVersion !== undefined,
    cluster: kafka.clusterRef === undefined ? undefined : cache.find(at(resources.kafkas), { namespace, name: kafka.clusterRef.name }),
    userName: child.name,
  })
  const credentials = connection.ok ? await findMissingSecret(ports.kube, namespace, connection.connection) : undefined
  const asksKafka = connection.ok && credentials === undefined && object.metadata.deletionTimestamp === undefined && topicManagementOf(kafka) !== 'Strimzi'
  const children = childResources.flatMap((resource): ResourceObject[] => cache.list(at(resource), namespace).map((one) => ({ resource: at(resource), object: one })))
  return {
    kind: 'Observed',
    object,
    pipeline,
    owner,
    name: child.name,
    settings,
    platform,
    isLeftAlone: object.metadata.annotations?.[pausedAnnotation] === 'true',
    connection,
    stateTopicOwner: findStateTopicOwner(object, cache.listAll(resources.detectionPipelines)),
    credentials,
    topics: asksKafka ? await ports.topics.read({ namespace, connection: connection.connection }, listTopics(pipeline).map((topic) => topic.name)) : undefined,
    claims: readClaims(object),
    kafkaTopics: cache.list(at(resources.kafkaTopics), namespace),
    kafkaUser: cache.find(at(resources.kafkaUsers), child),
    deployment: ownedOnly(cache.find(resources.deployments, child), owner),
    pods: cache.list(resources.pods, namespace).filter((pod) => hasLabels(pod, buildSelector('detector', name))),
    autoscalers: cache.list(resources.horizontalPodAutoscalers, namespace).filter((one) => scalesDeployment(one, child.name)),
    scaledObject: ownedOnly(cache.find(resources.scaledObjects, child), owner),
    owned: children.filter((one) => isControlledBy(one.object, owner.uid)),
    lag: ports.lagOf({ namespace, name }),
    telemetry: ports.telemetryOf({ namespace, name }),
  }
}

const ownedOnly = (object: KubeObject | undefined, { uid }: Owner) => (object !== undefined && isControlledBy(object, uid) ? object : undefined)

const hasLabels = ({ metadata }: KubeObject, wanted: Record<string, string>) => Object.entries(wanted).every(([name, value]) => metadata.labels?.[name] === value)
