import { detectionPipeline } from '@tidewatch/api'
import { expect, test } from 'vitest'
import type { Observed } from './observed.ts'
import { buildConditionEvents } from './events.ts'
import { planPipeline } from './plan.ts'
import { computeDeletingStatus, computeInvalidStatus, computeLeftAloneStatus, computeStatus, type Outcome, type PipelineStatus } from './status.ts'
import { aDeployment, anAutoscaler, anObserved, aPod } from './testing/an-observed.ts'

const noonMs = Date.UTC(2026, 0, 2, 12)
const well: Outcome = { failedWrite: undefined, failedTopics: undefined }
const statusOf = (observed: Observed, outcome = well, nowMs = noonMs) => computeStatus(observed, planPipeline(observed), outcome, nowMs)
const conditionOf = (status: PipelineStatus, type: string) => status.conditions?.find((one) => one.type === type)
const shortOf = (status: PipelineStatus) => Object.fromEntries((status.conditions ?? []).map(({ type, status: value, reason }) => [type, `${value} ${reason}`]))

test('the whole status of a pipeline that is well', () => {
  const telemetry = {
    readingsPerSecond: 10_240.4,
    anomalies: { lastHour: 17, total: 90 },
    watermarkMs: Date.UTC(2026, 0, 2, 11, 59, 58, 700),
    model: { devices: 11, warming: 1, bytes: 4_096 },
    accuracy: { precision: 0.91234, recall: undefined, byFault: { spike: { precision: undefined, recall: 1 } } },
  }
  const told = (type: string, status: string, reason: string, message: string) => ({ type, status, reason, message, observedGeneration: 3, lastTransitionTime: '2026-01-02T12:00:00Z' })
  const status = statusOf(anObserved({ telemetry }))
  expect(status).toEqual({
    phase: 'Running',
    conditions: [
      told('Ready', 'True', 'Running', 'The detectors run. Warming 10/11: so many group keys are judged, the others are still learning what is normal'),
      told('Reconciling', 'False', 'Succeeded', 'Nothing is left to change'),
      told('Stalled', 'False', 'Succeeded', 'Nothing waits for anybody'),
      told('TopicsReady', 'True', 'Succeeded', 'All 4 topics are there'),
      told('UsersReady', 'True', 'NotNeeded', 'Kafka asks for no login'),
      told('DetectorAvailable', 'True', 'Succeeded', '2 of 2 detectors run'),
      told('AutoscalingActive', 'True', 'Succeeded', 'The horizontal pod autoscaler sets the number of detectors by their lag'),
      told('PartitionsProgressing', 'True', 'Succeeded', 'No partition stands still'),
      told('Paused', 'False', 'NotPaused', 'The pipeline is not paused'),
    ],
    observedGeneration: 3,
    replicas: 2,
    selector: 'app.kubernetes.io/name=tidewatch-detector,app.kubernetes.io/instance=hvac,app.kubernetes.io/component=detector',
    detector: 'microClusters',
    lag: { total: 42, drainTime: '4s', worstPartition: 5 },
    readingsPerSecond: 10_240,
    anomalies: { lastHour: 17, total: 90 },
    watermark: '2026-01-02T11:59:58Z',
    model: { devices: 11, warming: 1, bytes: 4_096 },
    accuracy: { precision: 0.912, byFault: { spike: { recall: 1 } } },
  })
  expect(detectionPipeline.shape.status.parse(status)).toEqual(status)
})

test('what says the same later is the same, times included', () => {
  const observed = anObserved()
  const first = statusOf(observed)
  const later = anObserved({ object: { ...observed.object, status: first } })
  expect(statusOf(later, well, noonMs + 60_000)).toEqual(first)
})

