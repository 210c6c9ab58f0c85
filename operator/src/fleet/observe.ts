import { formatPath, parseManifest, type DeviceFleet } from '@tidewatch/api'
import type { Clock } from '@tidewatch/kit'
import { atVersion, parseKey, resources, type Kube, type KubeObject, type ObjectName, type Resource } from '@tidewatch/kube'
import { findMissingSecret } from '../kafka/check-access.ts'
import { resolveConnection, topicManagementOf, type Obstacle } from '../kafka/resolve-connection.ts'
import type { TopicGateway } from '../kafka/topic-gateway.ts'
import { readClaims } from '../pipeline/desired/root.ts'
import type { ResourceObject } from '../pipeline/observed.ts'
import { buildSelector, formatSelector, pausedAnnotation } from '../shared/labels.ts'
import { childName, childSuffix } from '../shared/names.ts'
import type { ObjectCache } from '../shared/object-cache.ts'
import { isControlledBy, type Owner } from '../shared/owner.ts'
import type { ChildSettings, Platform } from '../shared/settings.ts'
import { childResources } from './desired/children.ts'
import type { FleetObservation, ObservedFleet } from './observed.ts'
import type { FleetTelemetry } from './telemetry-view.ts'
import { listTopics } from './topics.ts'

/** Everything that a reconcile of a fleet reads and writes through. */
export interface FleetPorts {
  kube: Kube
  cache: ObjectCache
  topics: TopicGateway
  telemetryOf: (name: Required<ObjectName>) => FleetTelemetry | undefined
  platform: () => Platform
  settings: ChildSettings
  clock: Clock
}

/** Looks at a fleet and all around it: caches, what it names (Secrets, a recording), and the topic where nobody watches it. */
export async function observeFleet(ports: FleetPorts, key: string): Promise<FleetObservation> {
  const { namespace = '', name } = parseKey(key)
  const { cache, settings } = ports
  const object = cache.find(resources.deviceFleets, { namespace, name })
  if (object === undefined) return { kind: 'Gone' }
  const parsed = parseManifest(object)
  if (!parsed.ok) return { kind: 'Invalid', object, message: parsed.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`).join('; ') }
  const fleet = parsed.manifest as DeviceFleet

  const owner: Owner = { apiVersion: object.apiVersion, kind: 'DeviceFleet', name, namespace, uid: object.metadata.uid ?? '' }
  const child = { namespace, name: childName(name, childSuffix.DeviceFleet) }
  const platform = ports.platform()
  const at = (resource: Resource) => (resource.group === 'kafka.strimzi.io' ? atVersion(resource, platform.strimziVersion ?? resource.version) : resource)
  const { kafka } = fleet.spec
  const connection = resolveConnection(kafka, {
    hasStrimzi: platform.strimziVersion !== undefined,
    cluster: kafka.clusterRef === undefined ? undefined : cache.find(at(resources.kafkas), { namespace, name: kafka.clusterRef.name }),
    userName: child.name,
  })
  const isGoing = object.metadata.deletionTimestamp !== undefined
  const credentials = connection.ok ? await findMissingSecret(ports.kube, namespace, connection.connection) : undefined
  const asksKafka = connection.ok && credentials === undefined && !isGoing && topicManagementOf(kafka) !== 'Strimzi'
  return {
    kind: 'Observed',
    object,
    fleet,
    owner,
    name: child.name,
    settings,
    platform,
    isLeftAlone: object.metadata.annotations?.[pausedAnnotation] === 'true',
    connection,
    credentials,
    recording: isGoing ? undefined : await findMissingRecording(ports.kube, namespace, fleet),
    topics: asksKafka ? await ports.topics.read({ namespace, connection: connection.connection }, listTopics(fleet).map((topic) => topic.name)) : undefined,
    claims: readClaims(object),
    kafkaTopics: cache.list(at(resources.kafkaTopics), namespace),
    kafkaUser: cache.find(at(resources.kafkaUsers), child),
    jobs: cache.list(resources.jobs, namespace).filter((job) => isControlledBy(job, owner.uid)),
    pods: cache.list(resources.pods, namespace).filter((pod) => hasLabels(pod, buildSelector('simulator', name))),
    owned: childResources
      .flatMap((resource): ResourceObject[] => cache.list(at(resource), namespace).map((one) => ({ resource: at(resource), object: one })))
      .filter((one) => isControlledBy(one.object, owner.uid)),
    telemetry: ports.telemetryOf({ namespace, name }),
  }
}

/** Jobs and pods from the server itself: before a Job is made, a cache that lags behind must not hide the one before. */
export async function readJobs({ kube }: Pick<FleetPorts, 'kube'>, { owner }: ObservedFleet): Promise<Pick<ObservedFleet, 'jobs' | 'pods'>> {
  const labelSelector = formatSelector(buildSelector('simulator', owner.name))
  const list = async (resource: Resource): Promise<KubeObject[]> => {
    const found: KubeObject[] = []
    let continueToken: string | undefined
    do {
      const page = await kube.list(resource, { namespace: owner.namespace, labelSelector, limit: 500, continueToken })
      found.push(...page.items)
      continueToken = page.continueToken
    } while (continueToken !== undefined)
    return found
  }
  return { jobs: (await list(resources.jobs)).filter((job) => isControlledBy(job, owner.uid)), pods: await list(resources.pods) }
}

const hasLabels = ({ metadata }: KubeObject, wanted: Record<string, string>) => Object.entries(wanted).every(([name, value]) => metadata.labels?.[name] === value)

/** A pod would wait for it without a word, so it is looked for before. */
async function findMissingRecording(kube: Kube, namespace: string, { spec }: DeviceFleet): Promise<Obstacle | undefined> {
  const wanted = spec.devices.replay?.configMap
  if (wanted === undefined) return undefined
  const object = await kube.read(resources.configMaps, { namespace, name: wanted.name })
  if (object === undefined) {
    return { reason: 'RecordingMissing', message: `There is no ConfigMap ${wanted.name} in this namespace: create it with the recording under the key ${wanted.key}, or correct spec.devices.replay.configMap` }
  }
  const keys = [...Object.keys((object.data ?? {})), ...Object.keys((object.binaryData ?? {}))].sort()
  if (keys.includes(wanted.key)) return undefined
  return { reason: 'RecordingMissing', message: `ConfigMap ${wanted.name} has no key ${wanted.key} (it has ${keys.join(', ') || 'none'}): add it, or correct spec.devices.replay.configMap.key` }
}
