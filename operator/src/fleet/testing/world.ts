import { parseManifest, type DeviceFleetInput } from '@tidewatch/api'
import { fleetDocument } from '@tidewatch/api/testing'
import { createLogger, type FakeClock } from '@tidewatch/kit'
import { keyOf, resources, type Kube, type KubeObject, type ObjectName, type Resource } from '@tidewatch/kube'
import { AdminPool } from '../../kafka/admin-pool.ts'
import { createTopicGateway } from '../../kafka/topic-gateway.ts'
import { settings } from '../../pipeline/testing/an-observed.ts'
import { noServedKinds } from '../../platform.ts'
import type { EventDraft } from '../../shared/event-sink.ts'
import type { ObjectCache } from '../../shared/object-cache.ts'
import type { Platform } from '../../shared/settings.ts'
import { countWrites } from '../../testing/counting-kube.ts'
import { FakeKafkaCluster } from '../../testing/fake-kafka-cluster.ts'
import { listWatchedKinds } from '../../watched-kinds.ts'
import { createFleetReconcile } from '../reconcile.ts'
import type { FleetTelemetry } from '../telemetry-view.ts'

const silent = createLogger({ name: 'test', level: 'silent' })

/** What informers would hold once they have caught up; read anew before each reconcile. */
async function snapshot(kube: Kube, platform: Platform, namespace: string): Promise<ObjectCache> {
  const byKind = new Map<string, KubeObject[]>()
  for (const { resource, labelSelector } of listWatchedKinds(platform)) {
    byKind.set(resource.kind, (await kube.list(resource, { namespace, labelSelector })).items)
  }
  const list = ({ kind }: Resource) => byKind.get(kind) ?? []
  return { list, listAll: list, find: (resource: Resource, { name }: ObjectName) => list(resource).find(({ metadata }) => metadata.name === name) }
}

/** A cluster with the operator's fleet side in it, one reconcile at a time; Kafka is in memory. */
export function createFleetWorld({ kube: server, clock, namespace = 'plant' }: { kube: Kube; clock: FakeClock; namespace?: string }) {
  const kube = countWrites(server)
  const kafka = new FakeKafkaCluster()
  const pool = new AdminPool({ kube, clock, log: silent, createAdmin: kafka.createAdmin })
  const world = {
    /** Counts the operator's own writes; `server` is for everybody else's. */
    kube,
    server,
    namespace,
    clock,
    kafka,
    events: [] as EventDraft[],
    telemetry: undefined as FleetTelemetry | undefined,
    platform: { ...noServedKinds, metricsSlot: 'Ours' } as Platform,
    settings,
    /** The manifest as `kubectl apply` would send it, with the defaults that the API server would fill in. */
    async submit(name: string, change?: (manifest: DeviceFleetInput) => void): Promise<KubeObject> {
      const document = fleetDocument((manifest) => {
        manifest.metadata = { name, namespace }
        change?.(manifest)
      })
      const parsed = parseManifest(document)
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
      return server.apply(resources.deviceFleets, parsed.manifest as unknown as KubeObject, { fieldManager: 'kubectl', force: true })
    },
    /** One reconcile after the caches have caught up, or with the caches given. */
    async reconcile(name: string, cache?: ObjectCache): Promise<void> {
      const reconcile = createFleetReconcile({
        kube,
        cache: cache ?? (await snapshot(server, world.platform, namespace)),
        // A new one each time: what it remembers for half a minute is not what is tested here.
        topics: createTopicGateway({ pool, clock }),
        telemetryOf: () => world.telemetry,
        platform: () => world.platform,
        settings: world.settings,
        clock,
        events: { publish: (_, event) => void world.events.push(event) },
      })
      await reconcile(keyOf({ namespace, name }), { signal: new AbortController().signal, log: silent })
    },
    snapshot: () => snapshot(server, world.platform, namespace),
    close: () => pool.close(),
  }
  return world
}
