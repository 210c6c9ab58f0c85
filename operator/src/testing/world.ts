import { parseManifest, type DetectionPipeline, type DetectionPipelineInput } from '@tidewatch/api'
import { pipelineDocument } from '@tidewatch/api/testing'
import { createLogger, FakeClock } from '@tidewatch/kit'
import { keyOf, resources, type Kube, type KubeObject, type ObjectName, type Resource } from '@tidewatch/kube'
import { AdminPool } from '../kafka/admin-pool.ts'
import { createTopicGateway } from '../kafka/topic-gateway.ts'
import { settings } from '../pipeline/testing/an-observed.ts'
import { createPipelineReconcile } from '../pipeline/reconcile.ts'
import type { PipelineLag, PipelineTelemetry } from '../pipeline/telemetry-view.ts'
import { discoverServedKinds, noServedKinds } from '../platform.ts'
import type { EventDraft } from '../shared/event-sink.ts'
import type { ObjectCache } from '../shared/object-cache.ts'
import type { Platform } from '../shared/settings.ts'
import { listWatchedKinds } from '../watched-kinds.ts'
import { countWrites } from './counting-kube.ts'
import { FakeKafkaCluster } from './fake-kafka-cluster.ts'

/** Caches that are read from the API server before each reconcile: what informers would hold once they have caught up. */
class SnapshotCache implements ObjectCache {
  #objects = new Map<string, Map<string, KubeObject>>()

  async refresh(kube: Kube, platform: Platform, namespace: string): Promise<void> {
    const next = new Map<string, Map<string, KubeObject>>()
    for (const { resource, labelSelector } of listWatchedKinds(platform)) {
      const { items } = await kube.list(resource, { namespace, labelSelector })
      next.set(identify(resource), new Map(items.map((object) => [keyOf({ namespace: object.metadata.namespace, name: object.metadata.name }), object])))
    }
    this.#objects = next
  }

  find(resource: Resource, name: ObjectName): KubeObject | undefined {
    return this.#objects.get(identify(resource))?.get(keyOf(name))
  }

  list(resource: Resource, namespace: string): readonly KubeObject[] {
    return this.listAll(resource).filter((object) => object.metadata.namespace === namespace)
  }

  listAll(resource: Resource): readonly KubeObject[] {
    return [...(this.#objects.get(identify(resource))?.values() ?? [])]
  }
}

const identify = ({ group, version, kind }: Resource) => `${group}/${version} ${kind}`

/**
 * A cluster with the operator's pipeline side in it, one reconcile at a time. The API server is the one given; Kafka is in
 * memory, and its wire is exercised elsewhere.
 */
export function createWorld<Server extends Kube>({ kube: server, namespace = 'plant', clock = new FakeClock(Date.now()) }: { kube: Server; namespace?: string; clock?: FakeClock }) {
  const log = createLogger({ name: 'test', level: 'silent' })
  const kube = countWrites(server)
  const kafka = new FakeKafkaCluster()
  const cache = new SnapshotCache()
  const pool = new AdminPool({ kube, clock, log, createAdmin: kafka.createAdmin })
  const topics = createTopicGateway({ pool, clock })
  const events: EventDraft[] = []
  const world = {
    /** Counts the operator's own writes; `server` is for everybody else's. */
    kube,
    server,
    namespace,
    clock,
    kafka,
    events,
    lag: undefined as PipelineLag | undefined,
    telemetry: undefined as PipelineTelemetry | undefined,
    platform: { ...noServedKinds, metricsSlot: 'Ours' } as Platform,

    /** A manifest as `kubectl apply` would send it, with the defaults that the API server would fill in. */
    async submit(name: string, change?: (manifest: DetectionPipelineInput) => void): Promise<KubeObject> {
      const document = pipelineDocument((manifest) => {
        manifest.metadata = { name, namespace }
        change?.(manifest)
      })
      const parsed = parseManifest(document)
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
      return server.apply(resources.detectionPipelines, parsed.manifest as unknown as KubeObject, { fieldManager: 'kubectl', force: true })
    },
    readPipeline: async (name: string) => (await server.read(resources.detectionPipelines, { namespace, name })) as (KubeObject & { status?: DetectionPipeline['status'] }) | undefined,
    async conditionOf(name: string, type: string): Promise<string | undefined> {
      const condition = (await world.readPipeline(name))?.status?.conditions?.find((one) => one.type === type)
      return condition === undefined ? undefined : `${condition.status} ${condition.reason}: ${condition.message}`
    },
    /** One reconcile after the caches have caught up. */
    async reconcile(name: string): Promise<void> {
      world.platform = { ...world.platform, ...(await discoverServedKinds(server, namespace)) }
      await cache.refresh(server, world.platform, namespace)
      const reconcile = createPipelineReconcile({
        kube,
        cache,
        topics,
        lagOf: () => world.lag,
        telemetryOf: () => world.telemetry,
        platform: () => world.platform,
        settings,
        clock,
        events: { publish: (_, event) => void events.push(event) },
      })
      await reconcile(keyOf({ namespace, name }), { signal: new AbortController().signal, log })
    },
    /** Reconciles until nothing is written any more; how often that took. */
    async settle(name: string, most = 12): Promise<number> {
      for (let i = 0; i < most; i++) {
        const before = kube.writes + kafka.writes
        await world.reconcile(name)
        // Beyond the time for which a reading of topics holds.
        clock.advance(31_000)
        if (kube.writes + kafka.writes === before) return i
      }
      throw new Error(`${name} has not come to rest after ${most} reconciles`)
    },
    /** Every object of the namespace and every topic, without what differs from run to run. */
    async describe(): Promise<Record<string, unknown>> {
      const found: Record<string, unknown> = {}
      const uids = (await server.list(resources.detectionPipelines, { namespace })).items.map(({ metadata }) => metadata.uid ?? '')
      for (const { resource } of listWatchedKinds(world.platform)) {
        for (const { metadata, status, ...rest } of (await server.list(resource, { namespace })).items) {
          const { labels, annotations, finalizers } = metadata
          const { 'tidewatch.dev/applied-hash': _, ...kept } = annotations ?? {}
          const conditions = (status as DetectionPipeline['status'])?.conditions?.map(({ type, status: value, reason, message }) => `${type} ${value} ${reason} ${message}`)
          // The server fills in the number of detectors; the one in memory fills in nothing.
          if (resource.kind === 'Deployment') rest.spec = { replicas: 1, ...(rest.spec as object) }
          found[`${resource.kind} ${metadata.name}`] = { ...rest, labels, annotations: kept, finalizers, owned: metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`), conditions }
        }
      }
      for (const [name, { partitions, config }] of kafka.topics) found[`topic ${name}`] = { partitions, config }
      // The configuration holds the pipeline's uid, and so does the hash of it.
      const text = JSON.stringify(found, (key, value: unknown) => (key === 'tidewatch.dev/config-hash' ? undefined : value))
      return JSON.parse(uids.reduce((all, uid) => all.replaceAll(uid, 'UID'), text)) as Record<string, unknown>
    },
    close: () => pool.close(),
  }
  return world
}

export type World<Server extends Kube = Kube> = ReturnType<typeof createWorld<Server>>
