import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DetectionPipelineInput } from '@tidewatch/api'
import { pipelineDocument } from '@tidewatch/api/testing'
import { createLogger, createRegistry, systemClock, type Clock } from '@tidewatch/kit'
import { apiVersionOf, atVersion, resources, type KubeObject, type Resource } from '@tidewatch/kube'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { createOperator } from '../../operator/src/operator.ts'
import { settings } from '../../operator/src/pipeline/testing/an-observed.ts'
import { FakeKafkaCluster } from '../../operator/src/testing/fake-kafka-cluster.ts'
import { installDefinitions, removeDefinitions } from './definitions.ts'
import { ensureKedaCrds, ensurePodMonitorCrd, ensureStrimziCrds, type StrimziVersions } from './foreign-crds.ts'
import { startOwnControlPlane } from './own-control-plane.ts'
import { applyStrimziKafka, aStrimziKafka, startStrimziStandIn, type KafkaLogin, type StrimziKafkaOptions } from './strimzi-stand-in.ts'

/**
 * The whole operator beside the real definitions of Strimzi, KEDA and the Prometheus operator, on an API server of its own.
 * Kafka is in memory, and Strimzi's two operators for topics and users are stood in for.
 */
let server: Awaited<ReturnType<typeof startOwnControlPlane>>
const log = createLogger({ name: 'test', level: 'silent' })
const manager = { fieldManager: 'test', force: true }

beforeAll(async () => {
  server = await startOwnControlPlane()
  const ours = ['detectionpipelines', 'devicefleets'].map((file) => parse(readFileSync(new URL(`../../crds/${file}.yaml`, import.meta.url), 'utf8')) as KubeObject)
  await installDefinitions(server.kube, ours)
})
afterAll(() => server.stop())

const running: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop()
})

/** What comes and goes in the cluster is looked for once a second, and not once a minute. */
const discoverSoon: Clock = { now: () => systemClock.now(), sleep: (ms, signal) => systemClock.sleep(ms === 60_000 ? 1_000 : ms, signal) }

// The cluster's garbage collector takes up kinds that came or went once in half a minute.
vi.setConfig({ testTimeout: 240_000 })
const eventually = <Answer>(check: () => Promise<Answer>) => vi.waitFor(check, { timeout: 100_000, interval: 200 })

/** A namespace with an operator for it, and a Kafka in memory. */
async function openPlant() {
  const { kube } = server
  const namespace = `plant-${randomBytes(4).toString('hex')}`
  await kube.apply(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, manager)
  const kafka = new FakeKafkaCluster()
  const operator = createOperator({
    kube,
    identity: 'operator-0',
    election: undefined,
    createAdmin: kafka.createAdmin,
    settings,
    namespaces: [namespace],
    lagMetricsPort: 0,
    clock: discoverSoon,
    log,
    registry: createRegistry(),
  })
  const end = new AbortController()
  const run = operator.run(end.signal)
  running.push(async () => {
    end.abort()
    await run
  })
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-strimzi-'))
  running.push(() => rmSync(folder, { recursive: true, force: true }))
  const passwordFile = join(folder, 'password')
  const logins: KafkaLogin[] = []

  const plant = {
    namespace,
    kafka,
    logins,
    applyKafka: (more: Partial<StrimziKafkaOptions> & Pick<StrimziKafkaOptions, 'version'>) =>
      applyStrimziKafka(kube, aStrimziKafka({ name: 'main', namespace, listeners: [{ name: 'plain', port: 9092, bootstrapServers: 'main-kafka-bootstrap:9092' }], ...more })),
    startStrimzi(version: string): { stop: () => Promise<void> } {
      const admin = kafka.createAdmin({ connection: { brokers: ['main-kafka-bootstrap:9091'], clientId: 'strimzi', ...(kafka.password === undefined ? {} : { sasl: { mechanism: 'scram-sha-512', username: 'strimzi', passwordFile } }) } })
      const standIn = startStrimziStandIn({ kube, admin, namespace, cluster: 'main', version, setUser: async (login) => void logins.push(login), log })
      running.push(async () => {
        await standIn.stop()
        await admin.close()
      })
      return standIn
    },
    /** From now on Kafka lets in nobody but who has this password. */
    requirePassword(password: string): void {
      writeFileSync(passwordFile, password)
      kafka.password = password
    },
    submit: (change?: (spec: DetectionPipelineInput['spec']) => void) =>
      kube.apply(
        resources.detectionPipelines,
        pipelineDocument((manifest) => {
          manifest.metadata = { name: 'hvac', namespace }
          manifest.spec.kafka = { clusterRef: { name: 'main' } }
          change?.(manifest.spec)
        }) as unknown as KubeObject,
        manager,
      ),
    read: (resource: Resource, name: string) => kube.read(resource, { namespace, name }),
    list: async (resource: Resource) => (await kube.list(resource, { namespace })).items,
    /** `True Succeeded: ...` */
    async conditionOf(type: string): Promise<string | undefined> {
      const status = (await plant.read(resources.detectionPipelines, 'hvac'))?.status as { conditions?: { type: string; status: string; reason: string; message: string }[] } | undefined
      const condition = status?.conditions?.find((one) => one.type === type)
      return condition === undefined ? undefined : `${condition.status} ${condition.reason}: ${condition.message}`
    },
    untilCondition: (type: string, expected: string | RegExp) => eventually(async () => expect(await plant.conditionOf(type)).toMatch(expected)),
    remove: () => kube.delete(resources.detectionPipelines, { namespace, name: 'hvac' }),
    untilRemoved: () => eventually(async () => expect(await plant.read(resources.detectionPipelines, 'hvac')).toBeUndefined()),
  }
  return plant
}

