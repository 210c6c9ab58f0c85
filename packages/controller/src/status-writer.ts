import type { Kube, KubeObject, Resource } from '@tidewatch/kube'
import { canonicalJson } from './canonical.ts'

/**
 * Writes a status where it differs from what the object has, and returns whether it did.
 *
 * The whole status is compared, times included: those are stable by construction (`setCondition`), so a status that says
 * the same is equal. The uid keeps a late write from landing on a new object of the same name.
 */
export async function writeStatus({ kube, resource, live, status, fieldManager }: {
  kube: Kube
  resource: Resource
  live: KubeObject
  status: object
  fieldManager: string
}): Promise<boolean> {
  if (canonicalJson(withoutEmpty(status)) === canonicalJson(withoutEmpty(live.status ?? {}))) return false
  const { name, namespace, uid } = live.metadata
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) }
  await kube.applyStatus(resource, { apiVersion: live.apiVersion, kind: live.kind, metadata, status }, { fieldManager })
  return true
}

/** Null and undefined members say nothing: the API server drops them. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined && member !== null).map(([name, member]) => [name, withoutEmpty(member)]))
}
