import type { KubeObject } from '../object.ts'
import { apiVersionOf, resources, type Resource } from '../resource.ts'

/** An object for a test; a ConfigMap in the namespace `default` where nothing else is said. */
export function anObject(name: string, fields: Record<string, unknown> = {}, resource: Resource = resources.configMaps, namespace: string | undefined = 'default'): KubeObject {
  const { metadata, ...rest } = fields
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: { name, ...(resource.namespaced && namespace !== undefined && { namespace }), ...(metadata as object | undefined) },
    ...rest,
  }
}
