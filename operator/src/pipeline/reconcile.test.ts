import { readdirSync, readFileSync } from 'node:fs'
import type { DetectionPipelineInput } from '@tidewatch/api'
import { FakeClock } from '@tidewatch/kit'
import { atVersion, resources, type KubeObject, type Resource } from '@tidewatch/kube'
import { FakeKube } from '@tidewatch/kube/testing'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { createWorld, type World } from '../testing/world.ts'

function openWorld(): World<FakeKube> {
  const clock = new FakeClock(Date.UTC(2026, 0, 2, 12))
  return createWorld({ kube: new FakeKube({ clock }), clock })
}

const child = { namespace: 'plant', name: 'hvac-detector' }
type Change = (manifest: DetectionPipelineInput) => void

async function openSettled(change?: Change): Promise<World<FakeKube>> {
  const world = openWorld()
  await world.submit('hvac', change)
  await world.settle('hvac')
  return world
}

test('a pipeline comes to rest with its topics and all its children, and then nothing is written', async () => {
  const world = await openSettled()
  expect(Object.keys(await world.describe()).sort()).toEqual([
    'ConfigMap hvac-detector',
    'Deployment hvac-detector',
    'DetectionPipeline hvac',
    'HorizontalPodAutoscaler hvac-detector',
    'NetworkPolicy hvac-detector',
    'PodDisruptionBudget hvac-detector',
    'Service hvac-detector',
    'ServiceAccount hvac-detector',
    'topic hvac-anomalies',
    'topic hvac-dead-letters',
    'topic plant.hvac-state',
    'topic readings',
  ])
  const before = [world.kube.writes, world.kafka.writes]
  for (let i = 0; i < 5; i++) await world.reconcile('hvac')
  expect([world.kube.writes, world.kafka.writes]).toEqual(before)
})

const children = [resources.configMaps, resources.serviceAccounts, resources.services, resources.deployments, resources.horizontalPodAutoscalers, resources.podDisruptionBudgets, resources.networkPolicies].map((resource) => [resource.kind, resource] as const)

test.each(children)('a %s that somebody deletes comes back', async (_, resource) => {
  const world = await openSettled()
  const before = await world.describe()
  await world.server.delete(resource, child)
  await world.settle('hvac')
  expect(await world.describe()).toEqual(before)
})

test.each(children)('a %s that somebody strips of its labels is as it was', async (_, resource) => {
  const world = await openSettled()
  const before = await world.describe()
  const { metadata: { labels: _labels, ...metadata }, ...rest } = (await world.server.read(resource, child))!
  await world.server.update(resource, { ...rest, metadata })
  expect(await world.describe()).not.toEqual(before)
  await world.settle('hvac')
  expect(await world.describe()).toEqual(before)
})

test('the configuration is ours alone; any other field that somebody takes over is told and left to them', async () => {
  const world = await openSettled()
  const before = await world.describe()
  await world.server.apply(resources.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: child, data: { 'config.json': '{}' } }, { fieldManager: 'kubectl', force: true })
  await world.settle('hvac')
  expect(await world.describe()).toEqual(before)
  await world.server.apply(resources.podDisruptionBudgets, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: child, spec: { maxUnavailable: 9 } }, { fieldManager: 'kubectl', force: true })
  await world.reconcile('hvac')
  expect(await world.conditionOf('hvac', 'Stalled')).toMatch(/^True FieldConflict: Somebody else sets fields of PodDisruptionBudget plant\/hvac-detector that the operator has to set: .*kubectl/)
  expect((await world.server.read(resources.podDisruptionBudgets, child))?.spec).toMatchObject({ maxUnavailable: 9 })
})

test('broken off at any write, it ends in the same state', async () => {
  const undisturbed = await openSettled()
  const expected = await undisturbed.describe()
  for (let k = 1; k <= undisturbed.kube.writes; k++) {
    const world = openWorld()
    world.kube.failAtWrite = k
    await world.submit('hvac')
    for (let i = 0; i < 6; i++) await world.reconcile('hvac').catch(() => {})
    world.clock.advance(31_000)
    await world.settle('hvac')
    expect(await world.describe(), `broken off at write ${k}`).toEqual(expected)
  }
})

const samplesFolder = new URL('../../../config/samples/valid/', import.meta.url)
const samples = readdirSync(samplesFolder)
  .flatMap((file) => readFileSync(new URL(file, samplesFolder), 'utf8').split(/^---$/m))
  .map((text) => parse(text) as DetectionPipelineInput)
  .filter((document) => document?.kind === 'DetectionPipeline')

