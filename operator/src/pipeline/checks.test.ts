import type { ConditionDraft } from '@tidewatch/api'
import type { KubeObject } from '@tidewatch/kube'
import { expect, test } from 'vitest'
import { findBlocker, findScalingTrouble, findTrouble } from './checks.ts'
import { judgeAutoscaling } from './conditions.ts'
import { aDeployment, aKafkaCluster, anAutoscaler, anObserved, aPod, platform } from './testing/an-observed.ts'

const nowMs = Date.UTC(2026, 0, 2, 12)
const topicsReady: ConditionDraft = { type: 'TopicsReady', status: 'True', reason: 'Succeeded', message: 'All topics are there' }

test('a pipeline that is well has no trouble', () => {
  const observed = anObserved()
  expect([findBlocker(observed), findTrouble(observed, topicsReady), findScalingTrouble(observed, nowMs)]).toEqual([undefined, undefined, undefined])
})

test.each([
  ['a sink that this release lacks', anObserved({ spec: (spec) => (spec.outputs = { sinks: { webhooks: [{ url: 'https://example.org' }] } }) }), 'NotAvailableYet', 'spec.outputs.sinks.webhooks: not available yet: read the anomalies topic instead'],
  ['Strimzi is missing', anObserved({ spec: (spec) => (spec.kafka = { clusterRef: { name: 'main' } }) }), 'StrimziMissing', 'spec.kafka.clusterRef names the Strimzi cluster main, and this cluster does not serve kafka.strimzi.io: install Strimzi, or write spec.kafka.bootstrapServers instead'],
])('nothing is built: %s', (_, observed, reason, message) => {
  expect(findBlocker(observed)).toEqual({ reason, message })
})

const waiting = (reason: string, message: string) => aPod({ state: { waiting: { reason, message } } })
const crashed = (message: string, more: object = {}) =>
  aPod({ restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1, message, ...more } } })

