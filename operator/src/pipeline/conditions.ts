import type { ConditionDraft, ConditionType, Reason } from '@tidewatch/api'
import type { Obstacle } from '../kafka/resolve-connection.ts'
import { isTrue, judge, readCondition, type Judgement } from '../shared/conditions.ts'
import { findScalingTrouble } from './checks.ts'
import { chooseAutoscaler } from './desired/autoscaling.ts'
import { isOurAutoscaler } from './autoscalers.ts'
import type { Observed } from './observed.ts'

/** The order in which conditions are written: what people look for first. */
export const conditionOrder: readonly ConditionType[] = ['Ready', 'Reconciling', 'Stalled', 'TopicsReady', 'UsersReady', 'DetectorAvailable', 'AutoscalingActive', 'PartitionsProgressing', 'Paused']

const { yes, no, unknown } = judge

/** Obstacles that somebody must clear by hand; the others may pass by themselves. */
const passing: readonly Reason[] = ['KafkaUnreachable', 'KafkaClusterNotReady', 'KafkaClusterMissing', 'Pending', 'Progressing', 'Unschedulable', 'QuotaExceeded', 'ReconcileFailed', 'CrashLooping', 'PodsRefused', 'LagUnknown']

export interface DetectorCount {
  wanted: number
  available: number
  /** True while pods of an older template are being replaced, or the number is on its way. */
  isChanging: boolean
}

/** Undefined before there is a Deployment. */
export function countDetectors({ deployment }: Observed): DetectorCount | undefined {
  if (deployment === undefined) return undefined
  const spec = (deployment.spec ?? {}) as { replicas?: number }
  const status = (deployment.status ?? {}) as { observedGeneration?: number; replicas?: number; updatedReplicas?: number; availableReplicas?: number }
  const wanted = spec.replicas ?? 1
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status
  const isSeen = (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  return { wanted, available: availableReplicas, isChanging: !isSeen || updatedReplicas !== wanted || replicas !== wanted || availableReplicas < wanted }
}

export function judgeDetectors({ pipeline }: Observed, count: DetectorCount | undefined, trouble: Obstacle | undefined): Judgement {
  if (pipeline.spec.paused) return no('Paused', 'spec.paused stops the detectors')
  if (count === undefined) return no(trouble?.reason ?? 'Pending', trouble?.message ?? 'The detectors are started as soon as topics and users are there')
  if (count.available >= count.wanted && count.wanted > 0) return yes('Succeeded', `${count.wanted} of ${count.wanted} detectors run`)
  return no(trouble?.reason ?? 'Progressing', trouble?.message ?? `${count.available} of ${count.wanted} detectors run`)
}

export function judgeAutoscaling(observed: Observed, nowMs: number): Judgement {
  const { pipeline, platform, scaledObject, autoscalers } = observed
  if (pipeline.spec.paused) return no('Paused', 'spec.paused stops the detectors')
  const trouble = findScalingTrouble(observed, nowMs)
  if (trouble !== undefined) return no(trouble.reason, trouble.message)
  const autoscaler = chooseAutoscaler(pipeline, platform)
  if (autoscaler === 'None') return no('FixedReplicas', `There is nothing to scale: minReplicas and maxReplicas are both ${pipeline.spec.scaling.minReplicas}`)
  const active = autoscaler === 'Keda' ? readCondition(scaledObject, 'Ready') : readCondition(autoscalers.find((one) => isOurAutoscaler(one, observed)), 'ScalingActive')
  if (active?.status === 'False') return unknown('NotReportedYet', 'The autoscaler has not read the lag yet: the rate is known after a few looks')
  if (!isTrue(active)) return unknown('NotReportedYet', 'The autoscaler has not reported yet')
  return yes('Succeeded', autoscaler === 'Keda' ? 'KEDA sets the number of detectors by their lag' : 'The horizontal pod autoscaler sets the number of detectors by their lag')
}

export function judgePartitions({ pipeline, lag, telemetry }: Observed): Judgement {
  if (pipeline.spec.paused) return unknown('Paused', 'spec.paused stops the detectors')
  if (lag === undefined) return unknown('NotReportedYet', 'The lag was not read yet')
  if (lag.kind === 'Unreadable') return unknown(lag.code === 'LAG_NOT_READ_YET' ? 'NotReportedYet' : 'LagUnknown', lag.message)
  const stuck = [...lag.stuckPartitions].sort((a, b) => a - b)
  if (stuck.length === 0 && (telemetry?.partitionsGrowing ?? 0) > 0) return yes('KeysMoving', describeGrowth(pipeline.spec.source.topic.name))
  if (stuck.length === 0) return yes('Succeeded', 'No partition stands still')
  const one = stuck.length === 1
  return no('PartitionStuck', `Partition${one ? '' : 's'} ${stuck.join(', ')} ${one ? 'has' : 'have'} records waiting and ${one ? 'is' : 'are'} not worked off: look at the detectors' logs; until then ${one ? 'it does' : 'they do'} not count for scaling`)
}

const describeGrowth = (topic: string) =>
  `Topic ${topic} has more partitions than before. No reading is lost or counted twice. For about 10 minutes windows of which a part may lie in another partition are not judged; keys that move begin with new models`

export function judgePause({ pipeline, isLeftAlone }: Observed): Judgement {
  if (isLeftAlone) return yes('PausedByAnnotation', 'The annotation tidewatch.dev/paused is "true": the operator changes nothing until it is removed')
  return pipeline.spec.paused ? yes('Paused', 'spec.paused is true: no detector runs, everything else is kept') : no('NotPaused', 'The pipeline is not paused')
}

/** Everything at once, told by the first thing that is not so. */
export function judgeReady(observed: Observed, trouble: Obstacle | undefined, parts: readonly ConditionDraft[]): Judgement {
  if (trouble !== undefined) return no(trouble.reason, trouble.message)
  if (observed.pipeline.spec.paused) return no('Paused', 'spec.paused stops the detectors')
  const missing = parts.find(({ type, status }) => ['TopicsReady', 'UsersReady', 'DetectorAvailable'].includes(type) && status !== 'True')
  if (missing !== undefined) return { status: missing.status, reason: missing.reason, message: missing.message }
  return yes('Running', `The detectors run${describeWarming(observed)}`)
}

/** How many group keys are judged, of how many, while some are not: a new one has to warm up first. */
function describeWarming({ telemetry }: Observed): string {
  const { devices = 0, warming = 0 } = telemetry?.model ?? {}
  return warming === 0 ? '' : `. Warming ${devices - warming}/${devices}: so many group keys are judged, the others are still learning what is normal`
}

export function judgeReconciling(trouble: Obstacle | undefined, count: DetectorCount | undefined, ready: Judgement): Judgement {
  if (trouble !== undefined) return no(trouble.reason, trouble.message)
  if (ready.reason === 'Pending' || ready.reason === 'Progressing' || ready.reason === 'NotReportedYet') return yes(ready.reason, ready.message)
  return count?.isChanging === true ? yes('Progressing', 'Detectors are being replaced') : no('Succeeded', 'Nothing is left to change')
}

export function judgeStalled(trouble: Obstacle | undefined): Judgement {
  return trouble === undefined || passing.includes(trouble.reason) ? no('Succeeded', 'Nothing waits for anybody') : yes(trouble.reason, trouble.message)
}
