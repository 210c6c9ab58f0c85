import type { DetectionPipelineInput } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { deployKafka, restartKafka, stopKafka, type KafkaAddresses } from '../support/kafka-pod.ts'
import { readEvents, scramUser, uniqueName, useNamespace, usePlatform } from '../support/platform.ts'
import { aPipeline, waitForCondition } from '../support/stories.ts'
import { askKafka } from '../support/topics.ts'

const { cluster, kafka, kafkaImage } = usePlatform()
const namespace = useNamespace('bad-input')
const crowded = useNamespace('bad-input-quota')

const kafkaNamespace = uniqueName('stories-kafka')
let fallible: { addresses: KafkaAddresses; remove: () => Promise<void> }

type Spec = Partial<DetectionPipelineInput['spec']>

interface BadInput {
  title: string
  name: string
  namespace: string
  spec: (topic: string) => Spec
  /** Kafka, where it is not the one of all stories. */
  bootstrap?: () => string
  /** Makes the surroundings bad, before the manifest is applied. */
  spoil?: (topic: string) => Promise<unknown>
  /** Makes it bad after the pipeline has run. */
  spoilLater?: () => Promise<unknown>
  expected: { type: string; status: string; reason: string }
  /** What the message must say: where, and what to do. */
  says: RegExp
  mend: (topic: string) => Promise<unknown>
}

const secretName = 'kafka-login'
const withLogin: Spec = { kafka: { bootstrapServers: kafka.scramBootstrap, authentication: { scramSha512: { username: scramUser.name, passwordSecret: { name: secretName, key: 'password' } } } } }
const aSecret = (name: string, password: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: { password } })
const stalls = (reason: string) => ({ type: 'Ready', status: 'False', reason })
const change = (name: string, spec: object) => cluster.patch('detectionpipeline', name, namespace, { spec })

const badInputs: BadInput[] = [
  // First, because it takes longest: the ReplicaSet tries again after 1, 2, 4, 8 ... seconds.
  {
    title: 'a quota that is full',
    name: 'no-room',
    namespace: crowded,
    spec: () => ({}),
    spoil: () => cluster.apply([{ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none', namespace: crowded }, spec: { hard: { pods: '0' } } }]),
    expected: stalls('QuotaExceeded'),
    says: /quota of the namespace leaves no room/i,
    mend: () => cluster.run(['delete', 'resourcequota', 'none', '-n', crowded]),
  },
  {
    title: 'a Secret that is not there',
    name: 'no-secret',
    namespace,
    spec: () => withLogin,
    expected: stalls('SecretMissing'),
    says: new RegExp(secretName),
    mend: () => cluster.apply([aSecret(secretName, scramUser.password)]),
  },
  {
    title: 'a wrong password',
    name: 'wrong-password',
    namespace,
    spec: () => ({ kafka: { ...withLogin.kafka, authentication: { scramSha512: { username: scramUser.name, passwordSecret: { name: 'wrong-login', key: 'password' } } } } }),
    spoil: () => cluster.apply([aSecret('wrong-login', 'not-the-password')]),
    expected: stalls('AccessDenied'),
    says: /password|credential|refuse|log in/i,
    mend: () => cluster.apply([aSecret('wrong-login', scramUser.password)]),
  },
  {
    title: 'an image that cannot be pulled',
    name: 'no-image',
    namespace,
    spec: () => ({ template: { image: 'tidewatch/nobody-has-this:0' } }),
    expected: stalls('ImagePullFailed'),
    says: /tidewatch\/nobody-has-this:0 cannot be pulled: correct spec\.template\.image/,
    mend: () => change('no-image', { template: { image: null } }),
  },
  {
    title: 'a topic with fewer partitions, which is somebody else\'s',
    name: 'small-topic',
    namespace,
    spec: () => ({}),
    spoil: (topic) => askKafka(kafka.external, (admin) => admin.ensureTopics([{ name: topic, partitions: 2 }])),
    expected: stalls('TopicConflict'),
    says: /2 partitions/,
    mend: (topic) => askKafka(kafka.external, (admin) => admin.ensureTopics([{ name: topic, partitions: 4 }])),
  },
  {
    title: 'a sink that this release does not have',
    name: 'no-sink',
    namespace,
    spec: (topic) => ({ outputs: { anomalies: { topic: `${topic}-anomalies` }, sinks: { webhooks: [{ url: 'https://example.org' }] } } }),
    expected: stalls('NotAvailableYet'),
    says: /spec\.outputs\.sinks\.webhooks: not available yet: read the anomalies topic instead/,
    mend: () => change('no-sink', { outputs: { sinks: null } }),
  },
  {
    title: 'an autoscaler that somebody else made for the same Deployment',
    name: 'two-scalers',
    namespace,
    spec: () => ({}),
    spoilLater: () =>
      cluster.apply([
        {
          apiVersion: 'autoscaling/v2',
          kind: 'HorizontalPodAutoscaler',
          metadata: { name: 'by-hand', namespace },
          spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'two-scalers-detector' }, maxReplicas: 2, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }] },
        },
      ]),
    expected: { type: 'AutoscalingActive', status: 'False', reason: 'AutoscalerConflict' },
    says: /HorizontalPodAutoscaler by-hand .* delete it, and write spec\.scaling instead/,
    mend: () => cluster.run(['delete', 'hpa', 'by-hand', '-n', namespace]),
  },
  {
    title: 'a Kafka that is down',
    name: 'no-kafka',
    namespace,
    bootstrap: () => fallible.addresses.bootstrap,
    spec: () => ({}),
    spoilLater: () => stopKafka(cluster, fallible.addresses),
    expected: stalls('KafkaUnreachable'),
    says: /stories-kafka/,
    mend: () => restartKafka(cluster, fallible.addresses),
  },
]

