import { resources, type Kube } from '@tidewatch/kube'
import type { Platform } from './shared/settings.ts'

/** The part of a platform that discovery tells. */
export type ServedKinds = Pick<Platform, 'strimziVersion' | 'hasKeda' | 'hasPodMonitors'>

export const noServedKinds: ServedKinds = { strimziVersion: undefined, hasKeda: false, hasPodMonitors: false }

/** Versions of Strimzi's kinds that we know, the better one first: 1.0 removed v1beta2, 0.48 and older know nothing else. */
const strimziVersions = ['v1', 'v1beta2']

/** @throws the errors of packages/kube */
export async function discoverServedKinds(kube: Kube): Promise<ServedKinds> {
  const [strimzi, keda, prometheus] = await Promise.all([resources.kafkas, resources.scaledObjects, resources.podMonitors].map(({ group }) => kube.listVersions(group)))
  return {
    strimziVersion: strimziVersions.find((version) => strimzi?.includes(version)),
    hasKeda: keda?.includes(resources.scaledObjects.version) ?? false,
    hasPodMonitors: prometheus?.includes(resources.podMonitors.version) ?? false,
  }
}
