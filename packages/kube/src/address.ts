import type { ObjectName } from './object.ts'
import type { Resource } from './resource.ts'

export type Query = Record<string, string | number | boolean | undefined>

/** The path that a kind, one object or its subresource is served at. Without a namespace: of the whole cluster. */
export function buildPath({ group, version, plural, namespaced }: Resource, { namespace, name }: Partial<ObjectName> = {}, subresource?: 'status'): string {
  const root = group === '' ? ['api', version] : ['apis', group, version]
  const scope = namespaced && namespace !== undefined ? ['namespaces', namespace] : []
  const object = name === undefined ? [] : [name, ...(subresource === undefined ? [] : [subresource])]
  return `/${[...root, ...scope, plural, ...object].map(encodeURIComponent).join('/')}`
}

/** `?a=b`, or nothing; what is undefined or empty is left out. */
export function buildQuery(query: Query): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') params.set(name, String(value))
  return params.size === 0 ? '' : `?${params.toString()}`
}
