import { atVersion, NotFound, resources, type Kube, type Resource } from '@tidewatch/kube'
import type { Platform } from './shared/settings.ts'

/** The part of a platform that discovery tells. */
export type ServedKinds = Pick<Platform, 'strimziVersion' | 'hasKeda' | 'hasPodMonitors'>

export const noServedKinds: ServedKinds = { strimziVersion: undefined, hasKeda: false, hasPodMonitors: false }

/** Versions of Strimzi's kinds that we know, the better one first: 1.0 removed v1beta2, 0.48 and older know nothing else. */
const strimziVersions = ['v1', 'v1beta2']

/** @param namespace where the operator may list; undefined: everywhere. @throws the errors of packages/kube */
export async function discoverServedKinds(kube: Kube, namespace?: string): Promise<ServedKinds> {
  const serves = (kinds: readonly Resource[], version: string) => servesAll(kube, kinds.map((kind) => atVersion(kind, version)), namespace)
  const [strimzi, keda, prometheus] = await Promise.all([resources.kafkas, resources.scaledObjects, resources.podMonitors].map(({ group }) => kube.listVersions(group)))
  let strimziVersion: string | undefined
  for (const version of strimziVersions) {
    if (strimziVersion === undefined && strimzi?.includes(version) && (await serves([resources.kafkas, resources.kafkaTopics, resources.kafkaUsers], version))) strimziVersion = version
  }
  const has = async (kind: Resource, versions: string[] | undefined) => versions?.includes(kind.version) === true && serves([kind], kind.version)
  return { strimziVersion, hasKeda: await has(resources.scaledObjects, keda), hasPodMonitors: await has(resources.podMonitors, prometheus) }
}

/**
 * The group alone says too little: an installation may have some of its kinds and not others (ServiceMonitor without
 * PodMonitor), and the list of a kind that is not there would be waited for without end.
 */
async function servesAll(kube: Kube, kinds: readonly Resource[], namespace: string | undefined): Promise<boolean> {
  for (const kind of kinds) {
    try {
      await kube.list(kind, { namespace, limit: 1 })
    } catch (error) {
      if (error instanceof NotFound) return false
      throw error
    }
  }
  return true
}
