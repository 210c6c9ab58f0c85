import { atVersion, resources } from '@tidewatch/kube'
import type { TopicAction, TopicClaims, TopicsDecision } from '../kafka/decide-topics.ts'
import type { Obstacle } from '../kafka/resolve-connection.ts'
import { isTrue, readCondition } from '../shared/conditions.ts'
import { canonicalJson } from '../shared/hash.ts'
import { findBlocker } from './checks.ts'
import { chooseAutoscaler, replicaBounds } from './desired/autoscaling.ts'
import { buildFoundations, buildWorkload } from './desired/children.ts'
import { buildReplicas, decideReplicasWrite } from './desired/replicas.ts'
import { buildRoot } from './desired/root.ts'
import type { Observed, ResourceObject } from './observed.ts'
import { decideTopics } from './topics.ts'

/** What is to be done about a pipeline, in this order. */
export interface Plan {
  /** Finalizer and claims on the pipeline itself; undefined where they are as they should be. Before any topic is made. */
  root: ResourceObject | undefined
  topics: TopicsDecision | undefined
  actions: TopicAction[]
  /** Full objects; those that are as they should be are not written. */
  apply: ResourceObject[]
  /** Children that are not wanted any more. */
  remove: ResourceObject[]
  /** `spec.replicas` of the Deployment, forced. */
  replicas: ResourceObject | undefined
  /** What keeps all of this from being done. */
  blocker: Obstacle | undefined
  requeueAfterMs: number
}

/** What is not watched (Secrets, topics through the Admin API, lag, telemetry) is looked at so often. */
const lookAgainMs = 15_000
/** Soon after a topic was changed, to see it. */
const lookSoonMs = 1_000

/** Decides everything from what was observed. */
export function planPipeline(observed: Observed): Plan {
  const blocker = findBlocker(observed)
  if (blocker !== undefined || !observed.connection.ok) return { ...nothing, blocker, requeueAfterMs: lookAgainMs }

  const { pipeline, owner, name, settings, platform, deployment, platform: { strimziVersion } } = observed
  const { connection, user } = observed.connection
  const input = { pipeline, owner, name, connection, settings, platform }
  const topics = decideTopics(observed)
  const hasUser = user === undefined || isTrue(readCondition(observed.kafkaUser, 'Ready'))
  // A detector without its topics or its password would only crash; one that is there already goes on.
  const canStart = topics.usable && hasUser && observed.credentials === undefined && !pipeline.spec.paused
  const apply = [
    ...buildFoundations(input, user),
    ...topics.apply.map((object) => ({ resource: atVersion(resources.kafkaTopics, strimziVersion ?? 'v1'), object })),
    ...(deployment !== undefined || canStart ? buildWorkload(input) : []),
  ]
  return {
    root: planRoot(observed, topics.claims),
    topics,
    actions: topics.actions,
    apply,
    remove: findUnwanted(observed.owned, apply),
    replicas: planReplicas(observed),
    blocker: undefined,
    requeueAfterMs: topics.actions.length > 0 ? lookSoonMs : lookAgainMs,
  }
}

const nothing = { root: undefined, topics: undefined, actions: [], apply: [], remove: [], replicas: undefined }

function planRoot({ object, claims }: Observed, nextClaims: TopicClaims): ResourceObject | undefined {
  const root = buildRoot(object, nextClaims)
  const hasFinalizer = (root.metadata.finalizers ?? []).every((one) => object.metadata.finalizers?.includes(one))
  return hasFinalizer && canonicalJson(claims) === canonicalJson(nextClaims) ? undefined : { resource: resources.detectionPipelines, object: root }
}

function planReplicas({ deployment, pipeline, platform }: Observed): ResourceObject | undefined {
  if (deployment === undefined) return undefined
  const autoscaled = chooseAutoscaler(pipeline, platform) !== 'None' || isHeldForKeda(pipeline.spec.scaling.metricsSource, platform.hasKeda)
  const replicas = decideReplicasWrite({ deployment, paused: pipeline.spec.paused, autoscaled, minReplicas: replicaBounds(pipeline).minReplicas })
  return replicas === undefined ? undefined : { resource: resources.deployments, object: buildReplicas(deployment, replicas) }
}

/** KEDA is asked for and not there yet: the number of detectors stays where it is, instead of falling to the least. */
const isHeldForKeda = (metricsSource: string, hasKeda: boolean) => metricsSource === 'Keda' && !hasKeda

const identify = ({ resource: { group, kind }, object: { metadata } }: ResourceObject) => `${group} ${kind} ${metadata.name}`

/** By owner reference, so that a child under an old name is collected, too. */
function findUnwanted(owned: readonly ResourceObject[], wanted: readonly ResourceObject[]): ResourceObject[] {
  const kept = new Set(wanted.map(identify))
  return owned.filter((one) => !kept.has(identify(one)) && one.object.metadata.deletionTimestamp === undefined).sort((a, b) => (identify(a) < identify(b) ? -1 : 1))
}
