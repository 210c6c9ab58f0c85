import { readFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { createKube, loadKubeConfig, NotFound, resources, type KubeObject, type Resource } from '@tidewatch/kube'
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest'
import { parse } from 'yaml'
import { createWorld, type World } from '../testing/world.ts'

/** The same promises as in reconcile.test.ts, held against a real API server with the real definitions. */
const kubeConfig = loadKubeConfig({ file: inject('kubeconfig') })
const kube = createKube({ kubeConfig })
const manager = { fieldManager: 'test', force: true }

let namespace = ''
let world: World

beforeAll(async () => {
  for (const file of ['detectionpipelines', 'devicefleets']) {
    const definition = parse(readFileSync(new URL(`../../../crds/${file}.yaml`, import.meta.url), 'utf8')) as KubeObject
    await kube.apply(resources.customResourceDefinitions, definition, manager)
  }
  for (const resource of [resources.detectionPipelines, resources.deviceFleets]) await vi.waitFor(async () => expect(await canList(resource)).toBe(true), { timeout: 30_000 })
  namespace = `pipelines-${randomBytes(4).toString('hex')}`
  await kube.apply(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } }, manager)
})
beforeEach(() => {
  world = createWorld({ kube, namespace })
})
afterAll(async () => {
  await kube.delete(resources.namespaces, { name: namespace })
  await kube.close()
})

async function canList(resource: Resource): Promise<boolean> {
  try {
    await kube.list(resource, { limit: 1 })
    return true
  } catch (error) {
    if (error instanceof NotFound) return false
    throw error
  }
}

const uniqueName = (prefix: string) => `${prefix}-${randomBytes(3).toString('hex')}`
const childOf = (name: string) => ({ namespace, name: `${name}-detector` })
const children = [resources.configMaps, resources.serviceAccounts, resources.services, resources.deployments, resources.horizontalPodAutoscalers, resources.podDisruptionBudgets, resources.networkPolicies]

/** The resource versions of the pipeline and of its children: equal means that nothing was stored. */
async function versionsOf(name: string): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = { pipeline: (await world.readPipeline(name))?.metadata.resourceVersion }
  for (const resource of children) found[resource.kind] = (await kube.read(resource, childOf(name)))?.metadata.resourceVersion
  return found
}

test('a pipeline comes to rest with all its children, and then no request writes anything', async () => {
  const name = uniqueName('rest')
  await world.submit(name)
  await world.settle(name)
  const before = await versionsOf(name)
  expect(Object.entries(before).filter(([, version]) => version === undefined)).toEqual([])
  const writes = world.kube.writes
  for (let i = 0; i < 3; i++) await world.reconcile(name)
  expect([world.kube.writes, await versionsOf(name)]).toEqual([writes, before])
})

test('the status is what the definition says, and the columns show it', async () => {
  const name = uniqueName('status')
  world.lag = { kind: 'Known', total: 42, drainSeconds: 3.2, worstPartition: 1, stuckPartitions: [] }
  world.telemetry = { readingsPerSecond: 12.34, anomalies: { lastHour: 1, total: 2 }, watermarkMs: Date.UTC(2026, 0, 2), model: { devices: 3, warming: 1, bytes: 99 }, accuracy: { precision: 0.5, recall: 1, byFault: { spike: { precision: undefined, recall: 1 } } } }
  await world.submit(name)
  await world.settle(name)
  expect((await world.readPipeline(name))?.status).toMatchObject({ phase: 'Pending', observedGeneration: 1, detector: 'microClusters', lag: { total: 42, drainTime: '4s', worstPartition: 1 }, readingsPerSecond: 12, accuracy: { byFault: { spike: { recall: 1 } } } })
})

test.each(children.map((resource) => [resource.kind, resource] as const))('a %s that somebody deletes comes back', async (_, resource) => {
  const name = uniqueName('drift')
  await world.submit(name)
  await world.settle(name)
  const { uid } = (await kube.read(resource, childOf(name)))!.metadata
  await kube.delete(resource, childOf(name))
  await expect.poll(async () => {
    await world.reconcile(name)
    return (await kube.read(resource, childOf(name)))?.metadata.uid ?? uid
  }, { timeout: 10_000 }).not.toBe(uid)
})

test('broken off at any write, it ends in the same state', async () => {
  const name = uniqueName('broken')
  await world.submit(name)
  await world.settle(name)
  const writes = world.kube.writes
  const without = (described: Record<string, unknown>, of: string) => JSON.parse(JSON.stringify(Object.entries(described).filter(([key]) => key.includes(of) && !key.startsWith('Pod '))).replaceAll(of, 'NAME')) as unknown
  const expected = stripped(without(await world.describe(), name))
  for (let k = 1; k <= writes; k++) {
    const other = createWorld({ kube, namespace })
    const again = uniqueName('broken')
    other.kube.failAtWrite = k
    await other.submit(again)
    for (let i = 0; i < 4; i++) await other.reconcile(again).catch(() => {})
    await other.settle(again)
    expect(stripped(without(await other.describe(), again)), `broken off at write ${k}`).toEqual(expected)
  }
})

