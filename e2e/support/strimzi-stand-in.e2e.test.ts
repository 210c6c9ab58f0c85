import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipelineDocument } from '@tidewatch/api/testing'
import { assertReachable, createRecordSink, createTopicAdmin, type TopicAdmin } from '@tidewatch/kafka'
import { readTopicIndependently } from '@tidewatch/kafka/testing'
import { createLogger, createRegistry, systemClock } from '@tidewatch/kit'
import { apiVersionOf, atVersion, resources, type KubeObject, type Resource } from '@tidewatch/kube'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { DetectorProcess } from '../../detector/src/testing/detector-process.ts'
import { createOperator } from '../../operator/src/operator.ts'
import { settings } from '../../operator/src/pipeline/testing/an-observed.ts'
import { installDefinitions } from './definitions.ts'
import { eventually } from './eventually.ts'
import { ensureStrimziCrds } from './foreign-crds.ts'
import { startOwnControlPlane } from './own-control-plane.ts'
import { applyStrimziKafka, aStrimziKafka, startStrimziStandIn } from './strimzi-stand-in.ts'
import { startGuardedKafka, type GuardedKafka } from './strimzi/guarded-kafka.ts'
import { createKafkaLogins } from './strimzi/kafka-logins.ts'

/** A real kube-apiserver with Strimzi's real definitions of both versions, and a real Kafka that checks what its users may do. */
const namespace = 'plant'
const cluster = 'main'
const manager = { fieldManager: 'test', force: true }
const log = createLogger({ name: 'test', level: 'silent' })
const folder = mkdtempSync(join(tmpdir(), 'tidewatch-guarded-'))
let server: Awaited<ReturnType<typeof startOwnControlPlane>>
let kafka: GuardedKafka
let admin: TopicAdmin
const ends: (() => unknown)[] = []

// A machine that has never run the tests builds Kubernetes first.
beforeAll(async () => {
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  server = await startOwnControlPlane()
  ends.push(() => server.stop())
  kafka = await startGuardedKafka()
  ends.push(() => kafka.stop())
  admin = createTopicAdmin({ connection: { brokers: kafka.brokers, clientId: 'test' }, log })
  ends.push(() => admin.close())
  const { kube } = server
  const ours = ['detectionpipelines', 'devicefleets'].map((file) => parse(readFileSync(new URL(`../../crds/${file}.yaml`, import.meta.url), 'utf8')) as KubeObject)
  await installDefinitions(kube, [...ours, ...(await ensureStrimziCrds('v1+v1beta2'))])
  await kube.apply(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, manager)
  const scram = { name: 'scram', port: 9094, authentication: 'scram-sha-512', bootstrapServers: kafka.scramAddress } as const
  await applyStrimziKafka(kube, aStrimziKafka({ name: cluster, namespace, version: 'v1', listeners: [scram], authorization: 'simple' }))
  const standIn = startStrimziStandIn({ kube, admin, namespace, cluster, version: 'v1', ...createKafkaLogins(kafka.brokers), log })
  ends.push(() => standIn.stop())
}, 1_800_000)
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})
const endsOfTest: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endsOfTest.splice(0).reverse()) await end()
})

const read = (resource: Resource, name: string) => server.kube.read(resource, { namespace, name })
const topicOf = async (name: string) => (await admin.readTopic(name)) ?? null

/** `True` or `False NotSupported: ...` of a Strimzi object, for what is written in it now. */
async function readReady(resource: Resource, name: string): Promise<string | undefined> {
  const found = await read(resource, name)
  const { conditions, observedGeneration } = (found?.status ?? {}) as { conditions?: { type: string; status: string; reason?: string; message?: string }[]; observedGeneration?: number }
  const condition = conditions?.find(({ type }) => type === 'Ready')
  if (condition === undefined || observedGeneration !== found?.metadata.generation) return undefined
  return condition.status === 'True' ? 'True' : `${condition.status} ${condition.reason}: ${condition.message}`
}

const untilReady = (resource: Resource, name: string, expected: string) => eventually(`${resource.kind} ${name} is ${expected}`, () => readReady(resource, name), (told) => told === expected)

async function readPassword(user: string): Promise<string> {
  const secret = (await read(resources.secrets, user))?.data as Record<'password' | 'sasl.jaas.config', string>
  const password = Buffer.from(secret.password, 'base64').toString()
  expect(Buffer.from(secret['sasl.jaas.config'], 'base64').toString()).toBe(`org.apache.kafka.common.security.scram.ScramLoginModule required username="${user}" password="${password}";`)
  return password
}

function aPasswordFile(name: string, password: string): string {
  const file = join(folder, name)
  writeFileSync(file, password)
  return file
}

