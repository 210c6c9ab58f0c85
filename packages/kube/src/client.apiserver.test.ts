import { randomBytes } from 'node:crypto'
import { createLogger, systemClock } from '@tidewatch/kit'
import { describe, expect, inject, test, vi } from 'vitest'
import { createKube } from './client.ts'
import { createEventRecorder } from './events.ts'
import { createInformer } from './informer.ts'
import { loadKubeConfig } from './kube-config.ts'
import { runAsLeader } from './leader-election.ts'
import type { KubeObject } from './object.ts'
import { resources, type Resource } from './resource.ts'
import { anObject } from './testing/an-object.ts'
import { describeKubeContract } from './testing/kube-contract.ts'

const log = createLogger({ name: 'test', level: 'silent' })

const openKube = () => createKube({ kubeConfig: loadKubeConfig({ file: inject('kubeconfig') }) })

/** A definition of Widgets in two versions, as the contract wants it. */
function aDefinition(group: string): KubeObject {
  const version = (name: string, storage: boolean) => ({
    name,
    served: true,
    storage,
    subresources: { status: {} },
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: {
          spec: { type: 'object', properties: { size: { type: 'integer' } } },
          status: {
            type: 'object',
            properties: {
              phase: { type: 'string' },
              conditions: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'], items: { type: 'object', required: ['type'], properties: { type: { type: 'string' }, status: { type: 'string' } } } },
            },
          },
        },
      },
    },
  })
  const names = { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' }
  return anObject(`widgets.${group}`, { spec: { group, scope: 'Namespaced', names, versions: [version('v1', true), version('v1beta1', false)] } }, resources.customResourceDefinitions)
}

async function makeNamespace(kube: ReturnType<typeof openKube>): Promise<string> {
  const namespace = `kube-${randomBytes(4).toString('hex')}`
  await kube.create(resources.namespaces, anObject(namespace, {}, resources.namespaces))
  return namespace
}

describeKubeContract('the client on a real kube-apiserver', async () => {
  const kube = openKube()
  const namespace = await makeNamespace(kube)
  const group = `${namespace}.tidewatch.dev`
  const widgets: Resource = { group, version: 'v1', kind: 'Widget', plural: 'widgets', namespaced: true }
  await kube.create(resources.customResourceDefinitions, aDefinition(group))
  await vi.waitFor(() => kube.list(widgets), { timeout: 30_000 })
  return {
    kube,
    namespace,
    widgets,
    expiredVersion: async () => '1',
    // The controller manager does it.
    collectGarbage: async () => undefined,
    stop: async () => {
      await kube.delete(resources.customResourceDefinitions, { name: `widgets.${group}` })
      await kube.delete(resources.namespaces, { name: namespace })
      await kube.close()
    },
  }
})

describe('on a real kube-apiserver', () => {
  test('an informer follows what happens to ConfigMaps', async () => {
    const kube = openKube()
    const namespace = await makeNamespace(kube)
    const stop = new AbortController()
    const informer = createInformer({ kube, resource: resources.configMaps, namespace, labelSelector: 'tidewatch=yes', log })
    const running = informer.run(stop.signal)
    await informer.untilSynced(stop.signal)
    const object = (data: string) => anObject('a', { metadata: { labels: { tidewatch: 'yes' } }, data: { value: data } }, resources.configMaps, namespace)
    await kube.apply(resources.configMaps, object('1'), { fieldManager: 'test' })
    await expect.poll(() => informer.store.get(`${namespace}/a`)?.data).toEqual({ value: '1' })
    await kube.apply(resources.configMaps, object('2'), { fieldManager: 'test' })
    await expect.poll(() => informer.store.byLabel('tidewatch', 'yes')[0]?.data).toEqual({ value: '2' })
    await kube.delete(resources.configMaps, { namespace, name: 'a' })
    await expect.poll(() => informer.store.size).toBe(0)
    stop.abort()
    await running
    await kube.delete(resources.namespaces, { name: namespace })
    await kube.close()
  })

  test('of two candidates one leads, and the other follows when it lets go', async () => {
    const kube = openKube()
    const namespace = await makeNamespace(kube)
    const order: string[] = []
    const candidate = (identity: string) => {
      const stop = new AbortController()
      const election = runAsLeader({
        kube,
        lease: { namespace, name: 'tidewatch-operator' },
        identity,
        clock: systemClock,
        log,
        signal: stop.signal,
        retryPeriodMs: 50,
        onLost: (error) => order.push(`${identity} lost: ${error.message}`),
        onLeading: async (leading) => {
          order.push(`${identity} begins`)
          await new Promise((resolve) => leading.addEventListener('abort', resolve))
          order.push(`${identity} ends`)
        },
      })
      return { stop, election }
    }
    const first = candidate('first')
    await expect.poll(() => order).toEqual(['first begins'])
    const second = candidate('second')
    first.stop.abort()
    await first.election.done
    await expect.poll(() => order).toEqual(['first begins', 'first ends', 'second begins'])
    second.stop.abort()
    await second.election.done
    const lease = await kube.read(resources.leases, { namespace, name: 'tidewatch-operator' })
    // The server leaves an empty holder out.
    expect(lease?.spec).toMatchObject({ leaseDurationSeconds: 1, leaseTransitions: expect.any(Number) })
    await kube.delete(resources.namespaces, { name: namespace })
    await kube.close()
  })

  test('an event is taken, and the same one again is counted in it', async () => {
    const kube = openKube()
    const namespace = await makeNamespace(kube)
    const regarding = await kube.create(resources.configMaps, anObject('a', {}, resources.configMaps, namespace))
    const recorder = createEventRecorder({ kube, component: 'tidewatch.dev/operator', instance: 'operator-0', clock: systemClock, log })
    const event = { regarding, type: 'Warning', reason: 'TopicsMissing', action: 'Check', note: 'The topic "a" is missing' } as const
    await recorder.record(event)
    await recorder.record(event)
    const { items } = await kube.list(resources.events, { namespace })
    expect(items).toMatchObject([
      { type: 'Warning', reason: 'TopicsMissing', action: 'Check', note: event.note, reportingController: 'tidewatch.dev/operator', reportingInstance: 'operator-0', regarding: { kind: 'ConfigMap', name: 'a', uid: regarding.metadata.uid }, series: { count: 2 } },
    ])
    await kube.delete(resources.namespaces, { name: namespace })
    await kube.close()
  })

  test('the error of a refused object is the server\'s own sentence', async () => {
    const kube = openKube()
    const bad = anObject('Not_A_Name', {}, resources.configMaps, 'default')
    await expect(kube.create(resources.configMaps, bad)).rejects.toMatchObject({ code: 'KUBE_OBJECT_INVALID', retry: 'never', message: expect.stringMatching(/^Failed to create ConfigMap default\/Not_A_Name: ConfigMap "Not_A_Name" is invalid: metadata\.name: Invalid value/) })
    await kube.close()
  })
})
