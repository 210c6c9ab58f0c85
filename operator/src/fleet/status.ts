import type { ConditionDraft, DeviceFleet } from '@tidewatch/api'
import { setConditions, type Condition } from '@tidewatch/controller'
import type { KubeObject } from '@tidewatch/kube'
import { judgeUsers } from '../kafka/check-access.ts'
import type { Obstacle } from '../kafka/resolve-connection.ts'
import type { Invalid } from '../pipeline/observed.ts'
import { findTrouble } from './checks.ts'
import { conditionOrder, judgePause, judgeReady, judgeReconciling, judgeSimulators, judgeStage, judgeStalled, type FleetStage } from './conditions.ts'
import { isFailed, readJobStatus } from './jobs.ts'
import type { ObservedFleet } from './observed.ts'
import { hasCompleted, type FleetPlan } from './plan.ts'
import { sumReports } from './reports.ts'

export type FleetStatus = NonNullable<DeviceFleet['status']>

/** What became of the plan: the first write that failed, in Kubernetes or in Kafka. */
export interface FleetOutcome {
  failedWrite: Obstacle | undefined
  failedTopics: Obstacle | undefined
}

/** Computed from all that was observed and done, also when some of it failed. */
export function computeStatus(observed: ObservedFleet, plan: FleetPlan, outcome: FleetOutcome, nowMs: number): FleetStatus {
  const { object } = observed
  const job = plan.job?.current
  const topics = judgeTopics(plan, outcome)
  const trouble = plan.blocker ?? outcome.failedTopics ?? outcome.failedWrite ?? findTrouble(observed, { topics, job })
  const stage = judgeStage(observed, job, hasCompleted(observed))
  const parts: ConditionDraft[] = [
    topics,
    { type: 'UsersReady', ...judgeUsers(observed) },
    { type: 'SimulatorsActive', ...judgeSimulators(observed, stage, job, trouble) },
    { type: 'Paused', ...judgePause(observed) },
  ]
  const ready = judgeReady(stage, trouble, parts)
  const stalled = judgeStalled(trouble)
  const drafts: ConditionDraft[] = [{ type: 'Ready', ...ready }, { type: 'Reconciling', ...judgeReconciling(trouble, ready) }, { type: 'Stalled', ...stalled }, ...parts]
  // Only a complete pass may say that this generation was acted on.
  const isDone = plan.blocker === undefined && outcome.failedWrite === undefined && outcome.failedTopics === undefined && plan.job?.isWaiting === false
  return withoutUndefined({
    phase: computePhase(stage, job, stalled.status === 'True'),
    conditions: stampConditions(object, drafts, nowMs),
    observedGeneration: isDone ? object.metadata.generation : readStatus(object).observedGeneration,
    ...describe(observed, stage, job),
  })
}

/** For a manifest that this version cannot read: what was told of its simulators stays. */
export function computeInvalidStatus({ object, message }: Invalid, nowMs: number): FleetStatus {
  const told = { reason: 'InvalidSpec' as const, message: `${message}; the simulators go on as they are` }
  const drafts: ConditionDraft[] = [
    { type: 'Ready', status: 'False', ...told },
    { type: 'Reconciling', status: 'False', ...told },
    { type: 'Stalled', status: 'True', ...told },
  ]
  return withoutUndefined({ ...readStatus(object), phase: 'Failed', conditions: stampConditions(object, drafts, nowMs) })
}

/** For a fleet that the annotation keeps us away from: nothing but that is told anew. */
export function computeLeftAloneStatus(observed: ObservedFleet, nowMs: number): FleetStatus {
  const before = readStatus(observed.object)
  const kept = ((before.conditions ?? []) as Condition[]).filter(({ type }) => type !== 'Paused')
  const stamped = stampConditions(observed.object, [{ type: 'Paused', ...judgePause(observed) }], nowMs)
  return withoutUndefined({ ...before, phase: 'Paused', conditions: [...kept, ...(stamped ?? [])] })
}

