import { findUnavailable, formatPath, type ConditionDraft } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import { checkConnection, checkCredentials, checkTopics, checkUser } from '../kafka/check-access.ts'
import type { Obstacle } from '../kafka/resolve-connection.ts'
import { readCondition } from '../shared/conditions.ts'
import { findLastWords, findPodObstacle } from '../shared/pod-obstacle.ts'
import { isComplete, jobOf } from './jobs.ts'
import type { ObservedFleet } from './observed.ts'

/** The first that finds something is the reason and the message of condition and event; the order is by cause before effect. */
const beforeBuilding: ((observed: ObservedFleet) => Obstacle | undefined)[] = [
  checkAvailable, // asks for what this release cannot do
  checkConnection, // Strimzi, its Kafka resource, a fitting listener
]

const whileRunning: ((observed: ObservedFleet, context: RunContext) => Obstacle | undefined)[] = [
  checkUser, // Strimzi refuses the KafkaUser
  checkCredentials, // a Secret of the user's, or a key in it
  (_, { topics }) => checkTopics(topics), // missing, too small, refused
  checkRecording, // the ConfigMap to be replayed
  checkJob, // it has failed for good, or no pods may be made
  checkPods, // the image, the node, the process
]

interface RunContext {
  topics: ConditionDraft
  job: KubeObject | undefined
}

/** What stands in the way of building anything: the children that are there go on as they are. */
export function findBlocker(observed: ObservedFleet): Obstacle | undefined {
  return firstOf(beforeBuilding.map((check) => () => check(observed)))
}

/** What is wrong with a fleet that could be built. One that has sent everything has no trouble any more. */
export function findTrouble(observed: ObservedFleet, context: RunContext): Obstacle | undefined {
  return isComplete(context.job) ? undefined : firstOf(whileRunning.map((check) => () => check(observed, context)))
}

function firstOf(checks: (() => Obstacle | undefined)[]): Obstacle | undefined {
  for (const check of checks) {
    const obstacle = check()
    if (obstacle !== undefined) return obstacle
  }
  return undefined
}

function checkAvailable({ fleet }: ObservedFleet): Obstacle | undefined {
  const [first] = findUnavailable(fleet, { where: 'cluster' })
  return first === undefined ? undefined : { reason: 'NotAvailableYet', message: `${formatPath(first.path)}: ${first.message}` }
}

function checkRecording({ recording }: ObservedFleet): Obstacle | undefined {
  return recording
}

function checkJob({ pods }: ObservedFleet, { job }: RunContext): Obstacle | undefined {
  const failed = readCondition(job, 'Failed')
  if (failed?.status !== 'True') return undefined
  const why = findLastWords(pods.filter((pod) => jobOf(pod) === job?.metadata.name)) ?? failed.message ?? failed.reason ?? 'no reason is given'
  return { reason: 'Failed', message: `Simulators have failed for good (${why}): look at their log with kubectl logs, then change the fleet, or delete Job ${job?.metadata.name ?? ''} to try once more` }
}

function checkPods({ pods }: ObservedFleet, { job }: RunContext): Obstacle | undefined {
  return findPodObstacle(pods.filter((pod) => jobOf(pod) === job?.metadata.name))
}
