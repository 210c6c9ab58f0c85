import { detectionPipeline, type DetectionPipelineInput } from '@tidewatch/api'
import { pipelineDocument } from '@tidewatch/api/testing'
import type { KubeObject } from '@tidewatch/kube'
import { resolveConnection } from '../../kafka/resolve-connection.ts'
import type { ChildSettings, Platform } from '../../shared/settings.ts'
import type { Observed } from '../observed.ts'
import { listTopics } from '../topics.ts'

export const settings: ChildSettings = {
  detectorImage: 'tidewatch/detector:0.1.0',
  simulatorImage: 'tidewatch/simulator:0.1.0',
  imagePullPolicy: 'IfNotPresent',
  networkPolicies: true,
  operatorNamespace: 'tidewatch',
  serviceName: 'tidewatch-operator',
  port: 8080,
}

export const platform: Platform = { strimziVersion: undefined, hasKeda: false, hasPodMonitors: false, metricsSlot: 'Ours' }

const uid = '11111111-2222-3333-4444-555555555555'

type Change = { spec?: (spec: DetectionPipelineInput['spec']) => void } & Partial<Omit<Observed, 'kind' | 'pipeline'>> & { cluster?: KubeObject }

/** A pipeline that is well: its topics are there, its two detectors run, its autoscaler works. Changed as asked. */
export function anObserved({ spec, cluster, ...changes }: Change = {}): Observed {
  const document = pipelineDocument((manifest) => {
    manifest.metadata = { name: 'hvac', namespace: 'plant', uid, ...{ generation: 3 } }
    spec?.(manifest.spec)
  })
  const pipeline = detectionPipeline.parse(document)
  const surroundings = { ...platform, ...changes.platform }
  const topics = Object.fromEntries(listTopics(pipeline).map(({ name, partitions, config }) => [name, { partitions, config }]))
  return {
    kind: 'Observed',
    object: document as unknown as KubeObject,
    pipeline,
    owner: { apiVersion: 'tidewatch.dev/v1alpha1', kind: 'DetectionPipeline', name: 'hvac', namespace: 'plant', uid },
    name: 'hvac-detector',
    settings,
    platform: surroundings,
    isLeftAlone: false,
    connection: resolveConnection(pipeline.spec.kafka, { hasStrimzi: surroundings.strimziVersion !== undefined, cluster, userName: 'hvac-detector' }),
    stateTopicOwner: undefined,
    credentials: undefined,
    topics: { kind: 'Known', topics },
    claims: {},
    kafkaTopics: [],
    kafkaUser: undefined,
    deployment: aDeployment(),
    pods: [],
    autoscalers: [anAutoscaler()],
    scaledObject: undefined,
    owned: [],
    lag: { kind: 'Known', total: 42, drainSeconds: 3.2, worstPartition: 5, stuckPartitions: [] },
    telemetry: undefined,
    ...changes,
  }
}

/** A Deployment whose pods are all there. */
export function aDeployment({ replicas = 2, available = replicas, conditions = [] }: { replicas?: number; available?: number; conditions?: object[] } = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'hvac-detector', namespace: 'plant', uid: 'deployment-uid', generation: 1, ownerReferences: [{ apiVersion: 'tidewatch.dev/v1alpha1', kind: 'DetectionPipeline', name: 'hvac', uid, controller: true }] },
    spec: { replicas },
    status: { observedGeneration: 1, replicas, updatedReplicas: replicas, availableReplicas: available, conditions },
  }
}

export function anAutoscaler({ owner = uid, status = 'True', message = '', since }: { owner?: string; status?: string; message?: string; since?: string } = {}): KubeObject {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: owner === uid ? 'hvac-detector' : 'mine', namespace: 'plant', ownerReferences: [{ apiVersion: 'x/v1', kind: 'X', name: 'x', uid: owner, controller: true }] },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'hvac-detector' } },
    status: { conditions: [{ type: 'ScalingActive', status, reason: status === 'True' ? 'ValidMetricFound' : 'FailedGetExternalMetric', message, ...(since === undefined ? {} : { lastTransitionTime: since }) }] },
  }
}

/** A pod with one container in this state. */
export function aPod(containerStatus: object, more: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'hvac-detector-abc', namespace: 'plant' }, status: { phase: 'Running', containerStatuses: [{ name: 'detector', image: 'tidewatch/detector:0.1.0', ...containerStatus }], ...more } }
}

/** A Strimzi cluster `main` with a plaintext, a SCRAM and a mutual-TLS listener, all reported. */
export function aKafkaCluster({ reported = true, authorization = 'simple', listeners = ['plain', 'scram', 'mtls'] } = {}): KubeObject {
  const all = [
    { name: 'plain', port: 9092, type: 'internal', tls: false },
    { name: 'scram', port: 9093, type: 'internal', tls: true, authentication: { type: 'scram-sha-512' } },
    { name: 'mtls', port: 9094, type: 'internal', tls: true, authentication: { type: 'tls' } },
  ].filter(({ name }) => listeners.includes(name))
  return {
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'Kafka',
    metadata: { name: 'main', namespace: 'plant' },
    spec: { kafka: { listeners: all, ...(authorization === 'none' ? {} : { authorization: { type: authorization } }) } },
    ...(reported ? { status: { listeners: all.map(({ name, port }) => ({ name, bootstrapServers: `main-kafka-bootstrap.plant.svc:${port}` })) } } : {}),
  }
}
