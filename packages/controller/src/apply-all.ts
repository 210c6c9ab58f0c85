import { AppError, messageOf } from '@tidewatch/kit'
import { FieldConflict, keyOf, type Kube, type KubeObject, type ObjectName, type Resource } from '@tidewatch/kube'
import { hashOfValue } from './canonical.ts'
import { isSatisfiedBy } from './satisfied.ts'

/** The hash of what was applied, on the object itself: tells when a field that we once set is not wanted any more. */
export const appliedHashAnnotation = 'tidewatch.dev/applied-hash'

export interface DesiredObject {
  resource: Resource
  object: KubeObject
}

/** An object to delete. With `uid` only that very one. */
export interface UnwantedObject {
  resource: Resource
  name: ObjectName
  uid?: string | undefined
}

/** A field that nobody but us may set: a conflict about it is taken, not reported. */
export interface ForcedField {
  /** `Deployment`. */
  kind: string
  /** As the API server writes it: `.spec.replicas`. */
  field: string
}

export type ApplyResult = 'Applied' | 'Unchanged' | 'Conflict' | 'Failed' | 'Removed' | 'Absent'

/** What became of one object. */
export interface ApplyOutcome {
  resource: Resource
  name: ObjectName
  result: ApplyResult
  /** With `Applied` and `Unchanged`. */
  object?: KubeObject
  /** With `Conflict` and `Failed`. */
  error?: AppError
}

export interface ApplyAllOptions {
  kube: Kube
  fieldManager: string
  /** In this order. */
  desired: readonly DesiredObject[]
  /** From an informer's store. */
  live: (resource: Resource, name: ObjectName) => KubeObject | undefined
  /** After all that is desired, in this order. */
  remove?: readonly UnwantedObject[]
  forced?: readonly ForcedField[]
}

/**
 * Applies what is desired and removes what is not, one after the other, and tells what became of each: one that fails does
 * not keep the others from being tried. An object that already is as desired costs no request, so at rest nothing is written.
 */
export async function applyAll({ kube, fieldManager, desired, live, remove = [], forced = [] }: ApplyAllOptions): Promise<ApplyOutcome[]> {
  const outcomes: ApplyOutcome[] = []
  for (const { resource, object } of desired) {
    const { name, namespace } = object.metadata
    outcomes.push(await applyOne({ kube, fieldManager, forced }, resource, object, live(resource, { name, namespace })))
  }
  for (const unwanted of remove) outcomes.push(await removeOne(kube, unwanted))
  return outcomes
}

/** The object with the annotation that `isUpToDate` looks for. */
export function withAppliedHash(object: KubeObject): KubeObject {
  const annotations = { ...object.metadata.annotations, [appliedHashAnnotation]: hashOfValue(object) }
  return { ...object, metadata: { ...object.metadata, annotations } }
}

/** True where the live object was made from exactly this and has not drifted from it. */
export function isUpToDate(desired: KubeObject, live: KubeObject | undefined): live is KubeObject {
  return live !== undefined && isSatisfiedBy(withAppliedHash(desired), live)
}

/** The fields that a message of a field conflict names, as in `conflict with "kubectl" using apps/v1: .spec.replicas`. */
export function parseConflictFields(message: string): string[] {
  return [...message.matchAll(/(?:^- |: )(\.\S+?)[,;]?(?=\s|$)/gm)].map(([, field = '']) => field)
}

async function applyOne({ kube, fieldManager, forced }: { kube: Kube; fieldManager: string; forced: readonly ForcedField[] }, resource: Resource, desired: KubeObject, live: KubeObject | undefined): Promise<ApplyOutcome> {
  const { name, namespace } = desired.metadata
  const outcome = { resource, name: { name, namespace } }
  if (isUpToDate(desired, live)) return { ...outcome, result: 'Unchanged', object: live }
  const object = withAppliedHash(desired)
  try {
    return { ...outcome, result: 'Applied', object: await kube.apply(resource, object, { fieldManager }) }
  } catch (error) {
    if (!(error instanceof FieldConflict)) return { ...outcome, result: 'Failed', error: toAppError(error, resource, outcome.name) }
    if (!mayForce(error, resource, forced)) return { ...outcome, result: 'Conflict', error }
  }
  try {
    return { ...outcome, result: 'Applied', object: await kube.apply(resource, object, { fieldManager, force: true }) }
  } catch (error) {
    return { ...outcome, result: 'Failed', error: toAppError(error, resource, outcome.name) }
  }
}

/** Only where every field in conflict is on the list: force takes them all. */
function mayForce(conflict: AppError, { kind }: Resource, forced: readonly ForcedField[]): boolean {
  const fields = parseConflictFields(conflict.message)
  return fields.length > 0 && fields.every((field) => forced.some((one) => one.kind === kind && one.field === field))
}

async function removeOne(kube: Kube, { resource, name, uid }: UnwantedObject): Promise<ApplyOutcome> {
  try {
    return { resource, name, result: (await kube.delete(resource, name, { uid })) ? 'Removed' : 'Absent' }
  } catch (error) {
    return { resource, name, result: 'Failed', error: toAppError(error, resource, name) }
  }
}

function toAppError(error: unknown, { kind }: Resource, name: ObjectName): AppError {
  if (error instanceof AppError) return error
  return new AppError('APPLY_FAILED', 'backoff', `${kind} ${keyOf(name)}: ${messageOf(error)}`, { cause: error })
}
