import type { KubeObject, ObjectName, Resource } from '@tidewatch/kube'

/** What informers hold; reading it costs no request. */
export interface ObjectCache {
  /** Undefined where there is none, and where the kind is not served. */
  find(resource: Resource, name: ObjectName): KubeObject | undefined
  /** Every object of the kind in a namespace. */
  list(resource: Resource, namespace: string): readonly KubeObject[]
  /** Of all namespaces that are watched. */
  listAll(resource: Resource): readonly KubeObject[]
}
