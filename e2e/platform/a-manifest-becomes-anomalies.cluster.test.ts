import type { KubeObject } from '@tidewatch/kube'
import { expect, test } from 'vitest'
import { parseColumns } from '../support/columns.ts'
import { eventually } from '../support/eventually.ts'
import { readHvacSample } from '../support/hvac-sample.ts'
import { readEvents, uniqueName, useNamespace, usePlatform } from '../support/platform.ts'
import { waitForCondition } from '../support/stories.ts'
import { askKafka, countRecords, readTopic } from '../support/topics.ts'

const { cluster, kafka } = usePlatform()
const namespace = useNamespace('hvac')
const topic = uniqueName('iot-metrics')
const sample = readHvacSample({ namespace, bootstrap: kafka.bootstrap, topic })
const pipeline = { namespace, name: 'hvac' }

const readRow = async (kind: 'dp' | 'fleet') => parseColumns(await cluster.run(['get', kind, 'hvac', '-n', namespace]))[0] ?? {}
const readFleet = () => cluster.read<KubeObject & { status?: { phase?: string; sent?: number; sendErrors?: number; injected?: Record<string, number> } }>('devicefleet', 'hvac', namespace)

test('two manifests applied become topics and ready pods', async () => {
  await cluster.apply([sample.fleet, sample.pipeline])
  await waitForCondition(cluster, 'detectionpipeline', pipeline, { type: 'Ready', status: 'True', reason: 'Running' })
  await waitForCondition(cluster, 'devicefleet', pipeline, { type: 'SimulatorsActive', status: 'True' })
  const partitions = await askKafka(kafka.external, (admin) => Promise.all([topic, `${topic}-anomalies`, `${topic}-dead-letters`].map((name) => admin.readPartitionCount(name))))
  expect(partitions).toEqual([4, 4, 4])
  const children = await cluster.list('configmap,serviceaccount,deployment,service,hpa,pdb,networkpolicy', namespace, 'tidewatch.dev/pipeline=hvac')
  expect(children.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual(
    ['ConfigMap', 'Deployment', 'HorizontalPodAutoscaler', 'NetworkPolicy', 'PodDisruptionBudget', 'Service', 'ServiceAccount'].map((kind) => `${kind} hvac-detector`),
  )
})

test('while readings flow the columns say so', async () => {
  const row = await eventually('the pipeline tells of its readings', () => readRow('dp'), (one) => Number(one['READINGS/S']) > 0, { timeoutMs: 60_000 })
  expect(row).toMatchObject({ NAME: 'hvac', TOPIC: topic, DETECTOR: 'microClusters', READY: 'True', REPLICAS: expect.stringMatching(/^[1-4]$/), LAG: expect.stringMatching(/^\d+$/), AGE: expect.stringMatching(/^\d+[sm]/) })
  expect(await readRow('fleet')).toMatchObject({ NAME: 'hvac', TOPIC: topic, DEVICES: '11', READY: 'True', AGE: expect.stringMatching(/^\d+[sm]/) })
})

test('anomalies arrive on their topic', async () => {
  const [record] = await readTopic(kafka.external, `${topic}-anomalies`, (records) => records.length >= 3, 120_000)
  const verdict = JSON.parse(record?.value?.toString() ?? '{}') as Record<string, unknown>
  expect(verdict).toMatchObject({ device_id: expect.any(String), window_start: expect.any(String), window_end: expect.any(String), anomaly_score: expect.any(Number), is_anomaly: true })
})

test('the fleet ends with every reading counted, and the pipeline has read them all', async () => {
  const fleet = await eventually('the fleet is done', readFleet, (object) => object?.status?.phase === 'Completed', { timeoutMs: 150_000, everyMs: 1_000 })
  expect(fleet?.status).toMatchObject({ sent: await countRecords(kafka.external, topic), sendErrors: 0, injected: { spike: expect.any(Number), drift: expect.any(Number) } })
  const row = await eventually('nothing waits any more', () => readRow('dp'), (one) => one['LAG'] === '0' && Number(one['ANOMALIES(1H)']) > 0, { timeoutMs: 60_000 })
  // Read, because offsets count the marker of each transaction, too.
  const compare = async () => {
    const told = Number((await readRow('dp'))['ANOMALIES(1H)'])
    return { told, written: (await readTopic(kafka.external, `${topic}-anomalies`, ({ length }) => length >= told)).length }
  }
  await eventually('the status counts what is on the topic', compare, ({ told, written }) => told === written, { timeoutMs: 60_000, everyMs: 5_000 })
  expect(row).toMatchObject({ READY: 'True' })
})

test('what happened is told in events, and none of it twice', async () => {
  const events = await readEvents(cluster, namespace, 'DetectionPipeline', 'hvac')
  expect(events.filter(({ type }) => type === 'Warning')).toEqual([])
  expect(events.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['TopicCreated', 'Running']))
  const notes = events.map(({ reason, note }) => `${reason}: ${note}`)
  expect(notes).toEqual([...new Set(notes)])
})