describe.each(['v1beta2', 'v1'])("what is written in Strimzi's %s", (version) => {
  const kafkaTopics = atVersion(resources.kafkaTopics, version)
  const kafkaUsers = atVersion(resources.kafkaUsers, version)

  test('becomes a topic of Kafka, changes it as far as Kafka can, and takes it away', async () => {
    const name = `topic-${version}`
    const topicName = `Topic_${version}`
    const labels = { 'strimzi.io/cluster': cluster }
    const write = (spec: object) => server.kube.apply(kafkaTopics, { apiVersion: apiVersionOf(kafkaTopics), kind: 'KafkaTopic', metadata: { name, namespace, labels }, spec: { topicName, ...spec } }, manager)
    await write({ partitions: 2, replicas: 1, config: { 'retention.ms': 60_000 } })
    await untilReady(kafkaTopics, name, 'True')
    expect(await topicOf(topicName)).toEqual({ name: topicName, partitions: 2, replicationFactor: 1, config: { 'retention.ms': '60000' } })
    expect((await read(kafkaTopics, name))?.status).toMatchObject({ topicName })

    await write({ partitions: 3, replicas: 1, config: { 'cleanup.policy': ['compact', 'delete'] } })
    await untilReady(kafkaTopics, name, 'True')
    expect(await topicOf(topicName)).toEqual({ name: topicName, partitions: 3, replicationFactor: 1, config: { 'cleanup.policy': 'compact,delete' } })

    await write({ partitions: 1, replicas: 1 })
    await untilReady(kafkaTopics, name, 'False NotSupported: Decreasing partitions not supported')
    await write({ topicName: `other-${version}`, partitions: 3, replicas: 1 })
    await untilReady(kafkaTopics, name, 'False NotSupported: Changing spec.topicName is not supported')
    await write({ partitions: 3, replicas: 1, config: { 'retention.ms': 'a week' } })
    await eventually('Kafka refuses it', () => readReady(kafkaTopics, name), (told) => told?.startsWith('False KafkaError: ') === true)
    await write({ partitions: 3, replicas: 1 })
    await untilReady(kafkaTopics, name, 'True')
    expect(await topicOf(topicName)).toEqual({ name: topicName, partitions: 3, replicationFactor: 1, config: {} })

    await server.kube.delete(kafkaTopics, { namespace, name })
    await eventually('the KafkaTopic is gone', () => read(kafkaTopics, name), (found) => found === undefined)
    expect(await topicOf(topicName)).toBeNull()
  })

  test('becomes a user whom Kafka lets in by the password in its Secret, as long as it is there', async () => {
    const name = `user-${version}`
    const labels = { 'strimzi.io/cluster': cluster }
    const spec = { authentication: { type: 'scram-sha-512' } }
    await server.kube.apply(kafkaUsers, { apiVersion: apiVersionOf(kafkaUsers), kind: 'KafkaUser', metadata: { name, namespace, labels }, spec }, manager)
    await untilReady(kafkaUsers, name, 'True')
    expect((await read(kafkaUsers, name))?.status).toMatchObject({ username: name, secret: name })
    const password = await readPassword(name)
    // A file of its own each time: where a password was right before, a new one is waited for.
    let knocks = 0
    const knock = () => assertReachable({ brokers: kafka.scramAddress, clientId: 'test', sasl: { mechanism: 'scram-sha-512', username: name, passwordFile: aPasswordFile(`${name}-${++knocks}`, password) } })
    await knock()

    await server.kube.delete(kafkaUsers, { namespace, name })
    const knockAgain = () => knock().then(() => 'let in', ({ code }: { code?: string }) => code)
    await eventually('the Secret is gone', () => read(resources.secrets, name), (found) => found === undefined)
    await eventually('Kafka does not let it in', knockAgain, (told) => told === 'KAFKA_ACCESS_DENIED')
  })
})

/** The whole operator, by whose objects everything comes about. */
function startOperator(): void {
  const operator = createOperator({ kube: server.kube, identity: 'operator-0', election: undefined, settings, namespaces: [namespace], lagMetricsPort: 0, clock: systemClock, log, registry: createRegistry() })
  const end = new AbortController()
  const run = operator.run(end.signal)
  endsOfTest.push(async () => {
    end.abort()
    await run
  })
}

