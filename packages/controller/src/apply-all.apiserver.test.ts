import { createLogger } from '@tidewatch/kit'
import { apiVersionOf, createKube, loadKubeConfig, resources, WriteConflict, type KubeObject, type Resource } from '@tidewatch/kube'
import { afterAll, beforeEach, expect, inject, test } from 'vitest'
import { applyAll, appliedHashAnnotation, type ApplyAllOptions, type DesiredObject } from './apply-all.ts'
import { addFinalizer, removeFinalizer } from './finalizer.ts'
import { writeStatus } from './status-writer.ts'

const fieldManager = 'controller-test'
const kube = createKube({ kubeConfig: loadKubeConfig({ file: inject('kubeconfig') }), log: createLogger({ name: 'test', level: 'error' }) })
let namespace: string

afterAll(() => kube.close())
beforeEach(async () => {
  namespace = `controller-${Math.random().toString(36).slice(2, 10)}`
  await kube.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  return async () => void (await kube.delete(resources.namespaces, { name: namespace }))
})

const objectOf = (resource: Resource, name: string, rest: object): DesiredObject => ({ resource, object: { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name, namespace }, ...rest } })
const configMap = (data: Record<string, string>, name = 'a') => objectOf(resources.configMaps, name, { data })
const deployment = (replicas: number | undefined, more: object = {}) =>
  objectOf(resources.deployments, 'a', {
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: { app: 'a' } },
      template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'a', resources: { requests: { cpu: '0.5', memory: '1024Mi' } }, env: [{ name: 'EMPTY', value: '' }], ports: [{ name: 'metrics', containerPort: 8080 }], ...more }] } },
    },
  })

/** What an informer would have seen by now. */
async function liveOf(desired: readonly DesiredObject[]): Promise<ApplyAllOptions['live']> {
  const found = await Promise.all(desired.map(({ resource, object }) => kube.read(resource, { namespace, name: object.metadata.name })))
  return (resource, { name }) => found.find((object) => object?.kind === resource.kind && object.metadata.name === name)
}
async function run(desired: readonly DesiredObject[], more: Partial<ApplyAllOptions> = {}): Promise<string[]> {
  const outcomes = await applyAll({ kube, fieldManager, desired, live: await liveOf(desired), ...more })
  return outcomes.map(({ resource, name, result }) => `${resource.kind} ${name.name} ${result}`)
}
const read = async (resource: Resource, name = 'a') => (await kube.read(resource, { namespace, name }))!

test('a second run writes nothing, whatever the server made of the objects', async () => {
  const desired = [
    configMap({ key: 'value' }),
    deployment(2),
    objectOf(resources.services, 'a', { spec: { selector: { app: 'a' }, ports: [{ name: 'metrics', port: 8080, targetPort: 'metrics' }] } }),
    objectOf(resources.podDisruptionBudgets, 'a', { spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'a' } } } }),
    objectOf(resources.networkPolicies, 'a', { spec: { podSelector: { matchLabels: { app: 'a' } }, policyTypes: ['Ingress', 'Egress'], ingress: [{ ports: [{ port: 8080 }] }], egress: [] } }),
    objectOf(resources.horizontalPodAutoscalers, 'a', {
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' }, minReplicas: 1, maxReplicas: 4, metrics: [{ type: 'External', external: { metric: { name: 'seconds', selector: { matchLabels: { p: 'a' } } }, target: { type: 'Value', value: '30000m' } } }] },
    }),
  ]
  expect((await run(desired)).every((line) => line.endsWith(' Applied'))).toBe(true)
  expect((await run(desired)).filter((line) => !line.endsWith(' Unchanged'))).toEqual([])
})

test('a field that somebody changed is put back', async () => {
  const desired = [configMap({ key: 'value' })]
  await run(desired)
  const live = await read(resources.configMaps)
  await kube.update(resources.configMaps, { ...live, data: { key: 'other' } })
  // An update makes the other writer the owner: that is told, not fought.
  expect(await run(desired)).toEqual(['ConfigMap a Conflict'])
  expect(await run(desired, { forced: [{ kind: 'ConfigMap', field: '.data.key' }] })).toEqual(['ConfigMap a Applied'])
  expect((await read(resources.configMaps)).data).toEqual({ key: 'value' })
})

test('a field that somebody removed is put back', async () => {
  const desired = [configMap({ key: 'value', more: '1' })]
  await run(desired)
  await kube.update(resources.configMaps, { ...(await read(resources.configMaps)), data: { more: '1' } })
  expect(await run(desired)).toEqual(['ConfigMap a Applied'])
  expect((await read(resources.configMaps)).data).toEqual({ key: 'value', more: '1' })
})

test('a field that we set once and want no more is removed, and what others added stays', async () => {
  await run([configMap({ key: 'value', old: '1' })])
  await kube.apply(resources.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace }, data: { theirs: '2' } }, { fieldManager: 'somebody' })
  expect(await run([configMap({ key: 'value' })])).toEqual(['ConfigMap a Applied'])
  const live = await read(resources.configMaps)
  expect(live.data).toEqual({ key: 'value', theirs: '2' })
  expect(live.metadata.annotations?.[appliedHashAnnotation]).toMatch(/^[0-9a-f]{16}$/)
  expect(await run([configMap({ key: 'value' })])).toEqual(['ConfigMap a Unchanged'])
})

