import { createController, type Controller } from '@tidewatch/controller'
import { defineError, type AppError, type Clock, type Logger, type OpsRoute, type Registry } from '@tidewatch/kit'
import { createEventRecorder, NotFound, resources, runAsLeader, type Kube, type KubeObject, type ObjectName, type Resource } from '@tidewatch/kube'
import { ObjectCaches } from './caches.ts'
import { findOwners } from './find-owners.ts'
import { createFleetReconcile } from './fleet/reconcile.ts'
import type { FleetTelemetry } from './fleet/telemetry-view.ts'
import { AdminPool, type CreateAdmin } from './kafka/admin-pool.ts'
import { explainKafkaError } from './kafka/explain.ts'
import { createTopicGateway } from './kafka/topic-gateway.ts'
import { createKedaRoute, createLagMetrics, createLagWatcher, describeLag, type LagMetrics } from './lag-metrics/index.ts'
import { listWatchedPipelines, readPipelineLag, readyDetectors, resolveTarget } from './pipeline-lag.ts'
import { createConditionGauge, createLeaderGauge } from './operator-metrics.ts'
import { createPipelineReconcile } from './pipeline/reconcile.ts'
import type { PipelineTelemetry } from './pipeline/telemetry-view.ts'
import { discoverServedKinds, noServedKinds, type ServedKinds } from './platform.ts'
import type { EventSink } from './shared/event-sink.ts'
import type { ChildSettings, Platform } from './shared/settings.ts'

/** The API server does not know our kinds. */
export const DefinitionsMissing = defineError('DEFINITIONS_MISSING', { retry: 'never' })

/** What is shown of detectors and simulators; kept by telemetry/. */
export interface Telemetry {
  pipelineOf(name: Required<ObjectName>): PipelineTelemetry | undefined
  fleetOf(name: Required<ObjectName>): FleetTelemetry | undefined
  /** Reads until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

export interface OperatorOptions {
  kube: Kube
  /** Of this process and no other: the name of its pod. */
  identity: string
  /** Undefined: this process is the only one. `onLost` must end it at once: another one writes by then. */
  election: { onLost: (error: AppError) => void } | undefined
  /** Default: none; the status then shows no numbers of the detectors' own. */
  createTelemetry?: (caches: ObjectCaches) => Telemetry
  /** Default: a real connection. */
  createAdmin?: CreateAdmin
  settings: ChildSettings
  /** Empty: all. */
  namespaces: readonly string[]
  /** TLS port of external.metrics.k8s.io; 0: off. */
  lagMetricsPort: number
  /** The installation's ClusterRole: what the operator makes for itself goes with it. Default: it stays. */
  clusterRole?: string | undefined
  clock: Clock
  log: Logger
  registry: Registry
  /** Reconciles of one kind at the same time. Default 4. */
  workers?: number
}

export interface Operator {
  /** Works until the signal aborts. @throws DefinitionsMissing; LeadershipLost */
  run(signal: AbortSignal): Promise<void>
  /** `/lag/<namespace>/<pipeline>` for the ops server. */
  routes: OpsRoute[]
  /** Undefined when all is well, else what is not. */
  readiness(): string | undefined
}

/** Strimzi, KEDA and the Prometheus operator may be installed at any time. */
const discoverEveryMs = 60_000
const resyncEveryMs = 600_000
const startRetryMs = 2_000
const leaseName = 'tidewatch-operator'

