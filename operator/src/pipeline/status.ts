import { formatDuration, modelNames, type ConditionDraft, type DetectionPipeline } from '@tidewatch/api'
import { orderConditions, setConditions, type Condition } from '@tidewatch/controller'
import type { KubeObject } from '@tidewatch/kube'
import { judgeUsers } from '../kafka/check-access.ts'
import type { Obstacle } from '../kafka/resolve-connection.ts'
import { buildSelector, formatSelector } from '../shared/labels.ts'
import { findTrouble } from './checks.ts'
import { conditionOrder, countDetectors, judgeAutoscaling, judgeDetectors, judgePartitions, judgePause, judgeReady, judgeReconciling, judgeStalled, type DetectorCount } from './conditions.ts'
import type { Invalid, Observed } from './observed.ts'
import type { Plan } from './plan.ts'

export type PipelineStatus = NonNullable<DetectionPipeline['status']>

/** What became of the plan: the first write that failed, in Kubernetes or in Kafka. */
export interface Outcome {
  failedWrite: Obstacle | undefined
  failedTopics: Obstacle | undefined
}

/** Computed from all that was observed and done, also when some of it failed. */
export function computeStatus(observed: Observed, plan: Plan, outcome: Outcome, nowMs: number): PipelineStatus {
  const topics = judgeTopics(plan, outcome)
  const trouble = plan.blocker ?? outcome.failedTopics ?? outcome.failedWrite ?? findTrouble(observed, topics)
  const count = countDetectors(observed)
  const parts: ConditionDraft[] = [
    topics,
    { type: 'UsersReady', ...judgeUsers(observed) },
    { type: 'DetectorAvailable', ...judgeDetectors(observed, count, trouble) },
    { type: 'AutoscalingActive', ...judgeAutoscaling(observed, nowMs) },
    { type: 'PartitionsProgressing', ...judgePartitions(observed) },
    { type: 'Paused', ...judgePause(observed) },
  ]
  const ready = judgeReady(observed, trouble, parts)
  const drafts: ConditionDraft[] = [{ type: 'Ready', ...ready }, { type: 'Reconciling', ...judgeReconciling(trouble, count, ready) }, { type: 'Stalled', ...judgeStalled(trouble) }, ...parts]
  // Only a complete pass may say that this generation was acted on.
  const isComplete = plan.blocker === undefined && outcome.failedWrite === undefined && outcome.failedTopics === undefined
  return withoutUndefined({
    phase: computePhase(observed, drafts, count),
    conditions: stampConditions(observed.object, drafts, nowMs),
    observedGeneration: isComplete ? observed.object.metadata.generation : (observed.object.status as PipelineStatus | undefined)?.observedGeneration,
    ...describe(observed, count),
  })
}

/** For a manifest that this version cannot read: what was told of its detectors stays. */
export function computeInvalidStatus({ object, message }: Invalid, nowMs: number): PipelineStatus {
  const told = { reason: 'InvalidSpec' as const, message: `${message}; the detectors go on as they are` }
  const drafts: ConditionDraft[] = [
    { type: 'Ready', status: 'False', ...told },
    { type: 'Reconciling', status: 'False', ...told },
    { type: 'Stalled', status: 'True', ...told },
  ]
  return withoutUndefined({ ...(object.status as PipelineStatus | undefined), phase: 'Failed', conditions: amendConditions(object, drafts, nowMs) })
}

/** For a pipeline that the annotation keeps us away from: nothing but that is told anew. */
export function computeLeftAloneStatus(observed: Observed, nowMs: number): PipelineStatus {
  const before = (observed.object.status ?? {}) as PipelineStatus
  const paused: ConditionDraft = { type: 'Paused', ...judgePause(observed) }
  return withoutUndefined({ ...before, phase: 'Paused', conditions: amendConditions(observed.object, [paused], nowMs) })
}

/** For a pipeline on its way out. */
export function computeDeletingStatus(object: KubeObject, message: string, nowMs: number): PipelineStatus {
  const told = { reason: 'Deleting' as const, message }
  const drafts: ConditionDraft[] = [
    { type: 'Ready', status: 'False', ...told },
    { type: 'Reconciling', status: 'True', ...told },
    { type: 'Stalled', status: 'False', reason: 'Succeeded', message: 'Nothing waits for anybody' },
  ]
  return withoutUndefined({ ...(object.status as PipelineStatus | undefined), phase: 'Deleting', conditions: amendConditions(object, drafts, nowMs) })
}