test('a conflict is reported with who and what, and only a field on the list is taken by force', async () => {
  await run([deployment(undefined)])
  const theirs = deployment(3).object
  await kube.apply(resources.deployments, { apiVersion: theirs.apiVersion, kind: theirs.kind, metadata: { name: 'a', namespace }, spec: { replicas: 3 } }, { fieldManager: 'somebody', force: true })

  const desired = [deployment(0)]
  const [outcome] = await applyAll({ kube, fieldManager, desired, live: await liveOf(desired) })
  expect(outcome).toMatchObject({ result: 'Conflict', error: { code: 'KUBE_FIELD_CONFLICT', message: expect.stringMatching(/"somebody".*\.spec\.replicas/s) } })

  expect(await run(desired, { forced: [{ kind: 'Deployment', field: '.spec.paused' }] })).toEqual(['Deployment a Conflict'])
  expect(await run(desired, { forced: [{ kind: 'Deployment', field: '.spec.replicas' }] })).toEqual(['Deployment a Applied'])
  expect((await read(resources.deployments)).spec).toMatchObject({ replicas: 0 })
})

test('one conflict outside of the list is enough not to force', async () => {
  await run([deployment(undefined)])
  const change = async () => {
    const live = await read(resources.deployments)
    const spec = live.spec as { template: { spec: { containers: object[] } } }
    await kube.update(resources.deployments, { ...live, spec: { ...spec, replicas: 3, template: { ...spec.template, spec: { ...spec.template.spec, containers: [{ ...spec.template.spec.containers[0], image: 'theirs' }] } } } })
  }
  // The Deployment's own controller may write between our read and our update.
  const isChanged = () => change().then(() => true, (error: unknown) => (error instanceof WriteConflict ? false : Promise.reject(error as Error)))
  while (!(await isChanged()));
  const desired = [deployment(0)]
  const [outcome] = await applyAll({ kube, fieldManager, desired, live: await liveOf(desired), forced: [{ kind: 'Deployment', field: '.spec.replicas' }] })
  expect(outcome?.result).toBe('Conflict')
  expect(outcome?.error?.message).toMatch(/image/)
})

test('one object that fails keeps neither the others nor the removals from being tried', async () => {
  await run([configMap({}, 'old')])
  const desired = [configMap({ key: 'value' }), deployment(-1), configMap({ key: 'value' }, 'b')]
  const remove = [{ resource: resources.configMaps, name: { namespace, name: 'old' } }, { resource: resources.configMaps, name: { namespace, name: 'never' } }]
  const outcomes = await applyAll({ kube, fieldManager, desired, live: () => undefined, remove })
  expect(outcomes.map(({ name, result }) => `${name.name} ${result}`)).toEqual(['a Applied', 'a Failed', 'b Applied', 'old Removed', 'never Absent'])
  expect(outcomes[1]?.error).toMatchObject({ code: 'KUBE_OBJECT_INVALID', retry: 'never', message: expect.stringContaining('spec.replicas') })
})

test('a finalizer goes on and off without touching anybody else\'s', async () => {
  await run([configMap({ key: 'value' })])
  const options = async () => ({ kube, resource: resources.configMaps, object: await read(resources.configMaps), finalizer: 'tidewatch.dev/cleanup', fieldManager: 'controller-test-finalizer' })
  await kube.apply(resources.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace, finalizers: ['example.com/theirs'] } }, { fieldManager: 'somebody' })

  expect([await addFinalizer(await options()), await addFinalizer(await options())]).toEqual([true, false])
  expect((await read(resources.configMaps)).metadata.finalizers?.sort()).toEqual(['example.com/theirs', 'tidewatch.dev/cleanup'])
  expect(await run([configMap({ key: 'other' })])).toEqual(['ConfigMap a Applied'])
  expect((await read(resources.configMaps)).metadata.finalizers).toContain('tidewatch.dev/cleanup')

  expect([await removeFinalizer(await options()), await removeFinalizer(await options())]).toEqual([true, false])
  expect((await read(resources.configMaps)).metadata.finalizers).toEqual(['example.com/theirs'])
  await kube.apply(resources.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace } }, { fieldManager: 'somebody' })
})

test('a finalizer is put neither on what is being deleted nor on what is gone', async () => {
  await run([configMap({ key: 'value' })])
  const object = await read(resources.configMaps)
  const options = (of: KubeObject) => ({ kube, resource: resources.configMaps, object: of, finalizer: 'tidewatch.dev/cleanup', fieldManager: 'controller-test-finalizer' })
  expect(await addFinalizer(options({ ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }))).toBe(false)
  await kube.delete(resources.configMaps, { namespace, name: 'a' })
  await expect(addFinalizer(options(object))).rejects.toMatchObject({ code: expect.stringMatching(/^KUBE_/) })
  expect(await kube.read(resources.configMaps, { namespace, name: 'a' })).toBeUndefined()
})

test('a status is written once, and not again while it says the same', async () => {
  // A Service, because no controller here writes the status of one.
  await run([objectOf(resources.services, 'a', { spec: { ports: [{ name: 'metrics', port: 8080 }] } })])
  const status = { conditions: [{ type: 'Available', status: 'True', reason: 'Test', message: 'A test.', lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 }] }
  const live = { ...(await read(resources.services)), status: {} }
  expect(await writeStatus({ kube, resource: resources.services, live, status, fieldManager: 'controller-test-status' })).toBe(true)
  expect(await writeStatus({ kube, resource: resources.services, live: { ...live, status }, status: { ...status, unset: undefined }, fieldManager: 'controller-test-status' })).toBe(false)
  expect((await read(resources.services)).status).toMatchObject(status)
})