const topicByName = new Map(badInputs.map(({ name }) => [name, uniqueName(name)]))
const topicOf = ({ name }: BadInput) => topicByName.get(name) ?? ''

const identify = ({ namespace: place, name }: BadInput) => ({ namespace: place, name })
const expectRunning = (input: BadInput, timeoutMs?: number) => waitForCondition(cluster, 'detectionpipeline', identify(input), { type: 'Ready', status: 'True', reason: 'Running' }, timeoutMs)

// All at once: they wait for different things, and so beside each other. That is why all are told before any is held to run.
beforeAll(async () => {
  fallible = await deployKafka(cluster, { namespace: kafkaNamespace, image: kafkaImage })
  for (const input of badInputs) await input.spoil?.(topicOf(input))
  await cluster.apply(badInputs.map((input) => aPipeline({ namespace: input.namespace, bootstrap: input.bootstrap?.() ?? kafka.bootstrap, topic: topicOf(input), name: input.name }, input.spec(topicOf(input)))))
})
afterAll(() => fallible?.remove())

test.each(badInputs)('$title: a condition says what to do, and an event says the same', async (input) => {
  if (input.spoilLater !== undefined) {
    await expectRunning(input)
    await input.spoilLater()
  }
  const condition = await waitForCondition(cluster, 'detectionpipeline', identify(input), input.expected)
  expect(condition.message).toMatch(input.says)
  const events = await eventually('an event tells of it', () => readEvents(cluster, input.namespace, 'DetectionPipeline', input.name), (all) => all.some(({ reason }) => reason === input.expected.reason), { timeoutMs: 20_000 })
  expect(events.find(({ reason }) => reason === input.expected.reason)).toMatchObject({ type: 'Warning', note: expect.stringMatching(input.says) })
  await input.mend(topicOf(input))
})

test.each(badInputs)('$title: mended, it goes on by itself', async (input) => {
  await expectRunning(input, 120_000)
  if (input.expected.type === 'Ready') return
  const isGone = (object: KubeObject | undefined) => !JSON.stringify(object?.status).includes(input.expected.reason)
  await eventually('the condition is over', () => cluster.read('detectionpipeline', input.name, input.namespace), isGone, { timeoutMs: 60_000 })
})

test('a field that no version knows is refused when it is applied', async () => {
  const manifest = aPipeline({ namespace, bootstrap: kafka.bootstrap, topic: 'never', name: 'newer' }, { telepathy: true } as Spec)
  await expect(cluster.apply([manifest])).rejects.toThrow(/unknown field "(spec\.)?telepathy"/)
})

test('no password is in any log or event', async () => {
  const logs = await cluster.run(['logs', '-n', namespace, '-l', 'app.kubernetes.io/part-of=tidewatch', '--tail=-1', '--prefix'])
  const events = await cluster.run(['get', 'events', '-n', namespace, '-o', 'yaml'])
  for (const password of [scramUser.password, 'not-the-password']) expect(logs + events).not.toContain(password)
})
