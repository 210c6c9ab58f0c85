import { createLogger, FakeClock, Registry } from '@tidewatch/kit'
import { expect, test } from 'vitest'
import { KubeUnreachable } from './errors.ts'
import { buildEvent, cutToBytes, identifyEvent, nameEvent, type KubeEvent } from './event-object.ts'
import { createEventRecorder } from './events.ts'
import { resources } from './resource.ts'
import { anObject } from './testing/an-object.ts'
import { FakeKube } from './testing/fake-kube.ts'
import { takeToken, type TokenBucket } from './token-bucket.ts'

const pipeline = anObject('hvac', { metadata: { uid: 'uid-1', resourceVersion: '9' } }, resources.detectionPipelines, 'plant')
const startMs = Date.parse('2026-01-02T03:04:05.678Z')
const anEvent = (fields: Partial<KubeEvent> = {}): KubeEvent => ({ regarding: pipeline, type: 'Warning', reason: 'TopicsMissing', action: 'Check', note: 'The topic "readings" is missing', ...fields })

function open() {
  const [kube, clock, registry] = [new FakeKube(), new FakeClock(startMs), new Registry()]
  const lines: string[] = []
  const log = createLogger({ name: 'test', destination: { write: (line) => void lines.push(line) } })
  const recorder = createEventRecorder({ kube, component: 'tidewatch.dev/operator', instance: 'operator-0', clock, log, registry })
  const results = async () => {
    const metric = await registry.getSingleMetric('tidewatch_kubernetes_events_total')?.get()
    return Object.fromEntries((metric?.values ?? []).map(({ labels, value }): [string, number] => [String(labels.result), value]))
  }
  return { kube, clock, recorder, lines, results }
}

test('an event says what, about what, by whom and when', () => {
  const related = anObject('hvac-detector', { metadata: { uid: 'uid-2' } }, resources.deployments, 'plant')
  const series = { name: 'hvac.1', firstMs: startMs, lastMs: startMs, count: 1 }
  expect(buildEvent(anEvent({ related }), series, { component: 'tidewatch.dev/operator', instance: 'operator-0' })).toEqual({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'hvac.1', namespace: 'plant' },
    eventTime: '2026-01-02T03:04:05.678000Z',
    reportingController: 'tidewatch.dev/operator',
    reportingInstance: 'operator-0',
    type: 'Warning',
    reason: 'TopicsMissing',
    action: 'Check',
    note: 'The topic "readings" is missing',
    regarding: { apiVersion: 'tidewatch.dev/v1alpha1', kind: 'DetectionPipeline', name: 'hvac', namespace: 'plant', uid: 'uid-1' },
    related: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'hvac-detector', namespace: 'plant', uid: 'uid-2' },
  })
})

test('the event of an object without a namespace lies in default', () => {
  const regarding = anObject('v1beta1.external.metrics.k8s.io', {}, resources.apiServices)
  expect(buildEvent(anEvent({ regarding }), { name: 'a', firstMs: 0, lastMs: 0, count: 1 }, { component: 'c', instance: 'i' }).metadata.namespace).toBe('default')
})

test('the same event within 10 minutes is one object with a count', async () => {
  const { kube, clock, recorder, results } = open()
  await recorder.record(anEvent())
  clock.advance(60_000)
  await recorder.record(anEvent())
  clock.advance(599_999)
  await recorder.record(anEvent())
  expect(kube.objects(resources.events).map(({ series, eventTime }) => [eventTime, series])).toEqual([['2026-01-02T03:04:05.678000Z', { count: 3, lastObservedTime: '2026-01-02T03:15:05.677000Z' }]])
  expect(await results()).toEqual({ written: 1, repeated: 2 })
})

test('after 10 minutes of silence it is a new one', async () => {
  const { kube, clock, recorder } = open()
  await recorder.record(anEvent())
  clock.advance(600_000)
  await recorder.record(anEvent())
  expect(kube.objects(resources.events).map(({ series }) => series)).toEqual([undefined, undefined])
})