test('there are samples', () => {
  expect(samples.length).toBeGreaterThan(2)
})

test.each(samples.map((sample) => [sample.metadata.name, sample] as const))('a pipeline that was like any other sample and becomes %s is as if it had always been', async (_, to) => {
  // The input topic stays as it was made: how many partitions it has is tested apart.
  const as = (sample: DetectionPipelineInput): Change => (manifest) => (manifest.spec = { ...sample.spec, delivery: 'AtLeastOnce', kafka: { bootstrapServers: 'kafka:9092' }, source: { ...sample.spec.source, topic: { name: 'readings', partitions: 8 } } })
  const without = (described: Record<string, unknown>) => Object.fromEntries(Object.entries(described).filter(([name]) => !name.startsWith('topic ') && !name.startsWith('DetectionPipeline')))
  const expected = without(await (await openSettled(as(to))).describe())
  expect(Object.keys(expected)).toContain('Deployment hvac-detector')
  for (const from of samples) {
    const world = await openSettled(as(from))
    const object = (await world.readPipeline('hvac'))!
    const { spec } = (await openSettled(as(to)).then((other) => other.readPipeline('hvac')))!
    await world.server.update(resources.detectionPipelines, { ...object, spec, metadata: { ...object.metadata } })
    await world.settle('hvac')
    expect(without(await world.describe()), `from ${from.metadata.name}`).toEqual(expected)
  }
})

const withPassword: Change = (manifest) => (manifest.spec.kafka = { bootstrapServers: 'kafka:9092', authentication: { scramSha512: { username: 'u', passwordSecret: { name: 'login', key: 'password' } } } })
const aSecret = (data: Record<string, string>): KubeObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login', namespace: 'plant' }, data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])) })
const putSecret = (world: World, data: Record<string, string>) => world.server.apply(resources.secrets, aSecret(data), { fieldManager: 'kubectl' })

test('a Secret that is missing, lacks its key or holds a wrong password is told, and all goes on by itself once it is mended', async () => {
  const world = openWorld()
  world.kafka.password = 'right'
  await world.submit('hvac', withPassword)
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'Ready')).toBe('False SecretMissing: There is no Secret login in namespace plant: create it, or correct its name in spec.kafka')
  await putSecret(world, { user: 'x' })
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'Ready')).toBe('False SecretKeyMissing: Secret login has no key password (it has user): add it, or correct the key in spec.kafka')
  await putSecret(world, { password: 'wrong' })
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'Ready')).toBe('False AccessDenied: Kafka at kafka:9092 refuses us: check the credentials in spec.kafka.authentication and the rights of that user (Authentication failed)')
  expect(await world.server.read(resources.deployments, child)).toBeUndefined()
  await putSecret(world, { password: 'right' })
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'TopicsReady')).toBe('True Succeeded: All 4 topics are there')
  expect(await world.server.read(resources.deployments, child)).toBeDefined()
  expect(world.events.filter(({ type }) => type === 'Warning').map(({ reason }) => reason)).toEqual(['SecretMissing', 'SecretKeyMissing', 'AccessDenied'])
  await world.close()
  expect(world.kafka.open).toBe(0)
})

test('a pipeline that names the state topic of an older one is not built until that one is gone', async () => {
  const world = await openSettled()
  await world.submit('late', ({ spec }) => (spec.checkpoint = { topic: 'plant.hvac-state' }))
  await world.settle('late')
  expect(await world.conditionOf('late', 'Ready')).toBe(
    "False StateTopicTaken: The DetectionPipeline plant/hvac keeps its checkpoints in topic plant.hvac-state, and two would destroy each other's: name another one in spec.checkpoint.topic, or leave it out",
  )
  expect(await world.server.read(resources.deployments, { namespace: 'plant', name: 'late-detector' })).toBeUndefined()
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'Ready')).not.toContain('StateTopicTaken')
  await world.server.delete(resources.detectionPipelines, { namespace: 'plant', name: 'hvac' })
  await world.settle('hvac')
  await world.settle('late')
  expect(await world.conditionOf('late', 'TopicsReady')).toBe('True Succeeded: All 4 topics are there')
  expect(await world.server.read(resources.deployments, { namespace: 'plant', name: 'late-detector' })).toBeDefined()
})