/** Where checkpoints go: it ends with the pipeline. */
const stateTopicIn = (namespace: string) => `${namespace}.hvac-state`
const topicNamesIn = (namespace: string) => ['hvac-anomalies', 'hvac-dead-letters', stateTopicIn(namespace), 'readings'].sort()
const allThere = `True Succeeded: All ${topicNamesIn('any').length} topics are there`
const scram = { name: 'scram', port: 9094, authentication: 'scram-sha-512', bootstrapServers: 'main-kafka-scram-bootstrap:9094' } as const

describe.each<[StrimziVersions, string]>([
  ['v1beta2', 'v1beta2'],
  ['v1+v1beta2', 'v1'],
  ['v1', 'v1'],
])('where Strimzi serves %s', (versions, best) => {
  let definitions: KubeObject[] = []
  beforeAll(async () => {
    definitions = await ensureStrimziCrds(versions)
    await installDefinitions(server.kube, definitions)
  })
  // What Strimzi is to finalize would hold the definitions.
  afterAll(async () => {
    await releaseTopics(best)
    await removeDefinitions(server.kube, definitions)
  })
  const kafkaTopics = atVersion(resources.kafkaTopics, best)
  const kafkaUsers = atVersion(resources.kafkaUsers, best)

  test('topics are made and raised by KafkaTopics of the best version, and a pipeline that is deleted leaves them', async () => {
    const plant = await openPlant()
    await plant.submit()
    await plant.untilCondition('Ready', /^False KafkaClusterMissing: There is no Kafka resource main in this namespace/)
    await plant.applyKafka({ version: best })
    await plant.untilCondition('TopicsReady', /^False Pending: Topic readings is waiting for Strimzi's Topic Operator/)
    const strimzi = plant.startStrimzi(best)
    await plant.untilCondition('TopicsReady', allThere)
    await plant.untilCondition('UsersReady', 'True NotNeeded: Kafka asks for no login')
    expect([...plant.kafka.topics.keys()].sort()).toEqual(topicNamesIn(plant.namespace))
    const made = await plant.list(kafkaTopics)
    expect(made.map(({ metadata }) => metadata.name).sort()).toEqual(topicNamesIn(plant.namespace))
    // Which version was written, and not only what the server turns it into.
    const managers = made.flatMap(({ metadata }) => metadata.managedFields as { manager: string; apiVersion: string }[]).filter((one) => one.manager === 'tidewatch-operator')
    expect(new Set(managers.map(({ apiVersion }) => apiVersion))).toEqual(new Set([apiVersionOf(kafkaTopics)]))
    await eventually(async () => expect(await plant.read(resources.deployments, 'hvac-detector')).toBeDefined())

    await plant.submit((spec) => (spec.source.topic.partitions = 12))
    await eventually(async () => expect(plant.kafka.topics.get('readings')?.partitions).toBe(12))
    await plant.untilCondition('TopicsReady', allThere)
    await expect(plant.submit((spec) => (spec.source.topic.partitions = 6))).rejects.toThrow('partitions cannot become fewer, because Kafka removes none: write at least as many as before')

    await strimzi.stop()
    await plant.remove()
    await plant.untilRemoved()
    // Checkpoints are of use to this pipeline alone; all else holds data.
    await eventually(async () => {
      const left = await plant.list(kafkaTopics)
      const going = left.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).map(({ metadata }) => metadata.name)
      expect({ left: left.map(({ metadata }) => metadata.name).sort(), going }).toEqual({ left: topicNamesIn(plant.namespace), going: [stateTopicIn(plant.namespace)] })
    })
    expect([...plant.kafka.topics.keys()].sort()).toEqual(topicNamesIn(plant.namespace))
  })

  test('where Kafka asks for a login, a KafkaUser with rules is made, and detectors get its Secret', async () => {
    const plant = await openPlant()
    await plant.applyKafka({ version: best, listeners: [scram], authorization: 'simple' })
    await plant.submit()
    await plant.untilCondition('UsersReady', /^False Pending: User hvac-detector is waiting for Strimzi's User Operator/)
    plant.startStrimzi(best)
    await plant.untilCondition('UsersReady', 'True Succeeded: The Kafka user and its Secret are there')
    await plant.untilCondition('TopicsReady', allThere)

    const user = (await plant.read(kafkaUsers, 'hvac-detector'))!
    const uid = (await plant.read(resources.detectionPipelines, 'hvac'))!.metadata.uid
    expect(user.spec).toEqual({ authentication: { type: 'scram-sha-512' }, authorization: { type: 'simple', acls: expectedRules(plant.namespace, uid ?? '') } })
    const secret = (await plant.read(resources.secrets, 'hvac-detector'))!
    const password = Buffer.from((secret.data as { password: string }).password, 'base64').toString()
    expect(plant.logins.at(-1)).toMatchObject({ username: 'hvac-detector', password })
    const deployment = await eventually(async () => {
      const found = await plant.read(resources.deployments, 'hvac-detector')
      expect(found).toBeDefined()
      return found!
    })
    const pod = (deployment.spec as { template: { spec: { volumes: object[]; containers: { env: { name: string; value?: string }[] }[] } } }).template.spec
    expect(JSON.stringify(pod.volumes)).toContain('"secretName":"hvac-detector"')
    expect(pod.containers[0]?.env).toEqual(
      expect.arrayContaining([
        { name: 'TIDEWATCH_KAFKA_BROKERS', value: scram.bootstrapServers },
        { name: 'TIDEWATCH_KAFKA_SASL_MECHANISM', value: 'SCRAM-SHA-512' },
        { name: 'TIDEWATCH_KAFKA_USERNAME', value: 'hvac-detector' },
      ]),
    )

    // Kafka checks from here on, so the operator ends the group by the password that Strimzi made.
    plant.requirePassword(password)
    plant.kafka.committed.set(`tidewatch.${plant.namespace}.hvac readings`, new Map())
    await plant.remove()
    await plant.untilRemoved()
    expect(plant.kafka.committed.size).toBe(0)
    await eventually(async () => expect([await plant.read(kafkaUsers, 'hvac-detector'), await plant.read(resources.secrets, 'hvac-detector')]).toEqual([undefined, undefined]))
  })

  test('a topic that Strimzi refuses is told in its words, and a KafkaTopic to be deleted holds no pipeline while Strimzi is gone', async () => {
    const plant = await openPlant()
    await plant.applyKafka({ version: best })
    const strimzi = plant.startStrimzi(best)
    await plant.submit((spec) => (spec.source.topic = { name: 'readings', deletionPolicy: 'Delete', config: { 'retention.ms': 'a week' } }))
    await plant.untilCondition('TopicsReady', /^False TopicNotReady: Strimzi's Topic Operator refuses topic readings: Invalid value a week for configuration retention\.ms/)
    await plant.submit((spec) => (spec.source.topic = { name: 'readings', deletionPolicy: 'Delete', config: { 'retention.ms': '604800000' } }))
    await plant.untilCondition('TopicsReady', allThere)
    expect(plant.kafka.topics.get('readings')?.config).toEqual({ 'retention.ms': '604800000' })

    await strimzi.stop()
    await plant.remove()
    await plant.untilRemoved()
    await eventually(async () => expect((await plant.read(kafkaTopics, 'readings'))?.metadata.deletionTimestamp).toBeDefined())
    plant.startStrimzi(best)
    await eventually(async () => expect(await plant.read(kafkaTopics, 'readings')).toBeUndefined())
    expect([...plant.kafka.topics.keys()].sort()).toEqual(topicNamesIn(plant.namespace).filter((name) => name !== 'readings' && name !== stateTopicIn(plant.namespace)))
  })
})

test('a pipeline lives through the upgrade from a Strimzi of v1beta2 to one of both versions, and the operator goes over to v1', async () => {
  const plant = await openPlant()
  await plant.submit()
  await plant.untilCondition('Ready', /^False StrimziMissing: spec\.kafka\.clusterRef names the Strimzi cluster main/)
  await installDefinitions(server.kube, await ensureStrimziCrds('v1beta2'))
  await plant.applyKafka({ version: 'v1beta2' })
  const old = plant.startStrimzi('v1beta2')
  await plant.untilCondition('TopicsReady', allThere)
  await old.stop()
  const both = await ensureStrimziCrds('v1+v1beta2')
  await installDefinitions(server.kube, both)
  plant.startStrimzi('v1')
  // What changes shows by which version the operator writes now.
  let partitions = 8
  await eventually(async () => {
    await plant.submit((spec) => (spec.source.topic.partitions = ++partitions))
    await plant.untilCondition('TopicsReady', allThere)
    const written = (await plant.read(atVersion(resources.kafkaTopics, 'v1'), 'readings'))?.metadata.managedFields as { manager: string; apiVersion: string }[]
    expect(written.filter((one) => one.manager === 'tidewatch-operator').map(({ apiVersion }) => apiVersion)).toEqual(['kafka.strimzi.io/v1'])
  })
  await eventually(async () => expect(plant.kafka.topics.get('readings')?.partitions).toBe(partitions))
  await plant.remove()
  await plant.untilRemoved()
  await releaseTopics('v1')
  await removeDefinitions(server.kube, both)
})

test('KEDA scales where it is installed and the autoscaler where it is not; a PodMonitor is there where its kind is', async () => {
  const plant = await openPlant()
  const here = async () => {
    const found = await Promise.all([resources.horizontalPodAutoscalers, resources.scaledObjects, resources.podMonitors].map(async (resource) => ((await plant.read(resource, 'hvac-detector').catch(() => undefined)) === undefined ? [] : [resource.kind])))
    return found.flat()
  }
  await plant.submit((spec) => (spec.kafka = { bootstrapServers: 'kafka:9092' }))
  await eventually(async () => expect(await here()).toEqual(['HorizontalPodAutoscaler']))
  const definitions = [...(await ensureKedaCrds()), await ensurePodMonitorCrd()]
  await installDefinitions(server.kube, definitions)
  await eventually(async () => expect(await here()).toEqual(['ScaledObject', 'PodMonitor']))
  await removeDefinitions(server.kube, definitions)
  await eventually(async () => expect(await here()).toEqual(['HorizontalPodAutoscaler']))
  await plant.untilCondition('TopicsReady', allThere)
})

test('a group of which only other kinds are installed counts as not installed, and holds nobody up', async () => {
  const others = [aDefinition('kafka.strimzi.io', 'v1', 'KafkaConnect'), aDefinition('keda.sh', 'v1alpha1', 'ScaledJob'), aDefinition('monitoring.coreos.com', 'v1', 'ServiceMonitor')]
  await installDefinitions(server.kube, others)
  const plant = await openPlant()
  await plant.submit((spec) => (spec.kafka = { bootstrapServers: 'kafka:9092' }))
  await plant.untilCondition('TopicsReady', allThere)
  await eventually(async () => expect(await plant.read(resources.horizontalPodAutoscalers, 'hvac-detector')).toBeDefined())
  await removeDefinitions(server.kube, others)
})

function aDefinition(group: string, version: string, kind: string): KubeObject {
  const singular = kind.toLowerCase()
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  const spec = { group, scope: 'Namespaced', names: { kind, listKind: `${kind}List`, singular, plural: `${singular}s` }, versions: [{ name: version, served: true, storage: true, schema }] }
  return { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${singular}s.${group}` }, spec }
}

/** Takes Strimzi's finalizer from what the tests leave, so that nothing holds the definitions. */
async function releaseTopics(version: string): Promise<void> {
  const resource = atVersion(resources.kafkaTopics, version)
  for (const topic of (await server.kube.list(resource)).items) {
    const { finalizers: _, ...metadata } = topic.metadata
    await server.kube.update(resource, { ...topic, metadata })
  }
}

function expectedRules(namespace: string, uid: string): object[] {
  const allow = { host: '*', type: 'allow' }
  const topic = (name: string, operations: string[]) => ({ resource: { type: 'topic', name, patternType: 'literal' }, operations, ...allow })
  return [
    topic('readings', ['Read', 'Describe']),
    topic('hvac-anomalies', ['Write', 'Describe']),
    topic('hvac-dead-letters', ['Write', 'Describe']),
    topic(stateTopicIn(namespace), ['Read', 'Write', 'Describe']),
    { resource: { type: 'group', name: `tidewatch.${namespace}.hvac`, patternType: 'literal' }, operations: ['Read', 'Describe', 'Delete'], ...allow },
    { resource: { type: 'transactionalId', name: `${uid}-`, patternType: 'prefix' }, operations: ['Write', 'Describe'], ...allow },
    { resource: { type: 'cluster' }, operations: ['IdempotentWrite'], ...allow },
  ]
}
