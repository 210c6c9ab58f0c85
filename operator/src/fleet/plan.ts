import { atVersion, resources, type KubeObject } from '@tidewatch/kube'
import type { TopicAction, TopicsDecision } from '../kafka/decide-topics.ts'
import type { Obstacle } from '../kafka/resolve-connection.ts'
import { buildRoot } from '../pipeline/desired/root.ts'
import type { ResourceObject } from '../pipeline/observed.ts'
import { isTrue, readCondition } from '../shared/conditions.ts'
import { canonicalJson } from '../shared/hash.ts'
import { findBlocker } from './checks.ts'
import { buildFoundations } from './desired/children.ts'
import { buildJob } from './desired/job.ts'
import { decideJob, type JobDecision } from './jobs.ts'
import type { ObservedFleet } from './observed.ts'
import { decideTopics } from './topics.ts'

/** What is to be done about a fleet, in this order. */
export interface FleetPlan {
  /** Finalizer and claims on the fleet itself; undefined where they are as they should be. Before any topic is made. */
  root: ResourceObject | undefined
  topics: TopicsDecision | undefined
  actions: TopicAction[]
  /** Jobs of what was asked for before, and other children that are not wanted any more. First: two Jobs would send twice. */
  remove: ResourceObject[]
  /** Full objects; those that are as they should be are not written. */
  apply: ResourceObject[]
  job: JobDecision | undefined
  /** What keeps all of this from being done. */
  blocker: Obstacle | undefined
  requeueAfterMs: number
}

/** What is not watched (Secrets, topics through the Admin API, telemetry) is looked at so often. */
const lookAgainMs = 15_000
/** Soon after a topic was changed, to see it. */
const lookSoonMs = 1_000

/** Decides everything from what was observed. */
export function planFleet(observed: ObservedFleet): FleetPlan {
  const blocker = findBlocker(observed)
  if (blocker !== undefined || !observed.connection.ok) return { ...nothing, job: keepJob(observed), blocker, requeueAfterMs: lookAgainMs }

  const { fleet, owner, name, settings, platform } = observed
  const { connection, user } = observed.connection
  const input = { fleet, owner, name, connection, settings, platform }
  const topics = decideTopics(observed)
  const hasUser = user === undefined || isTrue(readCondition(observed.kafkaUser, 'Ready'))
  // A simulator without its topic, password or recording would only fail; three failures and its Job is over for good.
  const canStart = topics.usable && hasUser && observed.credentials === undefined && observed.recording === undefined && !fleet.spec.paused
  const job = decideJob({ wanted: buildJob(input), jobs: observed.jobs, pods: observed.pods, canStart, hasCompleted: hasCompleted(observed) })
  const wanted = buildFoundations(input, user)
  // Pods of the Job before may yet be started, and must not read what is meant for the next.
  const isHeld = (one: ResourceObject) => job.isWaiting && one.resource.kind === 'ConfigMap'
  return {
    root: planRoot(observed, topics),
    topics,
    actions: topics.actions,
    remove: [...job.remove.map((object) => ({ resource: resources.jobs, object })), ...findUnwanted(observed.owned, wanted)],
    apply: [
      ...wanted.filter((one) => !isHeld(one)),
      ...topics.apply.map((object) => ({ resource: atVersion(resources.kafkaTopics, platform.strimziVersion ?? 'v1'), object })),
      ...(job.apply === undefined ? [] : [{ resource: resources.jobs, object: job.apply }]),
    ],
    job,
    blocker: undefined,
    requeueAfterMs: topics.actions.length > 0 || job.isWaiting ? lookSoonMs : lookAgainMs,
  }
}

const nothing = { root: undefined, topics: undefined, actions: [], apply: [], remove: [] }

/** Nothing can be built; the status still tells of the newest Job that is there. */
function keepJob({ jobs }: ObservedFleet): JobDecision {
  const newest = (a: KubeObject, b: KubeObject) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1)
  return { current: [...jobs].sort(newest)[0], apply: undefined, remove: [], isWaiting: false }
}

/** True where the status says that this very generation has sent everything. */
export function hasCompleted({ object }: ObservedFleet): boolean {
  const { phase, observedGeneration } = (object.status ?? {}) as { phase?: string; observedGeneration?: number }
  return phase === 'Completed' && observedGeneration === object.metadata.generation
}

/** A fleet has no consumer group: only a topic that it made and is to take with it needs the finalizer. */
export function needsCleanup({ fleet, claims }: Pick<ObservedFleet, 'fleet' | 'claims'>, nextClaims = claims): boolean {
  return fleet.spec.topic.deletionPolicy === 'Delete' && Object.hasOwn(nextClaims, fleet.spec.topic.name)
}

function planRoot(observed: ObservedFleet, { claims: nextClaims }: TopicsDecision): ResourceObject | undefined {
  const { object, claims } = observed
  const withFinalizer = needsCleanup(observed, nextClaims)
  const root = buildRoot(object, nextClaims, { withFinalizer })
  const wanted = root.metadata.finalizers ?? []
  const hasFinalizer = wanted.every((one) => object.metadata.finalizers?.includes(one)) && (withFinalizer || !hasOurs(object))
  return hasFinalizer && canonicalJson(claims) === canonicalJson(nextClaims) ? undefined : { resource: resources.deviceFleets, object: root }
}

const hasOurs = ({ metadata }: KubeObject) => metadata.finalizers?.some((one) => one.startsWith('tidewatch.dev/')) ?? false

const identify = ({ resource: { group, kind }, object: { metadata } }: ResourceObject) => `${group} ${kind} ${metadata.name}`

/** By owner reference, so that a child under an old name is collected, too. */
function findUnwanted(owned: readonly ResourceObject[], wanted: readonly ResourceObject[]): ResourceObject[] {
  const kept = new Set(wanted.map(identify))
  return owned.filter((one) => !kept.has(identify(one)) && one.object.metadata.deletionTimestamp === undefined).sort((a, b) => (identify(a) < identify(b) ? -1 : 1))
}