/** Puts everything together; only the leader writes, every replica reads the lag and answers the autoscaler. */
export function createOperator(options: OperatorOptions): Operator {
  const { kube, clock, log, registry, settings, namespaces, lagMetricsPort, identity, election, workers = 4 } = options
  const pool = new AdminPool({ kube, clock, log, createAdmin: options.createAdmin })
  const topics = createTopicGateway({ pool, clock })
  let served: ServedKinds = noServedKinds
  let hasSynced = false
  let isLeader = false

  const recorder = createEventRecorder({ kube, component: 'tidewatch.dev/operator', instance: identity, clock, log, registry })
  // Not awaited: an event must never hold up a reconcile, and the recorder tells by itself where one fails.
  const events: EventSink = { publish: (regarding, event) => void recorder.record({ regarding, ...event }) }

  const caches = new ObjectCaches({ kube, namespaces, onChange: (resource, object) => enqueueOwners(resource, object), clock, log })
  createConditionGauge(registry, caches)
  const tellLeading = createLeaderGauge(registry, leaseName)
  const telemetry = options.createTelemetry?.(caches)
  const lag = createLagWatcher({
    list: () => listWatchedPipelines(caches),
    readLag: (pipeline) => readPipelineLag({ caches, pool, served: () => served }, pipeline),
    replicasOf: (pipeline) => readyDetectors(caches, pipeline),
    clock,
    log,
    registry,
  })
  const lagMetrics: LagMetrics | undefined =
    lagMetricsPort === 0
      ? undefined
      : createLagMetrics({ kube, lag, clock, log, namespace: settings.operatorNamespace, serviceName: settings.serviceName, port: lagMetricsPort, clusterRole: options.clusterRole, registry, isLeader: () => isLeader })
  const platform = (): Platform => ({ ...served, metricsSlot: lagMetrics === undefined ? 'Off' : lagMetrics.slot()?.kind })

  const shared = { kube, cache: caches, topics, platform, settings, clock, events }
  const controllerOf = (resource: Resource, reconcile: Parameters<typeof createController>[0]['reconcile']): Controller =>
    createController({ name: resource.kind.toLowerCase(), reconcile, workers, clock, log, registry, resyncEveryMs, listKeys: () => caches.keysOf(resource) })
  const controllers: Record<'DetectionPipeline' | 'DeviceFleet', Controller> = {
    DetectionPipeline: controllerOf(
      resources.detectionPipelines,
      createPipelineReconcile({
        ...shared,
        lagOf: (name) => {
          const described = describeLag(lag.signalOf(name.namespace ?? '', name.name))
          if (described?.kind !== 'Unreadable' || !described.code.startsWith('KAFKA_')) return described
          const brokers = resolveTarget(caches, served, caches.find(resources.detectionPipelines, name))?.connection.brokers ?? []
          return { ...described, message: explainKafkaError(described.code, described.message, brokers).message }
        },
        telemetryOf: (name) => telemetry?.pipelineOf(name),
      }),
    ),
    DeviceFleet: controllerOf(resources.deviceFleets, createFleetReconcile({ ...shared, telemetryOf: (name) => telemetry?.fleetOf(name) })),
  }

  function enqueueOwners(resource: Resource, object: KubeObject): void {
    for (const { kind, key } of findOwners(resource, object, caches)) controllers[kind].enqueue(key)
  }

  const enqueueAll = () => {
    for (const key of caches.keysOf(resources.detectionPipelines)) controllers.DetectionPipeline.enqueue(key)
    for (const key of caches.keysOf(resources.deviceFleets)) controllers.DeviceFleet.enqueue(key)
  }

  /** Takes up kinds that came or went. What cannot be asked now is asked again in a minute. */
  async function rediscover(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(discoverEveryMs, signal)
      if (signal.aborted) return
      await pool.closeIdle()
      try {
        const now = await discoverServedKinds(kube, namespaces[0])
        if (JSON.stringify(now) === JSON.stringify(served)) continue
        log.info({ before: served, now }, 'Found a change in the kinds that the cluster serves')
        await caches.follow(now, signal)
        // Only now: a decision must not be made from a list that was not read yet.
        served = now
        enqueueAll()
      } catch (err) {
        log.warn({ err }, 'Failed to ask which kinds the cluster serves')
      }
    }
  }

  async function lead(signal: AbortSignal): Promise<void> {
    isLeader = true
    tellLeading(true)
    log.info('Began to lead')
    enqueueAll()
    await Promise.all([controllers.DetectionPipeline.run(signal), controllers.DeviceFleet.run(signal)])
    isLeader = false
    tellLeading(false)
  }

  /** An API server that is just starting is no reason to end; one that does not know our kinds is. */
  async function askUntilAnswered(signal: AbortSignal, ask: () => Promise<ServedKinds>): Promise<ServedKinds> {
    while (!signal.aborted) {
      try {
        return await ask()
      } catch (error) {
        if (error instanceof DefinitionsMissing) throw error
        log.warn({ err: error }, 'Waiting for the API server')
        await clock.sleep(startRetryMs, signal)
      }
    }
    return noServedKinds
  }

  function elect(signal: AbortSignal): Promise<void> {
    if (election === undefined) return lead(signal)
    const lease = { namespace: settings.operatorNamespace, name: leaseName }
    return runAsLeader({ kube, lease, identity, clock, log, signal, onLeading: lead, onLost: election.onLost }).done
  }

  return {
    routes: [createKedaRoute(lag)],
    readiness: () => (hasSynced ? undefined : 'the first lists of objects are not complete'),
    async run(outer) {
      // One part that fails ends the others: half an operator is none.
      const stop = new AbortController()
      const signal = AbortSignal.any([outer, stop.signal])
      try {
        served = await askUntilAnswered(signal, async () => {
          await requireDefinitions(kube, namespaces)
          return discoverServedKinds(kube, namespaces[0])
        })
        await caches.follow(served, signal)
        hasSynced = !signal.aborted
        const parts = [rediscover(signal), lag.run(signal), ...(telemetry === undefined ? [] : [telemetry.run(signal)]), ...(lagMetrics === undefined ? [] : [lagMetrics.run(signal)]), elect(signal)]
        await Promise.all(parts.map((part) => part.catch((error: unknown) => {
          stop.abort()
          throw error
        })))
      } finally {
        stop.abort()
        await caches.stopped()
        await pool.close()
      }
    },
  }
}

/** @throws DefinitionsMissing with the command that repairs it */
async function requireDefinitions(kube: Kube, namespaces: readonly string[]): Promise<void> {
  for (const resource of [resources.detectionPipelines, resources.deviceFleets]) {
    try {
      await kube.list(resource, { namespace: namespaces[0], limit: 1 })
    } catch (error) {
      if (!(error instanceof NotFound)) throw error
      throw new DefinitionsMissing(`The API server does not know the kind ${resource.kind}: run "tidewatch crds | kubectl apply --server-side -f -", then start the operator again`, { cause: error })
    }
  }
}