test('a Kafka that is down is told once, and all goes on by itself when it is back', async () => {
  const world = openWorld()
  world.kafka.isDown = true
  await world.submit('hvac')
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'TopicsReady')).toBe('Unknown KafkaUnreachable: No answer from Kafka at kafka:9092: check spec.kafka, that the brokers run, and that network policies let the operator reach them')
  world.kafka.isDown = false
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'TopicsReady')).toBe('True Succeeded: All 4 topics are there')
  expect(world.events.filter(({ type }) => type === 'Warning').map(({ reason }) => reason)).toEqual(['KafkaUnreachable'])
})

test('a topic that somebody else made too small is told and left alone', async () => {
  const world = openWorld()
  world.kafka.topics.set('readings', { partitions: 2, replicationFactor: 1, config: {}, ends: [0, 0] })
  await world.submit('hvac')
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'Ready')).toMatch(/^False TopicConflict: Topic readings has 2 partitions, spec.source.topic asks for 8/)
  expect(world.kafka.topics.get('readings')?.partitions).toBe(2)
  await world.submit('hvac', (manifest) => (manifest.spec.source.topic.partitions = 2))
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'TopicsReady')).toMatch(/^True/)
})

test('partitions of a topic of ours are raised, its configuration follows, and fewer are refused', async () => {
  const world = await openSettled()
  const hashBefore = podHash(await world.server.read(resources.deployments, child))
  await world.submit('hvac', (manifest) => (manifest.spec.source.topic.config = { 'retention.ms': '1000' }))
  await world.settle('hvac')
  expect(world.kafka.topics.get('readings')?.config).toEqual({ 'retention.ms': '1000' })
  expect(podHash(await world.server.read(resources.deployments, child))).toBe(hashBefore)
  await world.submit('hvac', (manifest) => (manifest.spec.source.topic.partitions = 12))
  await world.settle('hvac')
  expect(world.kafka.topics.get('readings')).toMatchObject({ partitions: 12 })
  await world.submit('hvac', (manifest) => (manifest.spec.source.topic.partitions = 4))
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'Ready')).toMatch(/^False PartitionsLowered: spec.source.topic asks for 4 partitions, and topic readings has 12/)
})

const podHash = (deployment: KubeObject | undefined) => (deployment?.spec as { template: { metadata: { annotations: Record<string, string> } } }).template.metadata.annotations['tidewatch.dev/config-hash']

test('a manifest from a newer version is told, and its detectors go on as they are', async () => {
  const world = await openSettled()
  const object = (await world.readPipeline('hvac'))!
  await world.server.update(resources.detectionPipelines, { ...object, spec: { ...(object.spec as object), detector: { crystalBall: {} } } })
  const before = await world.server.read(resources.deployments, child)
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'Stalled')).toMatch(/^True InvalidSpec: spec\.detector.*; the detectors go on as they are$/)
  expect(await world.server.read(resources.deployments, child)).toEqual(before)
})

test('an object of somebody else\'s that has the name of a child is left alone and told', async () => {
  const world = openWorld()
  const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata: child, data: { mine: 'yes' } }
  await world.server.apply(resources.configMaps, theirs, { fieldManager: 'kubectl' })
  await world.submit('hvac')
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'Ready')).toBe('False NameTaken: There is a ConfigMap hvac-detector that does not belong to DetectionPipeline hvac: delete or rename it, or give this object another name')
  expect((await world.server.read(resources.configMaps, child))?.data).toEqual({ mine: 'yes' })
  await world.server.delete(resources.configMaps, child)
  await world.settle('hvac')
  expect(await world.server.read(resources.deployments, child)).toBeDefined()
})

test('paused and resumed: the pods stop, everything else is kept, and it ends where it began', async () => {
  const world = await openSettled()
  const before = await world.describe()
  await world.submit('hvac', (manifest) => (manifest.spec.paused = true))
  await world.settle('hvac')
  expect((await world.server.read(resources.deployments, child))?.spec).toMatchObject({ replicas: 0 })
  expect(await world.server.read(resources.horizontalPodAutoscalers, child)).toBeUndefined()
  expect(await world.conditionOf('hvac', 'Paused')).toBe('True Paused: spec.paused is true: no detector runs, everything else is kept')
  await world.submit('hvac')
  await world.settle('hvac')
  expect(await world.describe()).toEqual(before)
})