test.each([
  ['a Secret is missing', anObserved({ credentials: { reason: 'SecretMissing', message: 'There is no Secret login' } }), 'SecretMissing', 'There is no Secret login'],
  [
    'Strimzi refuses the user',
    anObserved({
      spec: (spec) => (spec.kafka = { clusterRef: { name: 'main' }, tls: {} }),
      platform: { ...platform, strimziVersion: 'v1' },
      cluster: aKafkaCluster(),
      kafkaUser: { apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaUser', metadata: { name: 'hvac-detector' }, status: { conditions: [{ type: 'Ready', status: 'False', message: 'quota exceeded' }] } },
    }),
    'UserNotReady',
    "Strimzi's User Operator refuses user hvac-detector: quota exceeded",
  ],
  ['the lag reader is not let in', anObserved({ lag: { kind: 'Unreadable', code: 'KAFKA_ACCESS_DENIED', message: 'Kafka refuses us' } }), 'AccessDenied', 'Kafka refuses us'],
  ['the lag reader reaches nobody', anObserved({ lag: { kind: 'Unreadable', code: 'KAFKA_UNREACHABLE', message: 'No answer' } }), 'KafkaUnreachable', 'No answer'],
  [
    'a quota is full',
    anObserved({ deployment: aDeployment({ available: 0, conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'pods "x" is forbidden: exceeded quota: small' }] }) }),
    'QuotaExceeded',
    'A quota of the namespace leaves no room for the detectors: raise it, or ask for less in spec.template.resources or spec.scaling (pods "x" is forbidden: exceeded quota: small)',
  ],
  ['pods are refused', anObserved({ deployment: aDeployment({ available: 0, conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'violates PodSecurity' }] }) }), 'PodsRefused', "The API server refuses the detectors' pods: violates PodSecurity"],
  [
    'the image cannot be pulled',
    anObserved({ pods: [waiting('ImagePullBackOff', 'Back-off pulling image')] }),
    'ImagePullFailed',
    "The image tidewatch/detector:0.1.0 cannot be pulled: correct spec.template.image, or name the registry's Secret in spec.imagePullSecrets (Back-off pulling image)",
  ],
  ['the process ends with a line of ours', anObserved({ pods: [crashed('{"level":"info","msg":"x"}\n{"level":"fatal","msg":"There is no topic readings"}')] }), 'CrashLooping', 'The container of pod hvac-detector-abc has ended 3 times with code 1: There is no topic readings'],
  ['the process ends without a word', anObserved({ pods: [crashed('')] }), 'CrashLooping', 'The container of pod hvac-detector-abc has ended 3 times with code 1: it left no message; look at its log with kubectl logs --previous'],
  ['the process runs out of memory', anObserved({ pods: [crashed('', { reason: 'OOMKilled', exitCode: 137 })] }), 'CrashLooping', 'The container of pod hvac-detector-abc has ended 3 times with code 137: it needs more memory than its limit: raise spec.template.resources.limits.memory'],
  [
    'no node takes the pod',
    anObserved({ pods: [aPod({}, { phase: 'Pending', containerStatuses: [], conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available: Insufficient cpu.' }] })] }),
    'Unschedulable',
    'No node takes pod hvac-detector-abc: ask for less in spec.template.resources, correct spec.template.nodeSelector or affinity, or add nodes (0/1 nodes are available: Insufficient cpu.)',
  ],
])('%s', (_, observed, reason, message) => {
  expect(findTrouble(observed, topicsReady)).toEqual({ reason, message })
})

test('the cause is told before its effects', () => {
  const observed = anObserved({ credentials: { reason: 'SecretMissing', message: 'There is no Secret login' }, pods: [crashed('x')], lag: { kind: 'Unreadable', code: 'KAFKA_ACCESS_DENIED', message: 'm' } })
  expect(findTrouble(observed, topicsReady)?.reason).toBe('SecretMissing')
})

test('one restart is no trouble yet, nor is a topic that is on its way', () => {
  const observed = anObserved({ pods: [aPod({ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1 } } })] })
  expect(findTrouble(observed, { ...topicsReady, status: 'False', reason: 'Pending' })).toBeUndefined()
})

test.each([
  ['somebody else\'s autoscaler', anObserved({ autoscalers: [anAutoscaler(), anAutoscaler({ owner: 'other' })] }), 'AutoscalerConflict', 'The HorizontalPodAutoscaler mine scales Deployment hvac-detector as well, and the two would fight: delete it, and write spec.scaling instead'],
  ['KEDA is asked for and absent', anObserved({ spec: (spec) => (spec.scaling = { metricsSource: 'Keda' }) }), 'KedaMissing', 'spec.scaling.metricsSource is Keda, and KEDA is not installed, so nobody scales Deployment hvac-detector: install KEDA, or write Auto or Builtin'],
  ['the slot of external metrics is taken', anObserved({ platform: { ...platform, metricsSlot: 'Taken' } }), 'MetricsSlotTaken', 'external.metrics.k8s.io is served by somebody else in this cluster, and there is only one place for it, so the autoscaler cannot read the lag: install KEDA and write spec.scaling.metricsSource: Keda, or write minReplicas and maxReplicas alike'],
  ['the autoscaler reads nothing', anObserved({ autoscalers: [anAutoscaler({ status: 'False', message: 'unable to get external metric' })] }), 'MetricsUnavailable', 'The autoscaler cannot read the lag and holds the number of detectors: unable to get external metric'],
])('scaling: %s', (_, observed, reason, message) => {
  expect(findScalingTrouble(observed, nowMs)).toEqual({ reason, message })
})

test.each([
  ['not yet after 59 s', 59, undefined],
  ['after 60 s', 60, 'MetricsUnavailable'],
])('an autoscaler that has read nothing is in trouble: %s', (_, seconds, reason) => {
  const since = new Date(nowMs - seconds * 1_000).toISOString()
  const observed = anObserved({ autoscalers: [anAutoscaler({ status: 'False', message: 'the rate is not known before the second look', since })] })
  expect(findScalingTrouble(observed, nowMs)?.reason).toBe(reason)
  if (reason === undefined) expect(judgeAutoscaling(observed, nowMs)).toEqual({ status: 'Unknown', reason: 'NotReportedYet', message: 'The autoscaler has not read the lag yet: the rate is known after a few looks' })
})

test('KEDA does not say since when, so its object\'s age counts', () => {
  const scaledObject = (seconds: number): KubeObject => ({
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'hvac-detector', creationTimestamp: new Date(nowMs - seconds * 1_000).toISOString() },
    status: { conditions: [{ type: 'Ready', status: 'False', message: 'no answer' }] },
  })
  const reasonAfter = (seconds: number) => findScalingTrouble(anObserved({ platform: { ...platform, hasKeda: true }, scaledObject: scaledObject(seconds) }), nowMs)?.reason
  expect([reasonAfter(10), reasonAfter(61)]).toEqual([undefined, 'MetricsUnavailable'])
})
