import type { Reason } from '@tidewatch/api'
import type { EventDraft } from '../shared/event-sink.ts'
import type { FleetStatus } from './status.ts'

type Conditions = FleetStatus['conditions']

/** What passes in the ordinary course of things. */
const quiet: readonly Reason[] = ['Pending', 'Progressing', 'NotReportedYet', 'Deleting']

/** An event for what has changed between two statuses, in the very words of the condition. */
export function buildConditionEvents(before: Conditions, after: Conditions): EventDraft[] {
  const find = (conditions: Conditions) => conditions?.find(({ type }) => type === 'Ready')
  const [then, now] = [find(before), find(after)]
  if (now === undefined || (then?.status === now.status && then.reason === now.reason)) return []
  const reason = now.reason as Reason
  if (now.status === 'True') return [{ type: 'Normal', reason, action: 'Reconcile', note: now.message }]
  if (reason === 'Paused') return [{ type: 'Normal', reason, action: 'Pause', note: now.message }]
  return quiet.includes(reason) ? [] : [{ type: 'Warning', reason, action: 'Reconcile', note: now.message }]
}

export function buildGivenUpEvent(topics: readonly string[], why: string): EventDraft {
  const left = topics.map((topic) => `the topic ${topic}`).join(' and ')
  return { type: 'Warning', reason: 'CleanupGivenUp', action: 'CleanUp', note: `Let the fleet go and left ${left} in Kafka: ${why}` }
}
