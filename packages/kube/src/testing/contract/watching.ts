import { beforeAll, describe, expect, test } from 'vitest'
import type { WatchEvent } from '../../kube.ts'
import { resources, type Resource } from '../../resource.ts'
import { failureOf, fresh, us, type World } from './world.ts'

/** @param open valid once the suite has begun */
export function describeWatching(open: () => World): void {
  describe('watching', () => {
    let kube: World['kube']
    let namespace: World['namespace']
    let widgets: World['widgets']
    let config: World['config']
    let widget: World['widget']
    let named: World['named']
    let world: World
    beforeAll(() => {
      world = open()
      ;({ kube, namespace, widgets, config, widget, named } = world)
    })

    /** The events until there are so many; bookmarks are left out, since when they come is the server's affair. */
    const follow = async (resource: Resource, resourceVersion: string, count: number, selector: { labelSelector?: string; fieldSelector?: string } = {}): Promise<[string, string][]> => {
      const told: [string, string][] = []
      const stop = new AbortController()
      for await (const event of kube.watch(resource, { namespace, resourceVersion, timeoutSeconds: 30, signal: stop.signal, ...selector })) {
        if (event.type !== 'BOOKMARK') told.push([event.type, event.object.metadata.name])
        if (told.length === count) stop.abort()
      }
      return told
    }

    test('tells what happened since a version, and then what happens', async () => {
      const { resourceVersion } = await kube.list(resources.configMaps, { namespace })
      const name = fresh()
      const labels = { watched: name }
      const made = await kube.apply(resources.configMaps, config(name, { metadata: { labels } }), us)
      const told = follow(resources.configMaps, resourceVersion, 3, { labelSelector: `watched=${name}` })
      await kube.apply(resources.configMaps, config(name, { metadata: { labels }, data: { a: '1' } }), us)
      await kube.delete(resources.configMaps, named(name), { uid: made.metadata.uid })
      expect(await told).toEqual([['ADDED', name], ['MODIFIED', name], ['DELETED', name]])
    })

    test('an object that leaves the selection is deleted to this watch, and added when it returns', async () => {
      const { resourceVersion } = await kube.list(resources.configMaps, { namespace })
      const name = fresh()
      for (const tier of [name, 'other', name]) await kube.apply(resources.configMaps, config(name, { metadata: { labels: { tier } } }), us)
      expect(await follow(resources.configMaps, resourceVersion, 3, { labelSelector: `tier=${name}` })).toEqual([['ADDED', name], ['DELETED', name], ['ADDED', name]])
    })

    test('the events carry the object whole, in the version asked for', async () => {
      const { resourceVersion } = await kube.list(widgets, { namespace })
      const made = await kube.create(widgets, widget(fresh(), { spec: { size: 7 } }))
      const stop = new AbortController()
      let told: WatchEvent | undefined
      for await (const event of kube.watch(widgets, { namespace, resourceVersion, timeoutSeconds: 30, signal: stop.signal, fieldSelector: `metadata.name=${made.metadata.name}` })) {
        told = event
        if (event.type !== 'BOOKMARK') break
      }
      stop.abort()
      expect(told).toEqual({ type: 'ADDED', object: made })
    })

    test('a version that is gone is told as such', async () => {
      const resourceVersion = await world.expiredVersion()
      const [code] = await failureOf(follow(widgets, resourceVersion, 1))
      expect(code).toBe('KUBE_RESOURCE_EXPIRED')
    })

    test('an abort ends it without an error', async () => {
      const { resourceVersion } = await kube.list(resources.configMaps, { namespace })
      const stop = new AbortController()
      setImmediate(() => stop.abort())
      const events: WatchEvent[] = []
      for await (const event of kube.watch(resources.configMaps, { namespace, resourceVersion, timeoutSeconds: 30, signal: stop.signal, fieldSelector: 'metadata.name=nobody' })) events.push(event)
      expect(events.filter(({ type }) => type !== 'BOOKMARK')).toEqual([])
    })

    test('the server ends it in order after its time', async () => {
      const { resourceVersion } = await kube.list(resources.configMaps, { namespace })
      const events: WatchEvent[] = []
      for await (const event of kube.watch(resources.configMaps, { namespace, resourceVersion, timeoutSeconds: 1, signal: new AbortController().signal, fieldSelector: 'metadata.name=nobody' })) events.push(event)
      expect(events.filter(({ type }) => type !== 'BOOKMARK')).toEqual([])
    })
  })
}
