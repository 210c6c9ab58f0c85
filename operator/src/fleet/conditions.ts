import type { ConditionDraft, ConditionType, Reason } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import type { Obstacle } from '../kafka/resolve-connection.ts'
import { judge, type Judgement } from '../shared/conditions.ts'
import { isComplete, readJobStatus } from './jobs.ts'
import type { ObservedFleet } from './observed.ts'

/** The order in which conditions are written: what people look for first. */
export const conditionOrder: readonly ConditionType[] = ['Ready', 'Reconciling', 'Stalled', 'TopicsReady', 'UsersReady', 'SimulatorsActive', 'Paused']

const { yes, no } = judge

/** What may pass by itself; everything else waits for somebody. */
const passing: readonly Reason[] = ['KafkaUnreachable', 'KafkaClusterNotReady', 'KafkaClusterMissing', 'Pending', 'Progressing', 'Unschedulable', 'QuotaExceeded', 'ReconcileFailed', 'CrashLooping', 'PodsRefused', 'RecordingMissing']

/** What a fleet has come to. */
export type FleetStage = 'Completed' | 'Paused' | 'Running' | 'Starting'

/** @param hasCompleted also where the Job itself is gone and the status remembers it. */
export function judgeStage({ fleet }: ObservedFleet, job: KubeObject | undefined, hasCompleted: boolean): FleetStage {
  if (isComplete(job) || (job === undefined && hasCompleted)) return 'Completed'
  if (fleet.spec.paused) return 'Paused'
  return readJobStatus(job).ready > 0 ? 'Running' : 'Starting'
}

export function judgeSimulators({ fleet }: ObservedFleet, stage: FleetStage, job: KubeObject | undefined, trouble: Obstacle | undefined): Judgement {
  const { shards } = fleet.spec
  if (stage === 'Completed') return yes('Completed', 'The simulators have sent everything')
  if (stage === 'Paused') return no('Paused', 'spec.paused stops the simulators')
  const { ready } = readJobStatus(job)
  if (trouble !== undefined) return no(trouble.reason, trouble.message)
  // Shards that are done are not ready any more, so a running fleet may have fewer than it has shards.
  if (stage === 'Running') return yes('Running', `${ready} of ${shards} simulators send`)
  return no(job === undefined ? 'Pending' : 'Progressing', job === undefined ? 'The simulators are started as soon as topic and user are there, and those of an earlier manifest have ended' : `0 of ${shards} simulators send yet`)
}

export function judgePause({ fleet, isLeftAlone }: ObservedFleet): Judgement {
  if (isLeftAlone) return yes('PausedByAnnotation', 'The annotation tidewatch.dev/paused is "true": the operator changes nothing until it is removed')
  return fleet.spec.paused ? yes('Paused', 'spec.paused is true: nothing is sent, everything else is kept; simulators begin anew when it is taken back') : no('NotPaused', 'The fleet is not paused')
}

/** Everything at once, told by the first thing that is not so. */
export function judgeReady(stage: FleetStage, trouble: Obstacle | undefined, parts: readonly ConditionDraft[]): Judgement {
  if (trouble !== undefined) return no(trouble.reason, trouble.message)
  if (stage === 'Completed') return yes('Completed', 'The fleet has sent everything')
  if (stage === 'Paused') return no('Paused', 'spec.paused stops the simulators')
  const missing = parts.find(({ type, status }) => ['TopicsReady', 'UsersReady', 'SimulatorsActive'].includes(type) && status !== 'True')
  return missing === undefined ? yes('Running', 'The simulators send') : { status: missing.status, reason: missing.reason, message: missing.message }
}

export function judgeReconciling(trouble: Obstacle | undefined, ready: Judgement): Judgement {
  if (trouble !== undefined) return no(trouble.reason, trouble.message)
  const isUnderWay = ready.reason === 'Pending' || ready.reason === 'Progressing' || ready.reason === 'NotReportedYet'
  return isUnderWay ? yes(ready.reason, ready.message) : no('Succeeded', 'Nothing is left to change')
}

export function judgeStalled(trouble: Obstacle | undefined): Judgement {
  return trouble === undefined || passing.includes(trouble.reason) ? no('Succeeded', 'Nothing waits for anybody') : yes(trouble.reason, trouble.message)
}