/** Addresses, hashes and what other controllers say differ from one pipeline to the next. */
const stripped = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, member: unknown) => (['clusterIP', 'clusterIPs', 'tidewatch.dev/config-hash', 'deployment.kubernetes.io/revision', 'uid', 'data', 'conditions'].includes(key) ? undefined : member)),
  )

test('the autoscaler\'s number of detectors is never touched, and paused and resumed it begins at the least', async () => {
  const name = uniqueName('replicas')
  await world.submit(name)
  await world.settle(name)
  const scale = (replicas: number) => kube.apply(resources.deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: childOf(name), spec: { replicas } }, { fieldManager: 'autoscaler', force: true })
  const replicas = async () => ((await kube.read(resources.deployments, childOf(name)))?.spec as { replicas?: number } | undefined)?.replicas
  await scale(5)
  await world.settle(name)
  expect(await replicas()).toBe(5)
  await world.submit(name, (manifest) => (manifest.spec.paused = true))
  await world.settle(name)
  expect([await replicas(), await kube.read(resources.horizontalPodAutoscalers, childOf(name))]).toEqual([0, undefined])
  await world.submit(name, (manifest) => (manifest.spec.scaling = { minReplicas: 2 }))
  await world.settle(name)
  expect(await replicas()).toBe(2)
  await world.submit(name, (manifest) => (manifest.spec.scaling = { minReplicas: 3, maxReplicas: 3 }))
  await world.settle(name)
  expect([await replicas(), await kube.read(resources.horizontalPodAutoscalers, childOf(name))]).toEqual([3, undefined])
  await world.submit(name)
  await world.settle(name)
  expect(await replicas()).toBe(3)
})

test('a field that somebody else owns is a condition, and is left to them', async () => {
  const name = uniqueName('conflict')
  await world.submit(name)
  await world.settle(name)
  await kube.apply(resources.deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: childOf(name), spec: { minReadySeconds: 77 } }, { fieldManager: 'kubectl-edit', force: true })
  await world.settle(name, 3).catch(() => {})
  expect(await world.conditionOf(name, 'Ready')).toMatch(new RegExp(`^False FieldConflict: Somebody else sets fields of Deployment ${namespace}/${name}-detector .*kubectl-edit`))
  expect((await kube.read(resources.deployments, childOf(name)))?.spec).toMatchObject({ minReadySeconds: 77 })
})

test('a full quota is a condition, and all goes on by itself once it is raised', async () => {
  const name = uniqueName('quota')
  const quota = { group: '', version: 'v1', kind: 'ResourceQuota', plural: 'resourcequotas', namespaced: true } as const
  const used = (await kube.list(resources.configMaps, { namespace })).items.length
  const limit = (count: number) => kube.apply(quota, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'small', namespace }, spec: { hard: { configmaps: String(count) } } }, manager)
  await limit(used)
  await expect.poll(async () => ((await kube.read(quota, { namespace, name: 'small' }))?.status as { used?: { configmaps?: string } } | undefined)?.used?.configmaps, { timeout: 20_000 }).toBe(String(used))
  await world.submit(name)
  for (let i = 0; i < 4; i++) await world.reconcile(name)
  expect(await world.conditionOf(name, 'Ready')).toMatch(/^False QuotaExceeded: A quota of the namespace leaves no room for ConfigMap/)
  await kube.delete(quota, { namespace, name: 'small' })
  await expect.poll(async () => {
    await world.reconcile(name)
    return (await kube.read(resources.configMaps, childOf(name)))?.metadata.name
  }, { timeout: 20_000 }).toBe(`${name}-detector`)
})

test('deleted, a pipeline takes its children and its group along', async () => {
  const name = uniqueName('gone')
  await world.submit(name)
  await world.settle(name)
  world.kafka.committed.set(`tidewatch.${namespace}.${name} readings`, new Map())
  await kube.delete(resources.detectionPipelines, { namespace, name })
  await expect.poll(async () => {
    await world.reconcile(name)
    return world.readPipeline(name)
  }, { timeout: 20_000 }).toBeUndefined()
  expect(world.kafka.committed.size).toBe(0)
  await expect.poll(() => versionsOf(name), { timeout: 30_000 }).toEqual({ pipeline: undefined, ...Object.fromEntries(children.map(({ kind }) => [kind, undefined])) })
})