/** A detector as the Deployment describes it: its configuration, its environment, its mounted password. */
async function startDetector(name: string): Promise<{ child: DetectorProcess; passwordFile: string }> {
  const { data } = (await eventually('the ConfigMap is there', () => read(resources.configMaps, name), (found) => found !== undefined)) as { data?: Record<string, string> }
  const deployment = await eventually('the Deployment is there', () => read(resources.deployments, name), (found) => found !== undefined)
  const { containers } = (deployment?.spec as { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } }).template.spec
  const { TIDEWATCH_CONFIG_FILE: _, ...environment } = Object.fromEntries((containers[0]?.env ?? []).flatMap(({ name: variable, value }) => (value === undefined ? [] : [[variable, value]])))
  expect(environment).toMatchObject({ TIDEWATCH_KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512', TIDEWATCH_KAFKA_USERNAME: name, TIDEWATCH_KAFKA_PASSWORD_FILE: '/etc/tidewatch/secrets/password/password' })
  const passwordFile = aPasswordFile(`${name}-mounted`, await readPassword(name))
  const child = new DetectorProcess(data?.['config.json'] ?? '', kafka.scramAddress, { ...environment, TIDEWATCH_KAFKA_PASSWORD_FILE: passwordFile })
  endsOfTest.push(() => child.signal('SIGKILL'))
  return { child, passwordFile }
}

async function sendReadings(topic: string, seconds: number): Promise<number> {
  const startMs = Math.floor((Date.now() - 3_600_000) / 60_000) * 60_000
  const sink = createRecordSink({ connection: { brokers: kafka.brokers, clientId: 'test' }, log })
  const readings = Array.from({ length: seconds }, (_, second) => ({ topic, key: 'd', value: JSON.stringify({ sensor_id: 'd', timestamp: new Date(startMs + second * 1_000).toISOString(), metric: 't', value: 20 + (second % 7) / 10 }) }))
  await sink.send([...readings, { topic, key: 'd', value: 'no reading' }])
  await sink.close()
  return readings.length + 1
}

test.each<'AtLeastOnce' | 'ExactlyOnce'>(['AtLeastOnce', 'ExactlyOnce'])("the rules of a pipeline's KafkaUser let a detector of %s do its work and no more, and let the operator clear up", async (delivery) => {
  const name = `rights-${delivery.toLowerCase()}`
  const pipelines = resources.detectionPipelines
  startOperator()
  const document = pipelineDocument((manifest) => {
    manifest.metadata = { name, namespace }
    Object.assign(manifest.spec, { kafka: { clusterRef: { name: cluster } }, delivery })
    manifest.spec.source.topic = { name: `${name}-readings`, partitions: 2 }
    manifest.spec.groupBy = 'DeviceAndMetric'
    manifest.spec.window = { tumbling: { size: '10s' } }
    manifest.spec.detector = { robustZScore: {} }
    manifest.spec.outputs = { scores: { topic: `${name}-scores` } }
  })
  await server.kube.apply(pipelines, document as unknown as KubeObject, manager)
  await untilReady(atVersion(resources.kafkaUsers, 'v1'), `${name}-detector`, 'True')
  const { child, passwordFile } = await startDetector(`${name}-detector`)
  const count = async () => child.read('events_processed_total').catch(() => 0)
  await eventually('it is ready', () => child.probe('/readyz').then(({ status }) => status, () => child.output), (status) => status === 200)
  const sent = await sendReadings(`${name}-readings`, 900)
  await eventually(`it has processed ${sent}`, async () => [await count(), child.output.split('\n').at(-1)], ([processed]) => processed === sent)
  expect(await child.signal('SIGTERM')).toBe(0)
  // Nothing that was not allowed: Kafka names the topic, the group or the transaction in what it refuses.
  expect(child.output).not.toMatch(/not authorized|AUTHORIZATION_FAILED|"level":"(error|fatal)"/i)
  expect((await readTopicIndependently(kafka.brokers, `${name}-scores`, 5)).length).toBeGreaterThan(5)
  expect(await readTopicIndependently(kafka.brokers, `${name}-dead-letters`, 1)).toHaveLength(1)
  const sasl = { mechanism: 'scram-sha-512', username: `${name}-detector`, passwordFile } as const
  const intruder = createRecordSink({ connection: { brokers: kafka.scramAddress, clientId: 'test', sasl }, log })
  await expect(intruder.send([{ topic: `${name}-readings`, key: 'd', value: '{}' }])).rejects.toMatchObject({ code: 'KAFKA_ACCESS_DENIED' })
  await intruder.close()
  const groupId = `tidewatch.${namespace}.${name}`
  expect((await admin.readCommitted(groupId, `${name}-readings`)).size).toBeGreaterThan(0)

  await server.kube.delete(pipelines, { namespace, name })
  await eventually('the pipeline is gone', () => read(pipelines, name), (found) => found === undefined)
  // In the name of the KafkaUser, who may delete its own group.
  expect((await admin.readCommitted(groupId, `${name}-readings`)).size).toBe(0)
})