test.each([
  ['another note', anEvent({ note: 'Another' }), 2],
  ['another note with the same key', anEvent({ note: 'Another', dedupeKey: 'k' }), 1],
  ['another reason', anEvent({ reason: 'Other', dedupeKey: 'k' }), 2],
  ['another object of the same name', anEvent({ dedupeKey: 'k', regarding: { ...pipeline, metadata: { ...pipeline.metadata, uid: 'uid-9' } } }), 2],
  ['another version of the same object', anEvent({ dedupeKey: 'k', regarding: { ...pipeline, metadata: { ...pipeline.metadata, resourceVersion: '10' } } }), 1],
])('the same or not: %s', async (_, second, count) => {
  const { kube, recorder } = open()
  await recorder.record(anEvent(second.dedupeKey === undefined ? {} : { dedupeKey: 'k' }))
  await recorder.record(second)
  expect(kube.objects(resources.events).length).toBe(count)
})

test('events at the same time are counted one after another', async () => {
  const { kube, recorder } = open()
  await Promise.all([recorder.record(anEvent()), recorder.record(anEvent()), recorder.record(anEvent())])
  expect(kube.objects(resources.events).map(({ series }) => (series as { count: number }).count)).toEqual([3])
})

test('an object in trouble writes 25 events and then one each 5 minutes; others are not held up by it', async () => {
  const { kube, clock, recorder, results } = open()
  for (let number = 0; number < 40; number++) await recorder.record(anEvent({ note: `Trouble ${number}` }))
  expect(kube.objects(resources.events).length).toBe(25)
  await recorder.record(anEvent({ regarding: anObject('other', { metadata: { uid: 'uid-2' } }, resources.detectionPipelines, 'plant') }))
  expect(kube.objects(resources.events).length).toBe(26)
  clock.advance(300_000)
  for (let number = 40; number < 45; number++) await recorder.record(anEvent({ note: `Trouble ${number}` }))
  expect(await results()).toEqual({ written: 27, dropped: 19 })
})

test('what was dropped is in the count of the next one written', async () => {
  const { kube, clock, recorder } = open()
  for (let number = 0; number < 30; number++) await recorder.record(anEvent())
  clock.advance(300_000)
  await recorder.record(anEvent())
  expect(kube.objects(resources.events).map(({ series }) => (series as { count: number }).count)).toEqual([31])
})

test('a failure is logged and counted, and hurts nobody', async () => {
  const { kube, recorder, lines, results } = open()
  kube.failNext(new KubeUnreachable('the API server is away'), 'events')
  await recorder.record(anEvent())
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([{ level: 'warn', msg: 'Failed to write an event', kind: 'DetectionPipeline', name: 'hvac', reason: 'TopicsMissing', err: { message: 'the API server is away' } }])
  await recorder.record(anEvent())
  expect(await results()).toEqual({ failed: 1, repeated: 1 })
  expect(kube.objects(resources.events).length).toBe(1)
})

test.each([
  ['what fits stays', 'abc', 3, 'abc'],
  ['the cut is told', 'abcdefgh', 6, 'abc...'],
  ['no half character of two bytes', 'ääää', 6, 'ä...'],
  ['no half character of four bytes', 'a\u{1F30A}\u{1F30A}', 8, 'a\u{1F30A}...'],
])('a note: %s', (_, text, maxBytes, expected) => {
  expect(cutToBytes(text, maxBytes)).toBe(expected)
  expect(Buffer.byteLength(cutToBytes(text, maxBytes))).toBeLessThanOrEqual(maxBytes)
})

test('names are valid, and differ within one millisecond', () => {
  const names = [nameEvent('a'.repeat(253), startMs, 0), nameEvent('a'.repeat(253), startMs, 1)]
  expect(names[0]).not.toBe(names[1])
  for (const name of names) expect(name).toMatch(/^a{200}\.[0-9a-f]{14,16}$/)
})

test('an identity is the same for the same event only', () => {
  expect(identifyEvent(anEvent())).toBe(identifyEvent(anEvent({ action: 'Other' })))
  expect(identifyEvent(anEvent())).not.toBe(identifyEvent(anEvent({ type: 'Normal' })))
})

test('a bucket gives its burst at once, then one for each period, and never more than its burst', () => {
  const take = (bucket: TokenBucket | undefined, nowMs: number) => takeToken(bucket, { burst: 2, refillMs: 100, nowMs })
  const second = take(take(undefined, 0), 0)
  expect([second, take(second, 99), take(second, 100), take(second, 10_000)]).toEqual([{ tokens: 0, atMs: 0 }, undefined, { tokens: 0, atMs: 100 }, { tokens: 1, atMs: 10_000 }])
})