test('the annotation keeps the operator away', async () => {
  const world = await openSettled()
  const object = (await world.readPipeline('hvac'))!
  await world.server.update(resources.detectionPipelines, { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, 'tidewatch.dev/paused': 'true' } } })
  await world.server.delete(resources.services, child)
  await world.settle('hvac')
  expect(await world.server.read(resources.services, child)).toBeUndefined()
  expect(await world.conditionOf('hvac', 'Paused')).toMatch(/^True PausedByAnnotation/)
})

test('a deleted pipeline takes its group and the topic that it may delete, and leaves what it did not make', async () => {
  const world = openWorld()
  world.kafka.topics.set('hvac-anomalies', { partitions: 8, replicationFactor: 1, config: {}, ends: [] })
  await world.submit('hvac', (manifest) => (manifest.spec.source.topic.deletionPolicy = 'Delete'))
  await world.settle('hvac')
  world.kafka.committed.set('tidewatch.plant.hvac readings', new Map())
  await world.server.delete(resources.detectionPipelines, { namespace: 'plant', name: 'hvac' })
  await world.settle('hvac')
  expect(await world.readPipeline('hvac')).toBeUndefined()
  expect([...world.kafka.topics.keys()].sort()).toEqual(['hvac-anomalies', 'hvac-dead-letters'])
  expect(world.kafka.committed.size).toBe(0)
})

test('a pipeline goes although Kafka is gone, after half a minute and with an event', async () => {
  const world = openWorld()
  await world.submit('hvac')
  await world.settle('hvac')
  world.kafka.isDown = true
  const before = world.events.length
  await world.server.delete(resources.detectionPipelines, { namespace: 'plant', name: 'hvac' })
  await world.reconcile('hvac')
  world.clock.advance(31_000)
  await world.reconcile('hvac')
  expect(await world.readPipeline('hvac')).toBeUndefined()
  expect(world.events.slice(before).map(({ reason }) => reason)).toEqual(['CleanupGivenUp'])
})

test.each(['v1', 'v1beta2'])('with Strimzi %s the pipeline waits for its user and its topics, and then runs', async (version) => {
  const world = openWorld()
  world.server.versions.set('kafka.strimzi.io', [version])
  const at = (resource: Resource) => atVersion(resource, version)
  await world.submit('hvac', (manifest) => (manifest.spec.kafka = { clusterRef: { name: 'main' }, tls: {} }))
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'Ready')).toMatch(/^False KafkaClusterMissing/)
  await world.server.apply(at(resources.kafkas), { apiVersion: `kafka.strimzi.io/${version}`, kind: 'Kafka', metadata: { name: 'main', namespace: 'plant' }, spec: { kafka: { listeners: [{ name: 'tls', port: 9093, type: 'internal', tls: true, authentication: { type: 'tls' } }] } } }, { fieldManager: 'kubectl' })
  await world.server.applyStatus(at(resources.kafkas), { apiVersion: `kafka.strimzi.io/${version}`, kind: 'Kafka', metadata: { name: 'main', namespace: 'plant' }, status: { listeners: [{ name: 'tls', bootstrapServers: 'main-kafka-bootstrap.plant.svc:9093' }] } }, { fieldManager: 'strimzi' })
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'UsersReady')).toMatch(/^False Pending: User hvac-detector is waiting/)
  expect(await world.server.read(resources.deployments, child)).toBeUndefined()
  const ready = { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True' }] }
  for (const resource of [at(resources.kafkaTopics), at(resources.kafkaUsers)]) {
    for (const object of (await world.server.list(resource, { namespace: 'plant' })).items) await world.server.applyStatus(resource, { ...object, status: ready }, { fieldManager: 'strimzi' })
  }
  const encoded = Buffer.from('pem').toString('base64')
  for (const [name, keys] of [['main-cluster-ca-cert', ['ca.crt']], ['hvac-detector', ['user.crt', 'user.key']]] as const) {
    await world.server.apply(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'plant' }, data: Object.fromEntries(keys.map((key) => [key, encoded])) }, { fieldManager: 'strimzi' })
  }
  await world.settle('hvac')
  expect(await world.conditionOf('hvac', 'UsersReady')).toBe('True Succeeded: The Kafka user and its Secret are there')
  expect(await world.conditionOf('hvac', 'TopicsReady')).toBe('True Succeeded: All 4 topics are there')
  expect(await world.server.read(resources.deployments, child)).toBeDefined()
})
