import { findUnavailable, formatPath, stateTopicOf, type ConditionDraft } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import { checkConnection, checkCredentials, checkTopics, checkUser } from '../kafka/check-access.ts'
import type { Obstacle } from '../kafka/resolve-connection.ts'
import { unreadableReason } from '../kafka/decide-topics.ts'
import { readCondition, type ForeignCondition } from '../shared/conditions.ts'
import { findPodObstacle } from '../shared/pod-obstacle.ts'
import { isOurAutoscaler } from './autoscalers.ts'
import { chooseAutoscaler } from './desired/autoscaling.ts'
import type { Observed } from './observed.ts'

/** The first that finds something is the reason and the message of condition and event; the order is by cause before effect. */
const beforeBuilding: ((observed: Observed) => Obstacle | undefined)[] = [
  checkAvailable, // asks for what this release cannot do
  checkStateTopic, // two pipelines would destroy each other's checkpoints
  checkConnection, // Strimzi, its Kafka resource, a fitting listener
]

const whileRunning: ((observed: Observed, topics: ConditionDraft) => Obstacle | undefined)[] = [
  checkUser, // Strimzi refuses the KafkaUser
  checkCredentials, // a Secret of the user's, or a key in it
  (_, topics) => checkTopics(topics), // missing, too small, refused
  checkLag, // Kafka is down, or does not let us in
  checkReplicas, // a quota is full, or admission refuses the pods
  checkPods, // the image, the node, the process
]

/** The detectors run all the same; only nobody sets their number as the manifest asks for. */
const whileScaling: ((observed: Observed, nowMs: number) => Obstacle | undefined)[] = [
  checkForeignAutoscaler, // two autoscalers on one Deployment
  checkKeda, // asked for, not installed
  checkMetrics, // nobody who serves the lag, or it cannot be read
]

/** What stands in the way of building anything: the children that are there go on as they are. */
export function findBlocker(observed: Observed): Obstacle | undefined {
  return firstOf(beforeBuilding.map((check) => () => check(observed)))
}

/** What is wrong with a pipeline that could be built. */
export function findTrouble(observed: Observed, topics: ConditionDraft): Obstacle | undefined {
  return firstOf(whileRunning.map((check) => () => check(observed, topics)))
}

/** What keeps the number of detectors from following the lag. */
export function findScalingTrouble(observed: Observed, nowMs: number): Obstacle | undefined {
  return firstOf(whileScaling.map((check) => () => check(observed, nowMs)))
}

function firstOf(checks: (() => Obstacle | undefined)[]): Obstacle | undefined {
  for (const check of checks) {
    const obstacle = check()
    if (obstacle !== undefined) return obstacle
  }
  return undefined
}

function checkAvailable({ pipeline }: Observed): Obstacle | undefined {
  const [first] = findUnavailable(pipeline, { where: 'cluster' })
  return first === undefined ? undefined : { reason: 'NotAvailableYet', message: `${formatPath(first.path)}: ${first.message}` }
}

function checkStateTopic({ stateTopicOwner, pipeline }: Observed): Obstacle | undefined {
  if (stateTopicOwner === undefined) return undefined
  return {
    reason: 'StateTopicTaken',
    message: `The DetectionPipeline ${stateTopicOwner} keeps its checkpoints in topic ${stateTopicOf(pipeline)}, and two would destroy each other's: name another one in spec.checkpoint.topic, or leave it out`,
  }
}

function checkLag({ lag, pipeline }: Observed): Obstacle | undefined {
  if (lag?.kind !== 'Unreadable' || pipeline.spec.paused || !['KAFKA_UNREACHABLE', 'KAFKA_ACCESS_DENIED'].includes(lag.code)) return undefined
  return { reason: unreadableReason(lag.code), message: lag.message }
}

function checkReplicas({ deployment }: Observed): Obstacle | undefined {
  const failure = readCondition(deployment, 'ReplicaFailure')
  if (failure?.status !== 'True') return undefined
  const told = failure.message ?? 'the API server gives no reason'
  return /exceeded quota/.test(told)
    ? { reason: 'QuotaExceeded', message: `A quota of the namespace leaves no room for the detectors: raise it, or ask for less in spec.template.resources or spec.scaling (${told})` }
    : { reason: 'PodsRefused', message: `The API server refuses the detectors' pods: ${told}` }
}

function checkPods({ pods }: Observed): Obstacle | undefined {
  return findPodObstacle(pods)
}

function checkForeignAutoscaler(observed: Observed): Obstacle | undefined {
  const foreign = observed.autoscalers.find((one) => !isOurAutoscaler(one, observed))
  if (foreign === undefined) return undefined
  return {
    reason: 'AutoscalerConflict',
    message: `The HorizontalPodAutoscaler ${foreign.metadata.name} scales Deployment ${observed.name} as well, and the two would fight: delete it, and write spec.scaling instead`,
  }
}

function checkKeda({ pipeline, platform, name }: Observed): Obstacle | undefined {
  if (pipeline.spec.scaling.metricsSource !== 'Keda' || platform.hasKeda) return undefined
  return { reason: 'KedaMissing', message: `spec.scaling.metricsSource is Keda, and KEDA is not installed, so nobody scales Deployment ${name}: install KEDA, or write Auto or Builtin` }
}

/** A rate needs two looks, and what is worked off a moment more: an autoscaler that has read nothing for less is not in trouble. */
const patienceMs = 60_000

function checkMetrics(observed: Observed, nowMs: number): Obstacle | undefined {
  const { platform, pipeline, scaledObject } = observed
  if (chooseAutoscaler(pipeline, platform) === 'Keda') {
    const ready = readCondition(scaledObject, 'Ready')
    return ready?.status === 'False' && hasLasted(ready, scaledObject, nowMs) ? { reason: 'MetricsUnavailable', message: `KEDA does not scale the detectors: ${ready.message ?? ready.reason ?? 'it gives no reason'}` } : undefined
  }
  if (platform.metricsSlot === 'Taken') {
    return { reason: 'MetricsSlotTaken', message: 'external.metrics.k8s.io is served by somebody else in this cluster, and there is only one place for it, so the autoscaler cannot read the lag: install KEDA and write spec.scaling.metricsSource: Keda, or write minReplicas and maxReplicas alike' }
  }
  if (platform.metricsSlot === 'Off') {
    return { reason: 'MetricsSlotTaken', message: 'The operator was told not to serve external.metrics.k8s.io (TIDEWATCH_LAG_METRICS_PORT is 0), so the autoscaler cannot read the lag: set the port, or install KEDA' }
  }
  const autoscaler = observed.autoscalers.find((one) => isOurAutoscaler(one, observed))
  const active = readCondition(autoscaler, 'ScalingActive')
  // Switched off is what it says of 0 detectors; they are being started then.
  if (active?.status !== 'False' || active.reason === 'ScalingDisabled' || !hasLasted(active, autoscaler, nowMs)) return undefined
  return { reason: 'MetricsUnavailable', message: `The autoscaler cannot read the lag and holds the number of detectors: ${active.message ?? active.reason ?? 'it gives no reason'}` }
}

/** KEDA does not say since when; then the age of its object is what is known. */
function hasLasted({ lastTransitionTime }: ForeignCondition, object: KubeObject | undefined, nowMs: number): boolean {
  const since = lastTransitionTime ?? object?.metadata.creationTimestamp
  return since === undefined || nowMs - Date.parse(since) >= patienceMs
}
