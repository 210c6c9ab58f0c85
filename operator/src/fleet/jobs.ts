import type { KubeObject } from '@tidewatch/kube'
import { isTrue, readCondition } from '../shared/conditions.ts'
import { specHashAnnotation } from './desired/job.ts'

/** What is to be done about the Job of a fleet. */
export interface JobDecision {
  /** The Job that tells of the fleet as it is asked for now; undefined where there is none yet. */
  current: KubeObject | undefined
  /** As it should be; undefined where nothing is to be written. */
  apply: KubeObject | undefined
  /** Jobs of what was asked for before. */
  remove: KubeObject[]
  /** True while these, or their pods, are still there: what they send must have ended before the next one begins. */
  isWaiting: boolean
}

export const isComplete = (job: KubeObject | undefined): boolean => isTrue(readCondition(job, 'Complete'))
export const isFailed = (job: KubeObject | undefined): boolean => isTrue(readCondition(job, 'Failed'))

/** The status of a Job as far as it matters here. */
export function readJobStatus(job: KubeObject | undefined): { active: number; ready: number; completionTime: string | undefined } {
  const { active = 0, ready = 0, completionTime } = (job?.status ?? {}) as { active?: number; ready?: number; completionTime?: string }
  return { active, ready, completionTime }
}

const specHash = ({ metadata }: KubeObject): string | undefined => metadata.annotations?.[specHashAnnotation]
const isGoing = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined

/**
 * Decides about the Job.
 *
 *  - One that has completed stays for as long as the manifest asks for the same: neither a resync nor a new release sends
 *    everything again.
 *  - Any other is replaced when its template differs; the next one begins when the last pod of the one before has ended, so
 *    that no device sends twice.
 *
 * @param hasCompleted the status already says that this generation has completed: a Job that was deleted afterwards is not made again
 */
export function decideJob(input: { wanted: KubeObject; jobs: readonly KubeObject[]; pods: readonly KubeObject[]; canStart: boolean; hasCompleted: boolean }): JobDecision {
  const { wanted, jobs, pods, canStart, hasCompleted } = input
  const done = jobs.find((job) => !isGoing(job) && isComplete(job) && specHash(job) === specHash(wanted))
  const there = done ?? jobs.find((job) => !isGoing(job) && job.metadata.name === wanted.metadata.name)
  const others = jobs.filter((job) => job !== there)
  const remove = others.filter((job) => !isGoing(job)).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  const isWaiting = others.length > 0 || pods.some((pod) => isAlive(pod) && jobOf(pod) !== there?.metadata.name)
  if (done !== undefined || (there === undefined && hasCompleted)) return { current: done, apply: undefined, remove, isWaiting: false }
  if (there !== undefined) return { current: there, apply: wanted, remove, isWaiting: false }
  return { current: undefined, apply: canStart && !isWaiting ? wanted : undefined, remove, isWaiting }
}

function isAlive(pod: KubeObject): boolean {
  const { phase } = (pod.status ?? {}) as { phase?: string }
  return phase !== 'Succeeded' && phase !== 'Failed'
}

/** The Job that a pod belongs to, by the label that Kubernetes puts on it. */
export const jobOf = ({ metadata }: KubeObject): string | undefined => metadata.labels?.['batch.kubernetes.io/job-name']
