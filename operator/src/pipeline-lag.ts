import { groupIdOf, parseManifest, type DetectionPipeline } from '@tidewatch/api'
import { defineError } from '@tidewatch/kit'
import type { PartitionLag } from '@tidewatch/kafka'
import { atVersion, resources, type KubeObject, type ObjectName } from '@tidewatch/kube'
import type { AdminPool, KafkaTarget } from './kafka/admin-pool.ts'
import { resolveConnection } from './kafka/resolve-connection.ts'
import type { WatchedPipeline } from './lag-metrics/index.ts'
import type { ServedKinds } from './platform.ts'
import { childName, childSuffix } from './shared/names.ts'
import type { ObjectCache } from './shared/object-cache.ts'

/** Kafka's address is not known (yet); the condition Ready of the pipeline tells why. */
export const TargetUnknown = defineError('LAG_TARGET_UNKNOWN', { retry: 'backoff' })

interface AllObjects extends ObjectCache {
  listAll(resource: typeof resources.detectionPipelines): readonly KubeObject[]
}

/** Every pipeline that can be read and runs. */
export function listWatchedPipelines(caches: AllObjects): WatchedPipeline[] {
  return caches.listAll(resources.detectionPipelines).flatMap((object): WatchedPipeline[] => {
    const pipeline = parse(object)
    if (pipeline === undefined || pipeline.spec.paused || object.metadata.deletionTimestamp !== undefined) return []
    return [{ namespace: object.metadata.namespace ?? '', name: object.metadata.name, scaling: pipeline.spec.scaling }]
  })
}

/** Detectors that are ready now. */
export function readyDetectors(caches: ObjectCache, { namespace, name }: Required<ObjectName>): number {
  const deployment = caches.find(resources.deployments, { namespace, name: childName(name, childSuffix.DetectionPipeline) })
  return (deployment?.status as { readyReplicas?: number } | undefined)?.readyReplicas ?? 0
}

/** Where a pipeline's Kafka is; undefined where that is not known. */
export function resolveTarget(caches: ObjectCache, { strimziVersion }: ServedKinds, object: KubeObject | undefined): KafkaTarget | undefined {
  const pipeline = object === undefined ? undefined : parse(object)
  const namespace = object?.metadata.namespace
  if (pipeline === undefined || namespace === undefined) return undefined
  const { kafka } = pipeline.spec
  const cluster = kafka.clusterRef === undefined || strimziVersion === undefined ? undefined : caches.find(atVersion(resources.kafkas, strimziVersion), { namespace, name: kafka.clusterRef.name })
  const result = resolveConnection(kafka, { hasStrimzi: strimziVersion !== undefined, cluster, userName: childName(pipeline.metadata.name, childSuffix.DetectionPipeline) })
  return result.ok ? { namespace, connection: result.connection } : undefined
}

/** @throws TargetUnknown, the errors of packages/kafka and of a missing Secret */
export async function readPipelineLag({ caches, pool, served }: { caches: ObjectCache; pool: AdminPool; served: () => ServedKinds }, { namespace, name }: WatchedPipeline): Promise<PartitionLag[]> {
  const object = caches.find(resources.detectionPipelines, { namespace, name })
  const pipeline = object === undefined ? undefined : parse(object)
  const target = resolveTarget(caches, served(), object)
  if (pipeline === undefined || target === undefined) throw new TargetUnknown('where Kafka is, is not known: see the condition Ready')
  const { topic, startFrom } = pipeline.spec.source
  // A group that begins at the end has nothing before it until it has committed.
  return pool.use(target, (admin) => admin.readLag(groupIdOf(name, namespace), topic.name, { whenUncommitted: startFrom === 'Latest' ? 'none' : 'all' }))
}

/** What a watch event brought is parsed once: the same object is asked about every few seconds. */
const parsed = new WeakMap<KubeObject, DetectionPipeline | false>()

function parse(object: KubeObject): DetectionPipeline | undefined {
  let known = parsed.get(object)
  if (known === undefined) {
    const result = parseManifest(object)
    known = result.ok && result.manifest.kind === 'DetectionPipeline' ? result.manifest : false
    parsed.set(object, known)
  }
  return known === false ? undefined : known
}
