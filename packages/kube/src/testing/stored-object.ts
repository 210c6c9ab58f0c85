import { apiVersionOf, type Resource } from '../resource.ts'
import type { KubeObject, ObjectName } from '../object.ts'
import { keyOf } from '../object.ts'
import type { JsonMap } from './json-paths.ts'

/** What the server sets and no manager owns. */
const systemFields = ['name', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'managedFields']

/** Kinds of ours whose status, if they have any, is an ordinary field. */
const withoutStatus = ['ConfigMap', 'Secret', 'ServiceAccount', 'Lease', 'Event', 'NetworkPolicy']

export const collectionOf = ({ group, plural }: Resource): string => `${group}/${plural}`

export const idOf = (resource: Resource, { namespace, name }: ObjectName): string => `${collectionOf(resource)}/${keyOf(resource.namespaced ? { namespace, name } : { name })}`

export const hasStatus = ({ kind }: Resource): boolean => !withoutStatus.includes(kind)

/** Kinds of the core group, Leases and Events count no generations. */
export const hasGeneration = ({ group }: Resource): boolean => !['', 'coordination.k8s.io', 'events.k8s.io'].includes(group)

/** An object is served in each version of its kind. */
export const viewOf = (resource: Resource, object: KubeObject): KubeObject => ({ ...structuredClone(object), apiVersion: apiVersionOf(resource), kind: resource.kind })

/** What field managers own: all but what the server sets. */
export function ownedPart({ apiVersion: _apiVersion, kind: _kind, metadata, ...rest }: KubeObject): JsonMap {
  const own = Object.fromEntries(Object.entries(metadata).filter(([field]) => !systemFields.includes(field)))
  return { ...rest, ...(Object.keys(own).length > 0 ? { metadata: own } : {}) } as JsonMap
}

export const systemPart = ({ metadata }: KubeObject): Record<string, unknown> => Object.fromEntries(Object.entries(metadata).filter(([field]) => systemFields.includes(field)))

/** What a change of makes a new generation. */
export const specPart = ({ metadata: _metadata, status: _status, ...rest }: KubeObject): Record<string, unknown> => rest

/** The object with the status of another one, or with none. */
export function withStatusOf({ status: _status, ...object }: KubeObject, other: KubeObject | undefined): KubeObject {
  return { ...object, ...(other?.status === undefined ? {} : { status: other.status }) }
}
