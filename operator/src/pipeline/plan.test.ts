import type { DetectionPipelineInput } from '@tidewatch/api'
import { expect, test } from 'vitest'
import { planPipeline } from './plan.ts'
import { aDeployment, aKafkaCluster, anObserved, platform } from './testing/an-observed.ts'

const names = (plan: ReturnType<typeof planPipeline>) => plan.apply.map(({ resource, object }) => `${resource.kind} ${object.metadata.name}`)
type Spec = DetectionPipelineInput['spec']

test('all children of a pipeline, in the order of dependence', () => {
  expect(names(planPipeline(anObserved({ platform: { ...platform, hasPodMonitors: true } })))).toEqual([
    'ServiceAccount hvac-detector',
    'ConfigMap hvac-detector',
    'Service hvac-detector',
    'NetworkPolicy hvac-detector',
    'Deployment hvac-detector',
    'HorizontalPodAutoscaler hvac-detector',
    'PodDisruptionBudget hvac-detector',
    'PodMonitor hvac-detector',
  ])
})

test('before its topics are there, a pipeline has no detectors; afterwards they stay whatever happens', () => {
  const topics = { kind: 'Unreadable' as const, code: 'KAFKA_UNREACHABLE', message: 'm' }
  expect(names(planPipeline(anObserved({ topics, deployment: undefined })))).not.toContain('Deployment hvac-detector')
  expect(names(planPipeline(anObserved({ topics })))).toContain('Deployment hvac-detector')
})

test('the same input gives the same plan', () => {
  expect(planPipeline(anObserved())).toEqual(planPipeline(anObserved()))
})

test.each<[string, (spec: Spec) => void, string[]]>([
  ['the model', (spec) => (spec.detector = { robustZScore: {} }), ['ConfigMap', 'Deployment']],
  ['a topic\'s configuration', (spec) => (spec.source.topic.config = { 'retention.ms': '5' }), []],
  ['an output topic\'s configuration', (spec) => (spec.outputs = { anomalies: { topic: 'example-anomalies', config: { a: 'b' } } }), ['ConfigMap', 'Deployment']],
  ['scaling', (spec) => (spec.scaling = { minReplicas: 2, maxReplicas: 4, targetDrainTime: '10s' }), ['HorizontalPodAutoscaler']],
  ['resources', (spec) => (spec.template = { resources: { limits: { memory: '2Gi' } } }), ['Deployment']],
  ['brokers on another port', (spec) => (spec.kafka = { bootstrapServers: 'kafka:9095' }), ['Deployment', 'NetworkPolicy']],
])('a change of %s touches no more than it must', (_, spec, changed) => {
  const before = planPipeline(anObserved()).apply
  const after = planPipeline(anObserved({ spec })).apply
  const different = after.filter(({ resource, object }) => JSON.stringify(before.find((one) => one.resource.kind === resource.kind)?.object) !== JSON.stringify(object))
  expect(different.map(({ resource }) => resource.kind).sort()).toEqual(changed)
})

test('pausing takes the autoscaler away and stops the pods; resuming brings back the least', () => {
  const autoscaler = { resource: planPipeline(anObserved()).apply.find(({ resource }) => resource.kind === 'HorizontalPodAutoscaler')!.resource, object: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'hvac-detector', uid: 'a' } } }
  const paused = planPipeline(anObserved({ spec: (spec) => (spec.paused = true), owned: [autoscaler] }))
  expect(names(paused)).toContain('Deployment hvac-detector')
  expect(paused.remove).toEqual([autoscaler])
  expect(paused.replicas?.object.spec).toEqual({ replicas: 0 })
  const resumed = planPipeline(anObserved({ deployment: aDeployment({ replicas: 0 }), spec: (spec) => (spec.scaling = { minReplicas: 3 }) }))
  expect(resumed.replicas?.object).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'hvac-detector', namespace: 'plant', uid: 'deployment-uid' }, spec: { replicas: 3 } })
})

test.each([
  ['an autoscaler is in charge: nothing', {}, 2, undefined],
  ['min equals max: that number', { minReplicas: 4, maxReplicas: 4 }, 2, { replicas: 4 }],
  ['min equals max and it is so: nothing', { minReplicas: 4, maxReplicas: 4 }, 4, undefined],
  ['KEDA is asked for and absent: it stays as it is', { metricsSource: 'Keda' as const }, 3, undefined],
])('the number of detectors, %s', (_, scaling, replicas, expected) => {
  expect(planPipeline(anObserved({ spec: (spec) => (spec.scaling = scaling), deployment: aDeployment({ replicas }) })).replicas?.object.spec).toEqual(expected)
})

test('a child under an old name is collected, by its owner', () => {
  const old = { resource: planPipeline(anObserved()).apply[1]!.resource, object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'hvac-old', uid: 'c' } } }
  expect(planPipeline(anObserved({ owned: [old] })).remove).toEqual([old])
})