/** For a fleet on its way out. */
export function computeDeletingStatus(object: KubeObject, message: string, nowMs: number): FleetStatus {
  const told = { reason: 'Deleting' as const, message }
  const drafts: ConditionDraft[] = [
    { type: 'Ready', status: 'False', ...told },
    { type: 'Reconciling', status: 'True', ...told },
    { type: 'Stalled', status: 'False', reason: 'Succeeded', message: 'Nothing waits for anybody' },
  ]
  return withoutUndefined({ ...readStatus(object), phase: 'Deleting', conditions: stampConditions(object, drafts, nowMs) })
}

const readStatus = (object: KubeObject): FleetStatus => (object.status ?? {})

function judgeTopics({ topics, blocker }: FleetPlan, { failedTopics }: FleetOutcome): ConditionDraft {
  if (failedTopics !== undefined) return { type: 'TopicsReady', status: 'False', ...failedTopics }
  return topics?.condition ?? { type: 'TopicsReady', status: 'Unknown', reason: 'NotReportedYet', message: blocker === undefined ? 'The topic was not read yet' : `The topic was not read: ${blocker.message}` }
}

function stampConditions(object: KubeObject, drafts: readonly ConditionDraft[], nowMs: number): FleetStatus['conditions'] {
  const before = (readStatus(object).conditions ?? []) as Condition[]
  const observedGeneration = object.metadata.generation ?? 0
  return setConditions(before, drafts.map((draft) => ({ ...draft, observedGeneration })), nowMs, conditionOrder)
}

function computePhase(stage: FleetStage, job: KubeObject | undefined, isStalled: boolean): string {
  if (stage === 'Completed') return 'Completed'
  if (isFailed(job)) return 'Failed'
  if (stage === 'Paused' || stage === 'Running') return stage
  return isStalled ? 'Failed' : 'Pending'
}

type Numbers = Pick<FleetStatus, 'devices' | 'activeDevices' | 'sent' | 'sendErrors' | 'achievedRate' | 'injected' | 'completionTime'>

/** The numbers: exact ones when all is sent, what simulators report until then, and in between what was told last of the same manifest. */
function describe(observed: ObservedFleet, stage: FleetStage, job: KubeObject | undefined): { [Key in keyof Numbers]: Numbers[Key] | undefined } {
  const { object, telemetry, pods } = observed
  const before = readStatus(object)
  const kept = before.observedGeneration === object.metadata.generation ? before : {}
  const report = stage === 'Completed' && job !== undefined ? sumReports(job, pods) : undefined
  // Pods go some day, and scraped counters with the operator's next restart; what was told at the end stays.
  const isTold = stage === 'Completed' && before.phase === 'Completed' && before.sent !== undefined
  const source = report ?? (isTold ? undefined : telemetry)
  const injected = source?.injected ?? kept.injected
  const rate = source?.achievedRate ?? kept.achievedRate
  return {
    devices: countDevices(observed.fleet),
    activeDevices: stage === 'Running' ? (telemetry?.activeDevices ?? kept.activeDevices) : job === undefined && stage !== 'Completed' ? undefined : 0,
    sent: source?.sent ?? kept.sent,
    sendErrors: source?.sendErrors ?? kept.sendErrors,
    achievedRate: rate === undefined ? undefined : roundRate(rate),
    injected,
    completionTime: stage === 'Completed' ? (readJobStatus(job).completionTime ?? before.completionTime) : undefined,
  }
}

/** Undefined for a recording: only who replays it knows. */
function countDevices({ spec: { devices } }: ObservedFleet['fleet']): number | undefined {
  return devices.replay === undefined ? (devices.list?.length ?? devices.count) : undefined
}

/** One decimal below 10, none above: more would be noise, and a write for each look. */
const roundRate = (rate: number): number => (rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate))

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> }

function withoutUndefined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>
}
