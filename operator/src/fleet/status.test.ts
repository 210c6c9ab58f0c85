import type { KubeObject } from '@tidewatch/kube'
import { describe, expect, test } from 'vitest'
import { buildConditionEvents } from './events.ts'
import { planFleet } from './plan.ts'
import { computeInvalidStatus, computeLeftAloneStatus, computeStatus, type FleetOutcome } from './status.ts'
import { anObserved, aPod, completed, failed, running, wantedJob } from './testing/an-observed.ts'

const nowMs = Date.parse('2026-01-02T12:00:00Z')
const fine: FleetOutcome = { failedWrite: undefined, failedTopics: undefined }
const job = wantedJob(anObserved())

type Change = NonNullable<Parameters<typeof anObserved>[0]>
const statusOf = (change: Change = {}, outcome = fine) => {
  const observed = anObserved(change)
  return computeStatus(observed, planFleet(observed), outcome, nowMs)
}
const told = (status: ReturnType<typeof statusOf>, type: string) => {
  const found = status.conditions?.find((one) => one.type === type)
  return [found?.status, found?.reason, found?.message]
}
const telemetry = { activeDevices: 10, sent: 1_234, sendErrors: 2, achievedRate: 99.6, injected: { spike: 3 } }

test('a fleet that sends', () => {
  expect(statusOf({ jobs: [running(job)], pods: [aPod(job, 0)], telemetry })).toEqual({
    phase: 'Running',
    conditions: (
      [
        ['Ready', 'True', 'Running', 'The simulators send'],
        ['Reconciling', 'False', 'Succeeded', 'Nothing is left to change'],
        ['Stalled', 'False', 'Succeeded', 'Nothing waits for anybody'],
        ['TopicsReady', 'True', 'Succeeded', 'The topic is there'],
        ['UsersReady', 'True', 'NotNeeded', 'Kafka asks for no login'],
        ['SimulatorsActive', 'True', 'Running', '1 of 1 simulators send'],
        ['Paused', 'False', 'NotPaused', 'The fleet is not paused'],
      ] as const
    ).map(([type, status, reason, message]) => ({ type, status, reason, message, observedGeneration: 3, lastTransitionTime: '2026-01-02T12:00:00Z' })),
    observedGeneration: 3,
    devices: 10,
    activeDevices: 10,
    sent: 1_234,
    sendErrors: 2,
    achievedRate: 100,
    injected: { spike: 3 },
  })
})

describe('the phase', () => {
  test.each<[string, Change, string]>([
    ['Pending', {}, 'Pending'],
    ['Pending', { jobs: [running(job, 0)] }, 'Progressing'],
    ['Paused', { spec: (spec) => (spec.paused = true), jobs: [job] }, 'Paused'],
    ['Completed', { jobs: [completed(job)] }, 'Completed'],
    ['Completed', { jobs: [completed(job)], spec: (spec) => (spec.paused = true) }, 'Completed'],
    ['Completed', { status: { phase: 'Completed', observedGeneration: 3, sent: 5 } }, 'Completed'],
    ['Failed', { jobs: [failed(job)] }, 'Failed'],
    ['Failed', { spec: (spec) => (spec.devices = { replay: { url: 'https://example.org/day.csv' } }) }, 'NotAvailableYet'],
    ['Pending', { topics: { kind: 'Unreadable', code: 'KAFKA_UNREACHABLE', message: 'No answer' } }, 'KafkaUnreachable'],
    ['Failed', { topics: { kind: 'Known', topics: { readings: { partitions: 2, config: {} } } } }, 'TopicConflict'],
  ])('%s', (phase, change, reason) => {
    const status = statusOf(change)
    expect([status.phase, told(status, 'Ready')[1]]).toEqual([phase, reason])
  })
})