test('nothing is removed while something stands in the way', () => {
  const old = { resource: planPipeline(anObserved()).apply[1]!.resource, object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'hvac-old', uid: 'c' } } }
  const plan = planPipeline(anObserved({ spec: (spec) => (spec.outputs = { sinks: { webhooks: [{ url: 'https://example.org' }] } }), owned: [old] }))
  expect([plan.apply, plan.remove, plan.blocker?.reason]).toEqual([[], [], 'NotAvailableYet'])
})

test('with KEDA a ScaledObject takes the place of the autoscaler, and reads the lag from the operator', () => {
  const plan = planPipeline(anObserved({ platform: { ...platform, hasKeda: true }, spec: (spec) => (spec.scaling = { minReplicas: 2, targetLagPerReplica: 500 }) }))
  expect(names(plan)).not.toContain('HorizontalPodAutoscaler hvac-detector')
  expect(plan.apply.find(({ resource }) => resource.kind === 'ScaledObject')?.object.spec).toMatchObject({
    scaleTargetRef: { kind: 'Deployment', name: 'hvac-detector' },
    minReplicaCount: 2,
    maxReplicaCount: 8,
    triggers: [{ type: 'metrics-api', metricType: 'AverageValue', metadata: { url: 'http://tidewatch-operator.tidewatch.svc:8080/lag/plant/hvac', valueLocation: 'lagRecords', targetValue: '500' } }],
  })
})

test('the user that Strimzi makes may do what detectors do, and no more', () => {
  const plan = planPipeline(anObserved({ platform: { ...platform, strimziVersion: 'v1beta2' }, cluster: aKafkaCluster(), spec: (spec) => (spec.kafka = { clusterRef: { name: 'main' }, tls: {} }) }))
  const user = plan.apply.find(({ resource }) => resource.kind === 'KafkaUser')?.object
  expect(user?.apiVersion).toBe('kafka.strimzi.io/v1beta2')
  const allow = (resource: object, ...operations: string[]) => ({ resource, operations, host: '*', type: 'allow' })
  const literal = (type: string, name: string) => ({ type, name, patternType: 'literal' })
  expect(user?.spec).toEqual({
    authentication: { type: 'scram-sha-512' },
    authorization: {
      type: 'simple',
      acls: [
        allow(literal('topic', 'readings'), 'Read', 'Describe'),
        allow(literal('topic', 'hvac-anomalies'), 'Write', 'Describe'),
        allow(literal('topic', 'hvac-dead-letters'), 'Write', 'Describe'),
        allow(literal('topic', 'plant.hvac-state'), 'Read', 'Write', 'Describe'),
        allow(literal('group', 'tidewatch.plant.hvac'), 'Read', 'Describe', 'Delete'),
        allow({ type: 'transactionalId', name: '11111111-2222-3333-4444-555555555555-', patternType: 'prefix' }, 'Write', 'Describe'),
        allow({ type: 'cluster' }, 'IdempotentWrite'),
      ],
    },
  })
  expect(names(plan)).toContain('KafkaTopic readings')
})

test('what is made through the Admin API is claimed on the pipeline first', () => {
  const plan = planPipeline(anObserved({ topics: { kind: 'Known', topics: {} }, deployment: undefined }))
  expect(plan.root?.object.metadata).toEqual({
    name: 'hvac',
    namespace: 'plant',
    uid: '11111111-2222-3333-4444-555555555555',
    finalizers: ['tidewatch.dev/cleanup'],
    annotations: { 'tidewatch.dev/created-topics': '{"readings":[],"hvac-anomalies":[],"hvac-dead-letters":[],"plant.hvac-state":["cleanup.policy","delete.retention.ms","min.cleanable.dirty.ratio","segment.bytes","segment.ms"]}' },
  })
  expect(plan.actions.map(({ kind, topic }) => `${kind} ${topic}`)).toEqual(['Create readings', 'Create hvac-anomalies', 'Create hvac-dead-letters', 'Create plant.hvac-state'])
  expect(plan.requeueAfterMs).toBe(1_000)
})

test.each(['Direct', 'None'] as const)('the input has more partitions than the manifest asks for, %s: the state gets as many, the outputs stay', (topicManagement) => {
  const observed = anObserved({ spec: (spec) => (spec.kafka = { bootstrapServers: 'kafka:9092', topicManagement }) })
  const asked = observed.pipeline.spec.source.topic
  const topics = observed.topics?.kind === 'Known' ? observed.topics.topics : {}
  const grown = { kind: 'Known' as const, topics: { ...topics, [asked.name]: { ...topics[asked.name]!, partitions: asked.partitions + 3 } } }
  const plan = planPipeline({ ...observed, topics: grown, claims: { 'plant.hvac-state': [] } })
  if (topicManagement === 'Direct') expect(plan.actions.filter(({ kind }) => kind === 'Raise')).toEqual([{ kind: 'Raise', topic: 'plant.hvac-state', partitions: asked.partitions + 3 }])
  else expect(plan.topics?.condition).toMatchObject({ status: 'False', reason: 'TopicConflict', message: expect.stringContaining(`asks for ${asked.partitions + 3}`) as string })
})
