import { beforeAll, describe, expect, test } from 'vitest'
import { keyOf } from '../../object.ts'
import { resources } from '../../resource.ts'
import { anObject } from '../an-object.ts'
import { failureOf, fresh, ours, us, type World } from './world.ts'

/** @param open valid once the suite has begun */
export function describeWriting(open: () => World): void {
  describe('creating, replacing, deleting', () => {
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

    test('create gives uid, version and time; a second one is refused', async () => {
      const name = fresh()
      const { metadata } = await kube.create(resources.configMaps, config(name, { data: { a: '1' } }))
      expect(metadata).toMatchObject({ name, namespace, uid: expect.stringMatching(/^[0-9a-f-]{36}$/), resourceVersion: expect.stringMatching(/^\d+$/), creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) })
      const [code, message] = await failureOf(kube.create(resources.configMaps, config(name)))
      expect([code, message]).toEqual(['KUBE_ALREADY_EXISTS', `Failed to create ConfigMap ${namespace}/${name}: configmaps "${name}" already exists`])
    })

    test('update replaces only the version that it was made from', async () => {
      const name = fresh()
      const first = await kube.create(resources.configMaps, config(name, { data: { a: '1', b: '1' } }))
      const second = await kube.update(resources.configMaps, { ...first, data: { a: '2' } })
      expect(second.data).toEqual({ a: '2' })
      const [code, message] = await failureOf(kube.update(resources.configMaps, { ...first, data: { a: '3' } }))
      expect([code, message]).toEqual(['KUBE_WRITE_CONFLICT', expect.stringContaining('the object has been modified; please apply your changes to the latest version and try again')])
      expect((await failureOf(kube.update(resources.configMaps, config(fresh()))))[0]).toBe('KUBE_NOT_FOUND')
    })

    test('an update that changes nothing makes no new version', async () => {
      const first = await kube.create(resources.configMaps, config(fresh(), { data: { a: '1' } }))
      expect((await kube.update(resources.configMaps, first)).metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    })

    test('delete tells whether there was anything, and keeps to its preconditions', async () => {
      const name = fresh()
      const made = await kube.create(resources.configMaps, config(name))
      expect((await failureOf(kube.delete(resources.configMaps, named(name), { uid: '00000000-0000-0000-0000-000000000000' })))[0]).toBe('KUBE_WRITE_CONFLICT')
      expect((await failureOf(kube.delete(resources.configMaps, named(name), { resourceVersion: '1' })))[0]).toBe('KUBE_WRITE_CONFLICT')
      expect(await kube.delete(resources.configMaps, named(name), { uid: made.metadata.uid })).toBe(true)
      expect(await kube.delete(resources.configMaps, named(name))).toBe(false)
    })

    test('a finalizer keeps an object until it is taken away', async () => {
      const name = fresh()
      const held = { metadata: { finalizers: ['tidewatch.dev/cleanup'] } }
      await kube.apply(widgets, widget(name, held), us)
      expect(await kube.delete(widgets, named(name))).toBe(true)
      const dying = await kube.read(widgets, named(name))
      expect(dying?.metadata).toMatchObject({ deletionTimestamp: expect.stringMatching(/Z$/), finalizers: ['tidewatch.dev/cleanup'] })
      expect(await kube.delete(widgets, named(name))).toBe(true)
      await kube.apply(widgets, widget(name), us)
      expect(await kube.read(widgets, named(name))).toBeUndefined()
    })

    test('what has lost its owner is collected, what has not stays', async () => {
      const owner = await kube.create(resources.configMaps, config(fresh('owner')))
      const owned = (uid: string) => ({ metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name, uid }] } })
      const child = await kube.create(resources.configMaps, config(fresh('child'), owned(owner.metadata.uid ?? '')))
      const other = await kube.create(resources.configMaps, config(fresh('other')))
      await kube.delete(resources.configMaps, owner.metadata)
      await world.collectGarbage()
      await expect.poll(() => kube.read(resources.configMaps, child.metadata), { timeout: 30_000 }).toBeUndefined()
      expect(await kube.read(resources.configMaps, other.metadata)).toBeDefined()
    })

    test('generation counts changes of the spec, not of metadata or status', async () => {
      const name = fresh()
      const generations = []
      generations.push((await kube.apply(widgets, widget(name, { spec: { size: 1 } }), us)).metadata.generation)
      generations.push((await kube.apply(widgets, widget(name, { spec: { size: 1 }, metadata: { labels: { a: 'b' } } }), us)).metadata.generation)
      generations.push((await kube.applyStatus(widgets, widget(name, { status: { phase: 'Up' } }), ours)).metadata.generation)
      generations.push((await kube.apply(widgets, widget(name, { spec: { size: 2 }, metadata: { finalizers: ['tidewatch.dev/cleanup'] } }), us)).metadata.generation)
      await kube.delete(widgets, named(name))
      generations.push((await kube.read(widgets, named(name)))?.metadata.generation)
      await kube.apply(widgets, widget(name, { spec: { size: 2 } }), us)
      generations.push((await kube.create(resources.configMaps, config(fresh()))).metadata.generation)
      expect(generations).toEqual([1, 1, 1, 2, 3, undefined])
    })

    test('a Lease is made and replaced with times of six digits, and of two writers one wins', async () => {
      const name = fresh('lease')
      const spec = (holderIdentity: string) => ({ spec: { holderIdentity, leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.678000Z' } })
      const made = await kube.create(resources.leases, anObject(name, spec('a'), resources.leases, namespace))
      expect(made.spec).toEqual(spec('a').spec)
      expect((await kube.update(resources.leases, { ...made, ...spec('b') })).spec).toEqual(spec('b').spec)
      expect((await failureOf(kube.update(resources.leases, { ...made, ...spec('c') })))[0]).toBe('KUBE_WRITE_CONFLICT')
      expect(keyOf(made.metadata)).toBe(`${namespace}/${name}`)
    })
  })
}
