import type { KubeObject } from '@tidewatch/kube'
import { beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { uniqueName, useNamespace, usePlatform } from '../support/platform.ts'
import { aFleet, aPipeline, waitForCondition } from '../support/stories.ts'

const { cluster, kafka } = usePlatform()
const namespace = useNamespace('drift')
const where = { namespace, bootstrap: kafka.bootstrap, topic: uniqueName('drift'), name: 'plant' }

/** What a person would compare: everything but what the API server and controllers write by themselves. */
function withoutTraces({ metadata, ...rest }: KubeObject): unknown {
  const { status: _status, ...content } = rest as Record<string, unknown>
  const { clusterIP: _ip, clusterIPs: _ips, ...spec } = (content['spec'] ?? {}) as Record<string, unknown>
  return { ...content, ...(content['spec'] === undefined ? {} : { spec }), labels: metadata.labels, owners: metadata.ownerReferences }
}

/** The same object under another name, as `kubectl apply` takes it; a Deployment of no pods. */
function renameChild({ apiVersion, kind, metadata: { labels, ownerReferences }, ...rest }: KubeObject, name: string): object {
  const { status: _status, ...content } = rest as Record<string, unknown>
  const { clusterIP: _ip, clusterIPs: _ips, ...spec } = (content['spec'] ?? {}) as Record<string, unknown>
  return { apiVersion, kind, metadata: { name, namespace, labels, ownerReferences }, ...content, ...(content['spec'] === undefined ? {} : { spec: kind === 'Deployment' ? { ...spec, replicas: 0 } : spec }) }
}

beforeAll(async () => {
  await cluster.apply([aFleet(where), aPipeline(where)])
  await waitForCondition(cluster, 'detectionpipeline', where, { type: 'Ready', status: 'True' })
  await waitForCondition(cluster, 'devicefleet', where, { type: 'SimulatorsActive', status: 'True' })
})

const childKinds = ['configmap', 'serviceaccount', 'deployment', 'service', 'hpa', 'pdb', 'networkpolicy']

test.each(childKinds)(
  'a %s of the pipeline that somebody deletes is there again within 30 s, as it was',
  async (kind) => {
    const before = await cluster.read(kind, 'plant-detector', namespace)
    await cluster.run(['delete', kind, 'plant-detector', '-n', namespace, '--wait=false'])
    const after = await eventually(`the ${kind} is there again`, () => cluster.read(kind, 'plant-detector', namespace), (object) => object !== undefined && object.metadata.uid !== before?.metadata.uid, { timeoutMs: 30_000 })
    // The autoscaler's number is its own.
    const comparable = (object: KubeObject | undefined) => JSON.parse(JSON.stringify(withoutTraces(object!)).replace(/"replicas":\d+/g, '"replicas":1')) as unknown
    expect(comparable(after)).toEqual(comparable(before))
  },
)

test('a Job of the fleet that somebody deletes is there again within 30 s', async () => {
  const readJob = async () => (await cluster.list('jobs', namespace, 'tidewatch.dev/fleet=plant')).find(({ metadata }) => metadata.deletionTimestamp === undefined)
  const before = await eventually('there is a Job', readJob, (job) => job !== undefined)
  await cluster.run(['delete', 'job', before?.metadata.name ?? '', '-n', namespace, '--wait=false'])
  const after = await eventually('a Job is there again', readJob, (job) => job !== undefined && job.metadata.uid !== before?.metadata.uid, { timeoutMs: 30_000 })
  expect(after?.metadata.name).toBe(before?.metadata.name)
})

test('a field that somebody changes by hand is set back', async () => {
  await cluster.patch('configmap', 'plant-detector', namespace, { data: { 'config.json': '{}' } })
  await eventually('the configuration is ours again', () => cluster.read('configmap', 'plant-detector', namespace), (object) => (object?.data as Record<string, string> | undefined)?.['config.json'] !== '{}', { timeoutMs: 30_000 })
})

test('children under a name that an older release gave them are taken away', async () => {
  const children = await Promise.all(childKinds.map((kind) => cluster.read(kind, 'plant-detector', namespace)))
  await cluster.apply(children.map((child) => renameChild(child!, 'plant-of-old')))
  const readLeft = async () => (await Promise.all(childKinds.map((kind) => cluster.read(kind, 'plant-of-old', namespace)))).flatMap((child) => child?.kind ?? [])
  await eventually('they are gone', readLeft, ({ length }) => length === 0, { timeoutMs: 30_000 })
})

test('in the end the pipeline is ready as before', async () => {
  await waitForCondition(cluster, 'detectionpipeline', where, { type: 'Ready', status: 'True', reason: 'Running' })
})
