import type { Reason } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'

/** What people read in `kubectl describe`. */
export interface EventDraft {
  type: 'Normal' | 'Warning'
  /** UpperCamel, from a closed set. */
  reason: Reason | 'TopicCreated' | 'TopicRaised' | 'TopicConfigured' | 'CleanupGivenUp' | 'CleanedUp' | 'Resumed' | 'ScaledByOperator'
  /** What was done or tried: one word. */
  action: string
  note: string
}

/** Takes events and never fails: an event must not stop a reconcile. Repeated ones are counted, not written anew. */
export interface EventSink {
  publish(regarding: KubeObject, event: EventDraft): void
}