describe('the numbers', () => {
  const report = JSON.stringify({ sent: 2_000, sendErrors: 0, achievedRate: 50.04, injected: { spike: 7 } })

  test('are exact when all is sent', () => {
    expect(statusOf({ jobs: [completed(job)], pods: [aPod(job, 0, 'Succeeded', report)], telemetry })).toMatchObject({ activeDevices: 0, sent: 2_000, sendErrors: 0, achievedRate: 50, injected: { spike: 7 }, completionTime: '2026-01-02T12:00:00Z' })
  })

  test('stay when the pods are gone and the scraped ones are lost', () => {
    const status = { phase: 'Completed', observedGeneration: 3, sent: 2_000, sendErrors: 0, achievedRate: 50, injected: { spike: 7 }, completionTime: '2026-01-02T12:00:00Z' }
    expect(statusOf({ jobs: [completed(job)], telemetry: { ...telemetry, sent: 10 }, status })).toMatchObject(status)
    expect(statusOf({ status })).toMatchObject(status)
  })

  test('stay for a moment in which nobody can be asked', () => {
    expect(statusOf({ jobs: [running(job)], status: { observedGeneration: 3, sent: 40 } }).sent).toBe(40)
  })

  test('of an earlier manifest are not kept', () => {
    expect(statusOf({ status: { observedGeneration: 2, sent: 40 } }).sent).toBeUndefined()
  })
})

test('a write that failed is told, and the generation does not count as acted on', () => {
  const status = statusOf({ status: { observedGeneration: 2 } }, { ...fine, failedWrite: { reason: 'QuotaExceeded', message: 'A quota is full' } })
  expect([status.observedGeneration, told(status, 'Ready'), told(status, 'Stalled')[0]]).toEqual([2, ['False', 'QuotaExceeded', 'A quota is full'], 'False'])
})

test('simulators that have failed for good: what to do', () => {
  expect(told(statusOf({ jobs: [failed(job)] }), 'Stalled')).toEqual([
    'True',
    'Failed',
    `Simulators have failed for good (Job has failed indexes): look at their log with kubectl logs, then change the fleet, or delete Job ${job.metadata.name} to try once more`,
  ])
})

test('simulators that have failed for good: the sentence of the report, not the report', () => {
  const pods = [aPod(job, 0, 'Failed', JSON.stringify({ sent: 3, sendErrors: 0, achievedRate: 1, injected: {}, error: 'There is no topic readings' }))]
  expect(told(statusOf({ jobs: [failed(job)], pods }), 'Ready')[2]).toBe(
    `Simulators have failed for good (There is no topic readings): look at their log with kubectl logs, then change the fleet, or delete Job ${job.metadata.name} to try once more`,
  )
})

test('a recording that is missing may yet come, so the fleet is not stalled', () => {
  const status = statusOf({ recording: { reason: 'RecordingMissing', message: 'There is no ConfigMap tape' } })
  expect([told(status, 'Ready'), told(status, 'Stalled')[0]]).toEqual([['False', 'RecordingMissing', 'There is no ConfigMap tape'], 'False'])
})

test('left alone by annotation: only that is told', () => {
  const before = { phase: 'Running', sent: 5, conditions: [{ type: 'Ready', status: 'True', reason: 'Running', message: 'The simulators send', observedGeneration: 3, lastTransitionTime: '2026-01-01T00:00:00Z' }] }
  const status = computeLeftAloneStatus(anObserved({ isLeftAlone: true, status: before }), nowMs)
  expect([status.phase, status.sent, told(status, 'Ready')[0], told(status, 'Paused')[1]]).toEqual(['Paused', 5, 'True', 'PausedByAnnotation'])
})

test('a manifest of another version: the numbers stay', () => {
  const object = { apiVersion: 'tidewatch.dev/v1alpha1', kind: 'DeviceFleet', metadata: { name: 'hvac', generation: 4 }, status: { sent: 5 } } as KubeObject
  const status = computeInvalidStatus({ kind: 'Invalid', object, message: 'spec.colour: is not known' }, nowMs)
  expect([status.phase, status.sent, told(status, 'Stalled')]).toEqual(['Failed', 5, ['True', 'InvalidSpec', 'spec.colour: is not known; the simulators go on as they are']])
})

describe('events', () => {
  const conditionsOf = (change: Parameters<typeof anObserved>[0] = {}) => statusOf(change).conditions

  test.each([
    ['begins to send', {}, { jobs: [running(job)] }, [{ type: 'Normal', reason: 'Running', action: 'Reconcile', note: 'The simulators send' }]],
    ['has sent everything', { jobs: [running(job)] }, { jobs: [completed(job)] }, [{ type: 'Normal', reason: 'Completed', action: 'Reconcile', note: 'The fleet has sent everything' }]],
    ['goes on sending', { jobs: [running(job)] }, { jobs: [running(job)] }, []],
    ['is being started', { jobs: [failed(job)] }, {}, []],
  ])('when it %s', (_, before, after, events) => {
    expect(buildConditionEvents(conditionsOf(before), conditionsOf(after))).toEqual(events)
  })
})
