import { setTimeout as sleep } from 'node:timers/promises'
import { atVersion, resources, type Kube, type KubeObject, type Resource } from '@tidewatch/kube'
import { eventually } from './eventually.ts'

const definitions = resources.customResourceDefinitions

interface DefinitionSpec {
  group: string
  scope: string
  names: { kind: string; plural: string }
  versions: { name: string; served: boolean }[]
}

/** Applies CustomResourceDefinitions and waits until every version of every kind can be listed. */
export async function installDefinitions(kube: Kube, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) await kube.apply(definitions, object, { fieldManager: 'test', force: true })
  for (const object of objects) {
    await eventually(`${object.metadata.name} is established`, () => kube.read(definitions, object.metadata), isEstablished, { everyMs: 100 })
    for (const resource of listServed(object)) await untilListed(kube, resource)
  }
}

/** Deletes definitions, and all objects of theirs with them, and waits for the end of both. */
export async function removeDefinitions(kube: Kube, objects: readonly KubeObject[]): Promise<void> {
  for (const { metadata } of objects) await kube.delete(definitions, metadata)
  for (const { metadata } of objects) await eventually(`${metadata.name} is gone`, () => kube.read(definitions, metadata), (found) => found === undefined, { everyMs: 100 })
}

/** Every kind in every version that a definition serves. */
export function listServed({ spec }: KubeObject): Resource[] {
  const { group, scope, names, versions } = spec as DefinitionSpec
  const resource = { group, version: '', kind: names.kind, plural: names.plural, namespaced: scope === 'Namespaced' }
  return versions.filter(({ served }) => served).map(({ name }) => atVersion(resource, name))
}

function isEstablished(definition: KubeObject | undefined): boolean {
  const { conditions } = (definition?.status ?? {}) as { conditions?: { type: string; status: string }[] | null }
  return conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false
}

/** Established comes a moment before the requests are answered. */
async function untilListed(kube: Kube, resource: Resource): Promise<void> {
  for (let left = 100; ; left--) {
    try {
      await kube.list(resource, { limit: 1 })
      return
    } catch (error) {
      if (left === 0) throw error
      await sleep(100)
    }
  }
}
