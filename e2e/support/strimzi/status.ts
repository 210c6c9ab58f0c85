import type { Kube, KubeObject, Resource } from '@tidewatch/kube'

/** A condition as Strimzi writes it: what is well has no reason. */
export interface StrimziCondition {
  type: string
  status: 'True' | 'False'
  reason?: string
  message?: string
  lastTransitionTime?: string
}

export interface StrimziStatus {
  conditions?: StrimziCondition[]
  observedGeneration?: number
  [field: string]: unknown
}

export const ready: StrimziCondition = { type: 'Ready', status: 'True' }

export const notReady = (reason: string, message: string): StrimziCondition => ({ type: 'Ready', status: 'False', reason, message })

export const statusOf = (object: KubeObject): StrimziStatus => (object.status ?? {}) as StrimziStatus

/** Writes a status where more than its times would change, as Strimzi does. */
export async function writeStrimziStatus({ kube, resource, object, status, fieldManager, nowMs }: { kube: Kube; resource: Resource; object: KubeObject; status: StrimziStatus; fieldManager: string; nowMs: number }): Promise<void> {
  const wanted = { ...status, observedGeneration: object.metadata.generation ?? 0 }
  if (withoutTimes(wanted) === withoutTimes(statusOf(object))) return
  const lastTransitionTime = new Date(nowMs).toISOString()
  const { name, namespace } = object.metadata
  const stamped = { ...wanted, conditions: (wanted.conditions ?? []).map((condition) => ({ ...condition, lastTransitionTime })) }
  await kube.applyStatus(resource, { apiVersion: object.apiVersion, kind: object.kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) }, status: stamped }, { fieldManager, force: true })
}

function withoutTimes({ conditions = [], ...rest }: StrimziStatus): string {
  const told = conditions.map(({ type, status, reason, message }) => ({ type, status, reason, message }))
  const fields = Object.entries(rest).filter(([, value]) => value !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([fields, told])
}
