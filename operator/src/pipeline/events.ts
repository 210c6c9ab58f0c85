import type { ConditionType, Reason } from '@tidewatch/api'
import type { TopicAction } from '../kafka/decide-topics.ts'
import type { EventDraft } from '../shared/event-sink.ts'
import type { PipelineStatus } from './status.ts'

type Conditions = PipelineStatus['conditions']

/** The conditions whose change is worth an event. */
const told: readonly ConditionType[] = ['Ready', 'AutoscalingActive', 'PartitionsProgressing']
/** What passes in the ordinary course of things. */
const quiet: readonly Reason[] = ['Pending', 'Progressing', 'NotReportedYet', 'FixedReplicas', 'Paused', 'LagUnknown', 'Succeeded', 'Deleting']

/** Events for what has changed between two statuses: one with a cause says so in the very words of the condition. */
export function buildConditionEvents(before: Conditions, after: Conditions): EventDraft[] {
  return told.flatMap((type): EventDraft[] => {
    const then = before?.find((one) => one.type === type)
    const now = after?.find((one) => one.type === type)
    if (now === undefined || (then?.status === now.status && then.reason === now.reason)) return []
    const reason = now.reason as Reason
    if (reason === 'KeysMoving') return [{ type: 'Normal', reason, action: 'ReadPartitions', note: now.message }]
    if (type === 'Ready' && now.status === 'True') return [{ type: 'Normal', reason, action: 'Reconcile', note: now.message }]
    if (type === 'Ready' && reason === 'Paused') return [{ type: 'Normal', reason, action: 'Pause', note: now.message }]
    // A write or a failure that shows in Ready already is not told twice.
    const isKnown = type !== 'Ready' && after?.some((one) => one.type === 'Ready' && one.reason === now.reason)
    return now.status === 'True' || quiet.includes(reason) || isKnown === true ? [] : [{ type: 'Warning', reason, action: actionOf(type), note: now.message }]
  })
}

const actionOf = (type: ConditionType) => (type === 'AutoscalingActive' ? 'Scale' : type === 'PartitionsProgressing' ? 'ReadLag' : 'Reconcile')

export function buildTopicEvent(action: TopicAction): EventDraft {
  const { topic } = action
  if (action.kind === 'Create') return { type: 'Normal', reason: 'TopicCreated', action: 'CreateTopic', note: `Created topic ${topic} with ${action.partitions} partitions` }
  if (action.kind === 'Raise') return { type: 'Normal', reason: 'TopicRaised', action: 'RaisePartitions', note: `Raised topic ${topic} to ${action.partitions} partitions` }
  return { type: 'Normal', reason: 'TopicConfigured', action: 'ConfigureTopic', note: `Changed ${Object.keys(action.config).join(', ')} of topic ${topic}` }
}

export function buildGivenUpEvent(groupId: string, topics: readonly string[], why: string): EventDraft {
  const left = [`the consumer group ${groupId}`, ...topics.map((topic) => `the topic ${topic}`)].join(' and ')
  return { type: 'Warning', reason: 'CleanupGivenUp', action: 'CleanUp', note: `Let the pipeline go and left ${left} in Kafka: ${why}` }
}
