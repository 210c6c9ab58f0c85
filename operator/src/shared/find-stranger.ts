import type { DesiredObject } from '@tidewatch/controller'
import type { Kube } from '@tidewatch/kube'
import type { Obstacle } from '../kafka/resolve-connection.ts'
import { ownerLabel, type Component } from './labels.ts'
import type { ObjectCache } from './object-cache.ts'
import { isControlledBy, type Owner } from './owner.ts'

/**
 * An object that has the name of a child and is not one. Server-side apply would make it ours without a word, and garbage
 * collection would delete it some day. Only what is not in the cache is asked for, so at rest nothing is.
 */
export async function findStranger({ kube, cache, owner, component, desired }: { kube: Kube; cache: ObjectCache; owner: Owner; component: Component; desired: readonly DesiredObject[] }): Promise<Obstacle | undefined> {
  for (const { resource, object } of desired) {
    const name = { namespace: object.metadata.namespace, name: object.metadata.name }
    const live = cache.find(resource, name) ?? (await kube.read(resource, name))
    if (live === undefined || isControlledBy(live, owner.uid)) continue
    // What holds data has no owner reference; its label says whose it is, also after its owner was made anew.
    const isKept = object.metadata.ownerReferences === undefined || live.metadata.ownerReferences === undefined
    if (isKept && live.metadata.labels?.[ownerLabel[component]] === owner.name) continue
    return {
      reason: 'NameTaken',
      message: `There is a ${resource.kind} ${object.metadata.name} that does not belong to ${owner.kind} ${owner.name}: delete or rename it, or give this object another name`,
    }
  }
  return undefined
}