function judgeTopics({ topics, blocker }: Plan, { failedTopics }: Outcome): ConditionDraft {
  if (failedTopics !== undefined) return { type: 'TopicsReady', status: 'False', ...failedTopics }
  return topics?.condition ?? { type: 'TopicsReady', status: 'Unknown', reason: 'NotReportedYet', message: blocker === undefined ? 'The topics were not read yet' : `The topics were not read: ${blocker.message}` }
}

function stampConditions(object: KubeObject, drafts: readonly ConditionDraft[], nowMs: number): PipelineStatus['conditions'] {
  const before = ((object.status as PipelineStatus | undefined)?.conditions ?? []) as Condition[]
  const observedGeneration = object.metadata.generation ?? 0
  return setConditions(before, drafts.map((draft) => ({ ...draft, observedGeneration })), nowMs, conditionOrder)
}

/** Tells these anew and leaves all others as they were told before. */
function amendConditions(object: KubeObject, drafts: readonly ConditionDraft[], nowMs: number): PipelineStatus['conditions'] {
  const before = ((object.status as PipelineStatus | undefined)?.conditions ?? []) as Condition[]
  const kept = before.filter(({ type }) => !drafts.some((draft) => draft.type === type))
  return orderConditions([...kept, ...((stampConditions(object, drafts, nowMs) ?? []) as Condition[])], conditionOrder)
}

function computePhase({ pipeline }: Observed, drafts: readonly ConditionDraft[], count: DetectorCount | undefined): string {
  const statusOf = (type: ConditionDraft['type']) => drafts.find((one) => one.type === type)?.status
  const runs = (count?.available ?? 0) > 0
  if (pipeline.spec.paused) return 'Paused'
  if (statusOf('Stalled') === 'True' && !runs) return 'Failed'
  if (!runs) return 'Pending'
  const scaling = drafts.find(({ type }) => type === 'AutoscalingActive')
  const isScaledWrong = scaling?.status === 'False' && scaling.reason !== 'FixedReplicas'
  return statusOf('Ready') === 'True' && !isScaledWrong && statusOf('PartitionsProgressing') !== 'False' ? 'Running' : 'Degraded'
}

/** The numbers. What could not be read is left out rather than shown as it once was. */
function describe({ pipeline, owner, deployment, lag, telemetry }: Observed, count: DetectorCount | undefined): Omit<PipelineStatus, 'conditions' | 'phase' | 'observedGeneration'> {
  const { replicas = 0 } = (deployment?.status ?? {}) as { replicas?: number }
  return {
    replicas: count === undefined ? 0 : replicas,
    selector: formatSelector(buildSelector('detector', owner.name)),
    detector: modelNames.find((name) => pipeline.spec.detector[name] !== undefined),
    lag: lag?.kind === 'Known' ? withoutUndefined({ total: lag.total, drainTime: formatDrain(lag), worstPartition: lag.worstPartition }) : undefined,
    readingsPerSecond: telemetry?.readingsPerSecond === undefined ? undefined : roundRate(telemetry.readingsPerSecond),
    anomalies: telemetry?.anomalies,
    watermark: telemetry?.watermarkMs === undefined ? undefined : new Date(Math.floor(telemetry.watermarkMs / 1_000) * 1_000).toISOString().replace('.000Z', 'Z'),
    model: telemetry?.model,
    accuracy: telemetry?.accuracy === undefined ? undefined : roundAccuracy(telemetry.accuracy),
  }
}

/** Whole seconds, rounded up; nothing waiting needs no rate to be known. */
function formatDrain({ total, drainSeconds }: { total: number; drainSeconds: number | undefined }): string | undefined {
  if (total === 0) return formatDuration(0)
  return drainSeconds === undefined ? undefined : formatDuration(Math.ceil(drainSeconds) * 1_000)
}

type Accuracy = NonNullable<NonNullable<Observed['telemetry']>['accuracy']>

function roundAccuracy({ precision, recall, byFault }: Accuracy): NonNullable<PipelineStatus['accuracy']> {
  const share = (value: number | undefined) => (value === undefined ? undefined : Math.round(value * 1_000) / 1_000)
  const rounded = (one: { precision: number | undefined; recall: number | undefined }) => withoutUndefined({ precision: share(one.precision), recall: share(one.recall) })
  return { ...rounded({ precision, recall }), byFault: Object.fromEntries(Object.entries(byFault).map(([fault, one]) => [fault, rounded(one)])) }
}

/** One decimal below 10, none above: more would be noise, and a write for each look. */
const roundRate = (rate: number): number => (rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate))

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> }

function withoutUndefined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>
}
