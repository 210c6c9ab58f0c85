import type { ConditionDraft, Reason } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'

/** A condition as other controllers write it. */
export interface ForeignCondition {
  type: string
  status: string
  reason?: string
  message?: string
  /** RFC 3339. */
  lastTransitionTime?: string
}

/** A condition of somebody else's object, such as a Deployment or a KafkaTopic. */
export function readCondition(object: KubeObject | undefined, type: string): ForeignCondition | undefined {
  const status = (object?.status ?? {}) as { conditions?: ForeignCondition[] }
  return status.conditions?.find((one) => one.type === type)
}

export const isTrue = (condition: ForeignCondition | undefined): boolean => condition?.status === 'True'

/** What is told of a condition, whichever it is. */
export type Judgement = Omit<ConditionDraft, 'type'>

const of = (status: ConditionDraft['status']) => (reason: Reason, message: string): Judgement => ({ status, reason, message })
export const judge = { yes: of('True'), no: of('False'), unknown: of('Unknown') }
