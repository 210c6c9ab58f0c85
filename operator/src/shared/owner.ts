import type { KubeObject, OwnerReference } from '@tidewatch/kube'

/** What children need to know of the object they are made for. */
export interface Owner {
  apiVersion: string
  kind: 'DetectionPipeline' | 'DeviceFleet'
  name: string
  namespace: string
  uid: string
}

/** Garbage collection deletes the child with its owner; foreground deletion of the owner waits for it. */
export function buildOwnerReference({ apiVersion, kind, name, uid }: Owner): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}

/** True where this very owner, not an earlier one of the same name, controls the object. */
export function isControlledBy(object: KubeObject, uid: string): boolean {
  return object.metadata.ownerReferences?.some((reference) => reference.controller === true && reference.uid === uid) ?? false
}

/** The controller of an object, whoever that is. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true)
}
