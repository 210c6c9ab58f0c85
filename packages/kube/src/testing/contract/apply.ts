import { beforeAll, describe, expect, test } from 'vitest'
import { resources } from '../../resource.ts'
import { anObject } from '../an-object.ts'
import { containersOf, failureOf, fresh, them, us, type World } from './world.ts'

/** @param open valid once the suite has begun */
export function describeApply(open: () => World): void {
  describe('server-side apply', () => {
    let kube: World['kube']
    let namespace: World['namespace']
    let widgets: World['widgets']
    let config: World['config']
    let widget: World['widget']
    let deployment: World['deployment']
    let named: World['named']
    beforeAll(() => {
      ({ kube, namespace, widgets, config, widget, deployment, named } = open())
    })

    test('makes what is missing, changes what differs, and removes what is left out', async () => {
      const name = fresh()
      await kube.apply(resources.configMaps, config(name, { data: { a: '1', b: '1' }, metadata: { labels: { x: '1' } } }), us)
      const second = await kube.apply(resources.configMaps, config(name, { data: { a: '2' } }), us)
      expect([second.data, second.metadata.labels]).toEqual([{ a: '2' }, undefined])
    })

    test('what changes nothing makes no new version', async () => {
      const name = fresh()
      const first = await kube.apply(resources.configMaps, config(name, { data: { a: '1' } }), us)
      const second = await kube.apply(resources.configMaps, config(name, { data: { a: '1' } }), us)
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
    })

    test('a field of another manager is a conflict that names both, and force takes it over', async () => {
      const name = fresh()
      await kube.apply(resources.configMaps, config(name, { data: { a: '1', b: '1' } }), them)
      const [code, message] = await failureOf(kube.apply(resources.configMaps, config(name, { data: { a: '2' } }), us))
      expect([code, message]).toEqual(['KUBE_FIELD_CONFLICT', `Failed to apply ConfigMap ${namespace}/${name}: Apply failed with 1 conflict: conflict with "somebody-else": .data.a`])
      const forced = await kube.apply(resources.configMaps, config(name, { data: { a: '2' } }), { ...us, force: true })
      expect(forced.data).toEqual({ a: '2', b: '1' })
      expect((await failureOf(kube.apply(resources.configMaps, config(name, { data: { a: '3' } }), them)))[1]).toContain('conflict with "tidewatch-operator": .data.a')
    })

    test('the same value is no conflict: both own it, and it stays while one of them wants it', async () => {
      const name = fresh()
      await kube.apply(resources.configMaps, config(name, { data: { a: '1' } }), them)
      await kube.apply(resources.configMaps, config(name, { data: { a: '1', b: '1' } }), us)
      expect((await kube.apply(resources.configMaps, config(name), us)).data).toEqual({ a: '1' })
    })

    test('who replaces a field by update owns it from then on', async () => {
      const name = fresh()
      const made = await kube.apply(resources.configMaps, config(name, { data: { a: '1' } }), us)
      await kube.update(resources.configMaps, { ...made, data: { a: 'edited' } })
      expect((await failureOf(kube.apply(resources.configMaps, config(name, { data: { a: '1' } }), us)))[0]).toBe('KUBE_FIELD_CONFLICT')
      expect((await kube.apply(resources.configMaps, config(name, { data: { a: '1' } }), { ...us, force: true })).data).toEqual({ a: '1' })
    })

    test('what an update has removed comes back with the next apply', async () => {
      const name = fresh()
      const made = await kube.apply(resources.configMaps, config(name, { data: { a: '1', b: '1' } }), us)
      await kube.update(resources.configMaps, { ...made, data: { a: '1' } })
      expect((await kube.apply(resources.configMaps, config(name, { data: { a: '1', b: '1' } }), us)).data).toEqual({ a: '1', b: '1' })
    })

    test('containers, their variables and ports are told apart by their keys', async () => {
      const name = fresh()
      const mine = { env: [{ name: 'A', value: '1' }, { name: 'B', value: '1' }], ports: [{ name: 'metrics', containerPort: 8080 }] }
      await kube.apply(resources.deployments, deployment(name, {}, mine), us)
      await kube.apply(resources.deployments, anObject(name, { spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'C', value: '1' }] }, { name: 'sidecar', image: 'proxy:1' }] } } } }, resources.deployments, namespace), them)
      const after = await kube.apply(resources.deployments, deployment(name, {}, { ...mine, env: [{ name: 'A', value: '2' }] }), us)
      expect(containersOf(after).map(({ name, image, env, ports }) => ({ name, image, env, ports }))).toEqual([
        { name: 'main', image: 'tidewatch/detector:1', env: [{ name: 'A', value: '2' }, { name: 'C', value: '1' }], ports: [expect.objectContaining({ name: 'metrics', containerPort: 8080 })] },
        { name: 'sidecar', image: 'proxy:1', env: undefined, ports: undefined },
      ])
      const alone = await kube.apply(resources.deployments, anObject(name, {}, resources.deployments, namespace), them)
      expect(containersOf(alone).map((container) => [container.name, container.env])).toEqual([['main', [{ name: 'A', value: '2' }]]])
    })

    test('an item of a list left out goes with all of its fields', async () => {
      const name = fresh()
      await kube.apply(resources.deployments, deployment(name, {}, { env: [{ name: 'A', value: '1' }] }), us)
      expect(containersOf(await kube.apply(resources.deployments, deployment(name), us))[0]?.env).toBeUndefined()
    })

    test('a selector is one value: who adds a label to it disputes all of it', async () => {
      const name = fresh()
      const service = (selector: Record<string, string>) => anObject(name, { spec: { selector, ports: [{ name: 'metrics', port: 80 }] } }, resources.services, namespace)
      await kube.apply(resources.services, service({ app: 'a' }), them)
      const [code, message] = await failureOf(kube.apply(resources.services, service({ app: 'a', tier: 'b' }), us))
      expect([code, message]).toEqual(['KUBE_FIELD_CONFLICT', `Failed to apply Service ${namespace}/${name}: Apply failed with 1 conflict: conflict with "somebody-else": .spec.selector`])
    })

    test('a conflict inside a list names the item by its keys', async () => {
      const name = fresh()
      await kube.apply(resources.deployments, deployment(name, {}, { env: [{ name: 'A', value: '1' }] }), them)
      const [, message] = await failureOf(kube.apply(resources.deployments, deployment(name, {}, { env: [{ name: 'A', value: '2' }] }), us))
      expect(message).toContain('conflict with "somebody-else": .spec.template.spec.containers[name="main"].env[name="A"].value')
    })

    test('replicas left out stay with whoever scales', async () => {
      const name = fresh()
      await kube.apply(resources.deployments, deployment(name), us)
      await kube.apply(resources.deployments, anObject(name, { spec: { replicas: 4 } }, resources.deployments, namespace), them)
      const after = await kube.apply(resources.deployments, deployment(name, {}, { image: 'tidewatch/detector:2' }), us)
      expect((after.spec as { replicas: number }).replicas).toBe(4)
      const [code, message] = await failureOf(kube.apply(resources.deployments, deployment(name, { replicas: 0 }), us))
      expect([code, message]).toEqual(['KUBE_FIELD_CONFLICT', expect.stringContaining('conflict with "somebody-else": .spec.replicas')])
    })

    test('a dry run stores nothing, and conflicts like the real one', async () => {
      const name = fresh()
      const dry = await kube.apply(resources.configMaps, config(name, { data: { a: '1' } }), { ...us, dryRun: true })
      expect([dry.data, await kube.read(resources.configMaps, named(name))]).toEqual([{ a: '1' }, undefined])
      const made = await kube.apply(resources.configMaps, config(name, { data: { a: '1' } }), us)
      expect((await kube.apply(resources.configMaps, config(name, { data: { b: '1' } }), { ...us, dryRun: true })).data).toEqual({ b: '1' })
      expect((await failureOf(kube.apply(resources.configMaps, config(name, { data: { a: '2' } }), { ...them, dryRun: true })))[0]).toBe('KUBE_FIELD_CONFLICT')
      expect(await kube.read(resources.configMaps, named(name))).toEqual(made)
    })

    test('with a uid or a version only that very object', async () => {
      const name = fresh()
      const uid = '00000000-0000-0000-0000-000000000000'
      expect((await failureOf(kube.apply(resources.configMaps, config(name, { metadata: { uid } }), us)))[0]).toBe('KUBE_WRITE_CONFLICT')
      const made = await kube.apply(resources.configMaps, config(name, { data: { a: '1' } }), us)
      expect((await failureOf(kube.apply(resources.configMaps, config(name, { metadata: { uid } }), us)))[0]).toBe('KUBE_WRITE_CONFLICT')
      expect((await failureOf(kube.apply(resources.configMaps, config(name, { metadata: { resourceVersion: '1' } }), us)))[0]).toBe('KUBE_WRITE_CONFLICT')
      expect((await kube.apply(resources.configMaps, config(name, { data: { a: '2' }, metadata: { uid: made.metadata.uid } }), us)).data).toEqual({ a: '2' })
    })

    test('finalizers are a set: each manager has its own', async () => {
      const name = fresh()
      await kube.apply(widgets, widget(name, { metadata: { finalizers: ['tidewatch.dev/cleanup'] } }), us)
      const both = await kube.apply(widgets, widget(name, { metadata: { finalizers: ['example.com/other'] } }), them)
      expect(both.metadata.finalizers?.toSorted()).toEqual(['example.com/other', 'tidewatch.dev/cleanup'])
      expect((await kube.apply(widgets, widget(name), us)).metadata.finalizers).toEqual(['example.com/other'])
      expect((await kube.apply(widgets, widget(name), them)).metadata.finalizers).toBeUndefined()
    })

    test('managedFields in what is sent are refused', async () => {
      const made = await kube.apply(resources.configMaps, config(fresh()), us)
      expect((await failureOf(kube.apply(resources.configMaps, { ...made, metadata: { ...made.metadata, managedFields: [{ manager: 'x' }] } }, us)))[0]).toBe('KUBE_OBJECT_INVALID')
    })
  })
}
