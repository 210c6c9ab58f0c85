import type { KubeObject } from '@tidewatch/kube'

/** Which versions of kafka.strimzi.io a cluster serves. */
export type StrimziVersions = 'v1beta2' | 'v1+v1beta2' | 'v1'

interface DefinitionVersion {
  name: string
  storage: boolean
  schema: { openAPIV3Schema: object }
  [field: string]: unknown
}

/** Cuts a definition that has both versions down to the ones to serve; v1beta2 stores wherever it is served, as in Strimzi. */
export function serveVersions(definition: KubeObject, versions: StrimziVersions): KubeObject {
  const served = versions.split('+')
  const spec = definition.spec as { versions: DefinitionVersion[] }
  const storage = served.includes('v1beta2') ? 'v1beta2' : 'v1'
  const kept = spec.versions.filter(({ name }) => served.includes(name)).map((version) => ({ ...completed(version), storage: version.name === storage }))
  return { ...definition, spec: { ...spec, versions: kept } }
}

/** What ships asks for `spec` in v1; the generator, which is older than v1, leaves that out. */
function completed(version: DefinitionVersion): DefinitionVersion {
  if (version.name !== 'v1') return version
  return { ...version, schema: { openAPIV3Schema: { ...version.schema.openAPIV3Schema, required: ['spec'] } } }
}
