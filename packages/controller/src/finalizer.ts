import type { Kube, KubeObject, Resource } from '@tidewatch/kube'

/** What finalizers are put on and taken off with. */
export interface FinalizerOptions {
  kube: Kube
  resource: Resource
  /** As it was observed; nothing happens where it already is as wanted. */
  object: KubeObject
  /** `tidewatch.dev/cleanup`. */
  finalizer: string
  /** Used for nothing else: what a manager leaves out of an apply is removed, so it must own this one entry alone. */
  fieldManager: string
}

export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false
}

/** Puts the finalizer on; true where that took a write. Not on an object that is being deleted: the API server forbids it. */
export async function addFinalizer(options: FinalizerOptions): Promise<boolean> {
  const { object, finalizer } = options
  if (hasFinalizer(object, finalizer) || object.metadata.deletionTimestamp !== undefined) return false
  await applyFinalizers(options, [finalizer])
  return true
}

/** Takes the finalizer off; true where that took a write. */
export async function removeFinalizer(options: FinalizerOptions): Promise<boolean> {
  if (!hasFinalizer(options.object, options.finalizer)) return false
  await applyFinalizers(options, [])
  return true
}

/** The uid makes the apply fail on another object of the same name, and on none: an apply would else make a new, empty one. */
async function applyFinalizers({ kube, resource, object, fieldManager }: FinalizerOptions, finalizers: string[]): Promise<void> {
  const { name, namespace, uid } = object.metadata
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }), ...(finalizers.length === 0 ? {} : { finalizers }) }
  await kube.apply(resource, { apiVersion: object.apiVersion, kind: object.kind, metadata }, { fieldManager })
}
