import type { KubeObject } from '@tidewatch/kube'
import type { TopicClaims } from '../../kafka/decide-topics.ts'

/** Holds a pipeline back until its consumer group, and topics with `deletionPolicy: Delete`, are gone from Kafka. */
export const cleanupFinalizer = 'tidewatch.dev/cleanup'
/** Which topics we made through the Admin API: Kafka itself keeps no word of it. */
export const claimsAnnotation = 'tidewatch.dev/created-topics'

/** The fields of the pipeline itself that are ours. With its uid, so that it can never bring a deleted one back. */
export function buildRoot({ apiVersion, kind, metadata }: KubeObject, claims: TopicClaims, { withFinalizer = true }: { withFinalizer?: boolean } = {}): KubeObject {
  const { name, namespace, uid } = metadata
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(withFinalizer ? { finalizers: [cleanupFinalizer] } : {}),
      ...(Object.keys(claims).length === 0 ? {} : { annotations: { [claimsAnnotation]: JSON.stringify(claims) } }),
    },
  }
}

/** What `buildRoot` wrote; nothing where somebody has made it unreadable: then no topic counts as ours, and none is deleted. */
export function readClaims({ metadata }: KubeObject): TopicClaims {
  const text = metadata.annotations?.[claimsAnnotation]
  if (text === undefined) return {}
  try {
    const claims = JSON.parse(text) as unknown
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return {}
    return Object.fromEntries(Object.entries(claims).map(([topic, keys]) => [topic, Array.isArray(keys) ? keys.filter((key): key is string => typeof key === 'string') : []]))
  } catch {
    return {}
  }
}
