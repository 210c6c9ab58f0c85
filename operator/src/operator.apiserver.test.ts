import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createLogger, createRegistry, systemClock } from '@tidewatch/kit'
import { createKube, loadKubeConfig, resources, type Kube, type KubeObject } from '@tidewatch/kube'
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest'
import { parse } from 'yaml'
import { pipelineDocument } from '@tidewatch/api/testing'
import { createOperator } from './operator.ts'
import { settings } from './pipeline/testing/an-observed.ts'
import { countWrites } from './testing/counting-kube.ts'
import { FakeKafkaCluster } from './testing/fake-kafka-cluster.ts'

/** The whole operator with its informers, its Lease and its events against a real API server; only Kafka is in memory. */
const kube = createKube({ kubeConfig: loadKubeConfig({ file: inject('kubeconfig') }) })
const manager = { fieldManager: 'test', force: true }
const log = createLogger({ name: 'test', level: 'silent' })
const namespace = `operator-${randomBytes(4).toString('hex')}`

beforeAll(async () => {
  for (const file of ['detectionpipelines', 'devicefleets']) {
    await kube.apply(resources.customResourceDefinitions, parse(readFileSync(new URL(`../../crds/${file}.yaml`, import.meta.url), 'utf8')) as KubeObject, manager)
  }
  for (const resource of [resources.detectionPipelines, resources.deviceFleets]) await vi.waitFor(() => kube.list(resource, { limit: 1 }), { timeout: 30_000, interval: 200 })
  await kube.apply(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, manager)
})

const running: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of running.splice(0)) await stop()
})
afterAll(async () => {
  await kube.delete(resources.namespaces, { name: namespace })
  await kube.close()
})

function start(identity: string, kafka: FakeKafkaCluster, through: Kube = kube): { stop: () => Promise<void> } {
  const operator = createOperator({
    kube: through,
    identity,
    election: { onLost: () => {} },
    createAdmin: kafka.createAdmin,
    settings: { ...settings, operatorNamespace: namespace },
    namespaces: [namespace],
    lagMetricsPort: 0,
    clock: systemClock,
    log,
    registry: createRegistry(),
  })
  const end = new AbortController()
  const run = operator.run(end.signal)
  run.catch(() => {})
  const stop = async () => {
    end.abort()
    await run
  }
  running.push(stop)
  return { stop }
}

const submit = (name: string) => kube.apply(resources.detectionPipelines, pipelineDocument((manifest) => (manifest.metadata = { name, namespace })) as unknown as KubeObject, manager)
const read = (name: string) => kube.read(resources.deployments, { namespace, name: `${name}-detector` })
const eventually = <Answer>(check: () => Promise<Answer>) => vi.waitFor(check, { timeout: 30_000, interval: 100 })
const conditionOf = async (name: string, type: string) =>
  ((await kube.read(resources.detectionPipelines, { namespace, name }))?.status as { conditions?: { type: string; status: string; reason: string }[] } | undefined)?.conditions?.find((one) => one.type === type)

test('applied, a pipeline gets its topics and its children; a child that is deleted comes back; deleted, it goes', async () => {
  const kafka = new FakeKafkaCluster()
  start('operator-0', kafka)
  await submit('hvac')
  await eventually(async () => expect(await read('hvac')).toBeDefined())
  expect([...kafka.topics.keys()].sort()).toEqual(['hvac-anomalies', 'hvac-dead-letters', `${namespace}.hvac-state`, 'readings'].sort())
  await eventually(async () => expect(await conditionOf('hvac', 'TopicsReady')).toMatchObject({ status: 'True', reason: 'Succeeded' }))
  const { uid } = (await read('hvac'))!.metadata
  await kube.delete(resources.deployments, { namespace, name: 'hvac-detector' })
  await eventually(async () => {
    const again = await read('hvac')
    expect(again?.metadata.uid ?? uid).not.toBe(uid)
  })
  await eventually(async () => {
    const { items } = await kube.list(resources.events, { namespace })
    expect(items.filter((event) => event.reason === 'TopicCreated')).toHaveLength(4)
  })
  await kube.delete(resources.detectionPipelines, { namespace, name: 'hvac' })
  await eventually(async () => expect([await kube.read(resources.detectionPipelines, { namespace, name: 'hvac' }), await read('hvac')]).toEqual([undefined, undefined]))
})

test('of two operators one leads, and the other goes on when it stops', async () => {
  const kafka = new FakeKafkaCluster()
  const first = start('operator-0', kafka)
  await submit('one')
  await eventually(async () => expect(await read('one')).toBeDefined())
  const holder = async () => ((await kube.read(resources.leases, { namespace, name: 'tidewatch-operator' }))?.spec as { holderIdentity?: string } | undefined)?.holderIdentity
  expect(await holder()).toContain('operator-0')
  start('operator-1', kafka)
  await first.stop()
  await submit('two')
  await eventually(async () => expect(await read('two')).toBeDefined())
  expect(await holder()).toContain('operator-1')
})

test('at rest nothing is written', async () => {
  const counting = countWrites(kube)
  start('operator-0', new FakeKafkaCluster(), counting)
  await submit('still')
  // Those of the tests before are taken over as well: their lag is read at the second look.
  const names = (await kube.list(resources.detectionPipelines, { namespace })).items.map(({ metadata }) => metadata.name)
  for (const name of names) await eventually(async () => expect(await conditionOf(name, 'PartitionsProgressing')).toMatchObject({ status: 'True' }))
  // The controllers of the cluster are at work for a moment, and the status follows them.
  let quietSince = counting.writes
  await vi.waitFor(async () => {
    const before = quietSince
    await systemClock.sleep(3_000)
    quietSince = counting.writes
    expect(quietSince).toBe(before)
  }, { timeout: 30_000 })
  await systemClock.sleep(20_000)
  expect(counting.written.slice(quietSince)).toEqual([])
})