test.each<[string, Observed, Outcome, string, Record<string, string>]>([
  ['topics are being made', anObserved({ topics: { kind: 'Known', topics: {} }, deployment: undefined }), well, 'Pending', { Ready: 'False Pending', Reconciling: 'True Pending', Stalled: 'False Succeeded', TopicsReady: 'False Pending' }],
  ['Kafka is down', anObserved({ topics: { kind: 'Unreadable', code: 'KAFKA_FAILED', message: 'm' } }), well, 'Degraded', { Ready: 'False KafkaUnreachable', Stalled: 'False Succeeded', TopicsReady: 'Unknown KafkaUnreachable', DetectorAvailable: 'True Succeeded' }],
  ['pods are being replaced', anObserved({ deployment: aDeployment({ available: 1 }) }), well, 'Degraded', { Ready: 'False Progressing', Reconciling: 'True Progressing', DetectorAvailable: 'False Progressing' }],
  ['pods crash', anObserved({ deployment: aDeployment({ available: 0 }), pods: [aPod({ restartCount: 3, state: { terminated: { exitCode: 1 } } })] }), well, 'Pending', { Ready: 'False CrashLooping', DetectorAvailable: 'False CrashLooping' }],
  ['paused', anObserved({ spec: (spec) => (spec.paused = true), deployment: aDeployment({ replicas: 0 }) }), well, 'Paused', { Ready: 'False Paused', DetectorAvailable: 'False Paused', AutoscalingActive: 'False Paused', PartitionsProgressing: 'Unknown Paused', Paused: 'True Paused' }],
  ['a sink that this release lacks', anObserved({ spec: (spec) => (spec.outputs = { sinks: { webhooks: [{ url: 'https://example.org' }] } }), deployment: undefined }), well, 'Failed', { Ready: 'False NotAvailableYet', Stalled: 'True NotAvailableYet' }],
  ['Kafka refuses a topic', anObserved(), { ...well, failedTopics: { reason: 'TopicInvalid', message: 'm' } }, 'Degraded', { Ready: 'False TopicInvalid', Stalled: 'True TopicInvalid', TopicsReady: 'False TopicInvalid' }],
  ['somebody else owns a field', anObserved(), { ...well, failedWrite: { reason: 'FieldConflict', message: 'm' } }, 'Degraded', { Ready: 'False FieldConflict', Stalled: 'True FieldConflict' }],
  ['the autoscaler reads nothing', anObserved({ autoscalers: [anAutoscaler({ status: 'False' })] }), well, 'Degraded', { Ready: 'True Running', AutoscalingActive: 'False MetricsUnavailable' }],
  ['the lag is not known', anObserved({ lag: { kind: 'Unreadable', code: 'LAG_TIMEOUT', message: 'm' } }), well, 'Running', { Ready: 'True Running', PartitionsProgressing: 'Unknown LagUnknown' }],
  ['there is nothing to scale', anObserved({ spec: (spec) => (spec.scaling = { minReplicas: 2, maxReplicas: 2 }), autoscalers: [] }), well, 'Running', { AutoscalingActive: 'False FixedReplicas' }],
])('%s', (_, observed, outcome, phase, conditions) => {
  const status = statusOf(observed, outcome)
  expect(status.phase).toBe(phase)
  expect(shortOf(status)).toMatchObject(conditions)
})

test('an input that has come to have more partitions is told of, and why fewer windows are judged', () => {
  const telemetry = { readingsPerSecond: 1, anomalies: undefined, watermarkMs: undefined, model: undefined, accuracy: undefined, partitionsGrowing: 3 }
  const status = statusOf(anObserved({ telemetry }))
  const condition = conditionOf(status, 'PartitionsProgressing')
  expect([status.phase, condition?.status, condition?.reason, condition?.message]).toEqual([
    'Running', 'True', 'KeysMoving',
    `Topic ${anObserved().pipeline.spec.source.topic.name} has more partitions than before. No reading is lost or counted twice. For about 10 minutes windows of which a part may lie in another partition are not judged; keys that move begin with new models`,
  ])
  const before = statusOf(anObserved()).conditions
  expect(buildConditionEvents(before, status.conditions)).toEqual([{ type: 'Normal', reason: 'KeysMoving', action: 'ReadPartitions', note: condition?.message }])
  expect(buildConditionEvents(status.conditions, before)).toEqual([])
})

test('partitions that stand still are named', () => {
  const status = statusOf(anObserved({ lag: { kind: 'Known', total: 9, drainSeconds: 1, worstPartition: 3, stuckPartitions: [5, 3] } }))
  expect([status.phase, conditionOf(status, 'PartitionsProgressing')?.message]).toEqual(['Degraded', "Partitions 3, 5 have records waiting and are not worked off: look at the detectors' logs; until then they do not count for scaling"])
})

test('a generation counts as acted on only after a complete pass', () => {
  const observed = anObserved()
  const before = anObserved({ object: { ...observed.object, status: { observedGeneration: 2 } } })
  expect(statusOf(before, { ...well, failedWrite: { reason: 'QuotaExceeded', message: 'm' } }).observedGeneration).toBe(2)
  expect(statusOf(before).observedGeneration).toBe(3)
})

test('a manifest of another version is told, and what was known of its detectors stays', () => {
  const { object } = anObserved()
  const status = computeInvalidStatus({ kind: 'Invalid', object: { ...object, status: { replicas: 2, phase: 'Running' } }, message: 'spec.detector: unknown' }, noonMs)
  expect([status.phase, status.replicas, conditionOf(status, 'Stalled')?.message]).toEqual(['Failed', 2, 'spec.detector: unknown; the detectors go on as they are'])
})

test('the annotation changes nothing but its own condition', () => {
  const observed = anObserved({ isLeftAlone: true })
  const first = statusOf(observed)
  const status = computeLeftAloneStatus(anObserved({ isLeftAlone: true, object: { ...observed.object, status: first } }), noonMs + 5_000)
  expect({ ...shortOf(first), Paused: 'True PausedByAnnotation' }).toEqual(shortOf(status))
  expect(computeLeftAloneStatus(anObserved({ isLeftAlone: true, object: { ...observed.object, status } }), noonMs + 9_000)).toEqual(status)
})

test('a deletion that waits says for what', () => {
  expect(computeDeletingStatus(anObserved().object, 'Waiting for the detectors to end', noonMs)).toMatchObject({ phase: 'Deleting', conditions: [{ type: 'Ready', reason: 'Deleting', message: 'Waiting for the detectors to end' }, { type: 'Reconciling', status: 'True' }, {}] })
})
