import type { KubeObject } from '@tidewatch/kube'
import type { Obstacle } from '../kafka/resolve-connection.ts'

interface ContainerStatus {
  image?: string
  restartCount?: number
  state?: { waiting?: { reason?: string; message?: string }; terminated?: Terminated }
  lastState?: { terminated?: Terminated }
}
interface Terminated {
  exitCode?: number
  reason?: string
  message?: string
  finishedAt?: string
}
interface PodStatus {
  phase?: string
  conditions?: { type: string; status: string; reason?: string; message?: string }[]
  containerStatuses?: ContainerStatus[]
}

const imageReasons = ['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull']
/** A process that ended once may just have lost its Kafka for a moment. */
const restartsToWorry = 2
const mostWords = 500

/** Why pods of ours do not run, from the first that does not; undefined where all do or are still starting. */
export function findPodObstacle(pods: readonly KubeObject[]): Obstacle | undefined {
  const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const checks = [findImageObstacle, findCreationObstacle, findCrash, findPlacementObstacle]
  for (const check of checks) {
    for (const pod of living) {
      const obstacle = check(pod.status ?? {}, pod.metadata.name)
      if (obstacle !== undefined) return obstacle
    }
  }
  return undefined
}

function findImageObstacle({ containerStatuses = [] }: PodStatus): Obstacle | undefined {
  const failed = containerStatuses.find(({ state }) => imageReasons.includes(state?.waiting?.reason ?? ''))
  if (failed === undefined) return undefined
  const told = failed.state?.waiting?.message
  return { reason: 'ImagePullFailed', message: `The image ${failed.image ?? ''} cannot be pulled: correct spec.template.image, or name the registry's Secret in spec.imagePullSecrets${told === undefined ? '' : ` (${shorten(told)})`}` }
}

function findCreationObstacle({ containerStatuses = [] }: PodStatus, pod: string): Obstacle | undefined {
  const failed = containerStatuses.find(({ state }) => ['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'].includes(state?.waiting?.reason ?? ''))
  if (failed === undefined) return undefined
  return { reason: 'PodsRefused', message: `The container of pod ${pod} cannot be made: ${shorten(failed.state?.waiting?.message ?? 'the node gives no reason')}` }
}

function findCrash({ containerStatuses = [] }: PodStatus, pod: string): Obstacle | undefined {
  for (const { restartCount = 0, state, lastState } of containerStatuses) {
    const last = state?.terminated ?? lastState?.terminated
    const isDown = state?.waiting?.reason === 'CrashLoopBackOff' || state?.terminated !== undefined
    if (!isDown || last === undefined || last.exitCode === 0 || restartCount < restartsToWorry) continue
    const why = last.reason === 'OOMKilled' ? 'it needs more memory than its limit: raise spec.template.resources.limits.memory' : lastWords(last.message)
    return { reason: 'CrashLooping', message: `The container of pod ${pod} has ended ${restartCount} times with code ${last.exitCode ?? '?'}: ${why}` }
  }
  return undefined
}

function findPlacementObstacle({ phase, conditions = [] }: PodStatus, pod: string): Obstacle | undefined {
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled')
  if (phase !== 'Pending' || scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return undefined
  return { reason: 'Unschedulable', message: `No node takes pod ${pod}: ask for less in spec.template.resources, correct spec.template.nodeSelector or affinity, or add nodes (${shorten(scheduled.message ?? '')})` }
}

/** What the pod that failed last said at its end; undefined where none has failed, or none has said anything. */
export function findLastWords(pods: readonly KubeObject[]): string | undefined {
  const ends = pods.flatMap(({ status }) => ((status ?? {}) as PodStatus).containerStatuses ?? []).flatMap(({ state }) => state?.terminated ?? [])
  const failed = ends.filter(({ exitCode }) => exitCode !== 0).sort((a, b) => ((a.finishedAt ?? '') < (b.finishedAt ?? '') ? 1 : -1))
  return failed.map(({ message }) => readSentence(message)).find((sentence) => sentence !== undefined)
}

function lastWords(message: string | undefined): string {
  return readSentence(message) ?? 'it left no message; look at its log with kubectl logs --previous'
}

/** Our processes end with one JSON line that says why: of the log (`msg`), or the report of a simulator (`error`). */
function readSentence(message: string | undefined): string | undefined {
  const line = message?.trim().split('\n').at(-1) ?? ''
  if (line === '') return undefined
  try {
    const { msg, error, sent } = JSON.parse(line) as { msg?: unknown; error?: unknown; sent?: unknown }
    const sentence = error ?? msg
    if (typeof sentence === 'string') return shorten(sentence)
    // A report of a run that was stopped: its numbers say nothing about the end.
    if (typeof sent === 'number') return undefined
  } catch {
    // Not a line of ours: it is shown as it is.
  }
  return shorten(line)
}

const shorten = (text: string): string => (text.length <= mostWords ? text : `${text.slice(0, mostWords)}...`)
