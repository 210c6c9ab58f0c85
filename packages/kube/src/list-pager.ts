import { ResourceExpired } from './errors.ts'
import type { Kube, ListOptions } from './kube.ts'
import type { KubeObject } from './object.ts'
import type { Resource } from './resource.ts'

export interface WholeList {
  items: KubeObject[]
  /** The version that a watch goes on from. */
  resourceVersion: string
}

/**
 * All pages of a list.
 *
 * A page token dies after some minutes (etcd's compaction): then everything is asked for once more in one piece, because
 * a list that was too slow for pages is too slow for pages again.
 *
 * @param pageSize objects in one page
 * @throws the errors of `Kube.list`
 */
export async function listAll(kube: Kube, resource: Resource, { pageSize, ...options }: Omit<ListOptions, 'limit' | 'continueToken'> & { pageSize: number }): Promise<WholeList> {
  const items: KubeObject[] = []
  let page = await kube.list(resource, { ...options, limit: pageSize })
  items.push(...page.items)
  while (page.continueToken !== undefined) {
    try {
      page = await kube.list(resource, { ...options, limit: pageSize, continueToken: page.continueToken })
    } catch (error) {
      if (!(error instanceof ResourceExpired)) throw error
      return kube.list(resource, { ...options, resourceVersion: undefined })
    }
    items.push(...page.items)
  }
  return { items, resourceVersion: page.resourceVersion }
}
