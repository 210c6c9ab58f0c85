/** A condition as Kubernetes' API conventions have it; `packages/api` says which types and reasons exist. */
export interface Condition<Type extends string = string, Reason extends string = string> {
  type: Type
  status: 'True' | 'False' | 'Unknown'
  /** UpperCamel, one word for machines. */
  reason: Reason
  /** A sentence for people: what is so, and what to do about it. */
  message: string
  /** `metadata.generation` that this was computed from. */
  observedGeneration: number
  /** When `status` changed last: RFC 3339, whole seconds. */
  lastTransitionTime: string
}

/** All of a condition but the time, which follows from what was there before. */
export type ConditionState<Type extends string = string, Reason extends string = string> = Omit<Condition<Type, Reason>, 'lastTransitionTime'>

/**
 * The conditions with one of them set: a new list, the given one untouched.
 *
 * - absent before: it is added, and its time is now;
 * - status as before: reason, message and generation are replaced, the time stays;
 * - status changed: the time is now.
 *
 * @param order types in the order in which they are written; others follow by name. A stable order keeps a status that says
 *   the same byte-equal, so that it is not written again.
 */
export function setCondition<C extends Condition>(conditions: readonly C[], state: Omit<C, 'lastTransitionTime'>, nowMs: number, order: readonly string[] = []): C[] {
  const before = conditions.find(({ type }) => type === state.type)
  const lastTransitionTime = before?.status === state.status ? before.lastTransitionTime : formatSeconds(nowMs)
  const { type, status, reason, message, observedGeneration } = state as ConditionState
  const condition = { type, status, reason, message, observedGeneration, lastTransitionTime } as C
  return orderConditions([...conditions.filter((one) => one.type !== type), condition], order)
}

/** Sets many, and drops every condition whose type is not among them: what is not computed any more must not stay. */
export function setConditions<C extends Condition>(conditions: readonly C[], states: readonly Omit<C, 'lastTransitionTime'>[], nowMs: number, order: readonly string[] = []): C[] {
  const types = new Set<string>(states.map(({ type }) => type))
  const kept = conditions.filter(({ type }) => types.has(type))
  return states.reduce<C[]>((list, state) => setCondition(list, state, nowMs, order), kept)
}

/** In the order of `order`; types that it does not name follow, by name. */
export function orderConditions<C extends { type: string }>(conditions: readonly C[], order: readonly string[]): C[] {
  const rank = (type: string) => (order.includes(type) ? order.indexOf(type) : order.length)
  return [...conditions].sort((a, b) => rank(a.type) - rank(b.type) || (a.type < b.type ? -1 : a.type > b.type ? 1 : 0))
}

/** The status of a condition; one that is missing has not been reported yet, which is `Unknown`, never `False`. */
export function statusOf(conditions: readonly { type: string; status: string }[] | undefined, type: string): 'True' | 'False' | 'Unknown' {
  const status = conditions?.find((one) => one.type === type)?.status
  return status === 'True' || status === 'False' ? status : 'Unknown'
}

/** RFC 3339 in whole seconds, as metav1.Time is written. */
export function formatSeconds(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
}
