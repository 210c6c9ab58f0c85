import { beforeAll, describe, expect, test } from 'vitest'
import { apiVersionOf, resources } from '../../resource.ts'
import { failureOf, fresh, type World } from './world.ts'

/** @param open valid once the suite has begun */
export function describeReading(open: () => World): void {
  describe('reading', () => {
    let kube: World['kube']
    let namespace: World['namespace']
    let widgets: World['widgets']
    let config: World['config']
    let widget: World['widget']
    let named: World['named']
    beforeAll(() => {
      ({ kube, namespace, widgets, config, widget, named } = open())
    })

    test('an object that is not there is undefined', async () => {
      expect(await kube.read(resources.configMaps, named(fresh()))).toBeUndefined()
    })

    test('a kind that is not served is an error, not an absence', async () => {
      const unknown = { ...widgets, plural: 'gadgets', kind: 'Gadget' }
      expect((await failureOf(kube.read(unknown, named('a'))))[0]).toBe('KUBE_NOT_FOUND')
      expect((await failureOf(kube.list(unknown)))[0]).toBe('KUBE_NOT_FOUND')
      expect((await failureOf(kube.delete(unknown, named('a'))))[0]).toBe('KUBE_NOT_FOUND')
    })

    test('a list has apiVersion and kind in each item, and a version to watch from', async () => {
      const name = fresh()
      await kube.create(resources.configMaps, config(name, { metadata: { labels: { only: name } } }))
      const { items, resourceVersion, continueToken } = await kube.list(resources.configMaps, { namespace, labelSelector: `only=${name}` })
      expect(items.map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.name])).toEqual([['v1', 'ConfigMap', name]])
      expect(resourceVersion).toMatch(/^\d+$/)
      expect(continueToken).toBeUndefined()
    })

    test('pages hold what was there when the first was read, in the order of names', async () => {
      const label = fresh('paged')
      for (const name of ['a', 'b', 'c', 'd', 'e']) await kube.create(resources.configMaps, config(`${label}-${name}`, { metadata: { labels: { paged: label } } }))
      const options = { namespace, labelSelector: `paged=${label}`, limit: 2 }
      const first = await kube.list(resources.configMaps, options)
      await kube.delete(resources.configMaps, named(`${label}-e`))
      const second = await kube.list(resources.configMaps, { ...options, continueToken: first.continueToken })
      const third = await kube.list(resources.configMaps, { ...options, continueToken: second.continueToken })
      expect([first, second, third].map(({ items }) => items.map(({ metadata }) => metadata.name.slice(-1)))).toEqual([['a', 'b'], ['c', 'd'], ['e']])
      expect([first, second, third].map(({ continueToken }) => continueToken !== undefined)).toEqual([true, true, false])
      expect(new Set([first, second, third].map(({ resourceVersion }) => resourceVersion)).size).toBe(1)
    })

    test.each([
      ['tier=front', ['both', 'front']],
      ['tier==front,size=large', ['both']],
      ['tier!=front', ['back', 'none']],
      ['tier', ['back', 'both', 'front']],
      ['!tier', ['none']],
      ['tier in (back,front),!size', ['back', 'front']],
      ['tier notin (back)', ['both', 'front', 'none']],
    ])('the label selector %s', async (labelSelector, expected) => {
      const group = fresh('group')
      const labels = { front: { tier: 'front' }, back: { tier: 'back' }, both: { tier: 'front', size: 'large' }, none: {} }
      for (const [name, own] of Object.entries(labels)) await kube.create(resources.configMaps, config(`${group}-${name}`, { metadata: { labels: { ...own, group } } }))
      const { items } = await kube.list(resources.configMaps, { namespace, labelSelector: `group=${group},${labelSelector}` })
      expect(items.map(({ metadata }) => metadata.name.slice(group.length + 1))).toEqual(expected)
    })

    test('the field selector metadata.name', async () => {
      const name = fresh()
      await kube.create(resources.configMaps, config(name))
      const { items } = await kube.list(resources.configMaps, { namespace, fieldSelector: `metadata.name=${name}` })
      expect(items.map(({ metadata }) => metadata.name)).toEqual([name])
    })

    test('an object is served in every version of its kind', async () => {
      const name = fresh()
      await kube.create(widgets, widget(name, { spec: { size: 1 } }))
      const older = { ...widgets, version: 'v1beta1' }
      expect((await kube.read(older, named(name)))?.apiVersion).toBe(apiVersionOf(older))
      expect(await kube.listVersions(widgets.group)).toEqual(['v1', 'v1beta1'])
    })

    test('a group that is not served has no versions', async () => {
      expect(await kube.listVersions('nobody.example.com')).toEqual([])
    })
  })
}
