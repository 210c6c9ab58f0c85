import type { KubeObject } from '@tidewatch/kube'
import { beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { uniqueName, useNamespace, usePlatform } from '../support/platform.ts'
import { aFleet, aPipeline, readPodUids, waitForCondition } from '../support/stories.ts'
import { askKafka } from '../support/topics.ts'

const { cluster, kafka } = usePlatform()
const namespace = useNamespace('edit')
const topic = uniqueName('edit')
const where = { namespace, bootstrap: kafka.bootstrap, topic, name: 'plant', partitions: 4 }

interface Running {
  generation: number
  pods: Record<string, string>
}

/** The Deployment's generation and its pods, once nothing moves any more. */
async function readRunning(): Promise<Running> {
  const deployment = await eventually(
    'the Deployment stands still',
    () => cluster.read<KubeObject & { spec: { replicas?: number }; status?: { observedGeneration?: number; replicas?: number; updatedReplicas?: number; availableReplicas?: number } }>('deployment', 'plant-detector', namespace),
    (one) => {
      const { replicas = 1 } = one?.spec ?? {}
      const status = one?.status ?? {}
      return status.observedGeneration === one?.metadata.generation && (status.replicas ?? 0) === replicas && (status.updatedReplicas ?? 0) === replicas && (status.availableReplicas ?? 0) === replicas
    },
    { timeoutMs: 90_000 },
  )
  return { generation: deployment?.metadata.generation ?? 0, pods: await readPodUids(cluster, namespace, 'detector', 'plant') }
}

const edit = (spec: object) => cluster.patch('detectionpipeline', 'plant', namespace, { spec })
const readSeen = () => cluster.read<KubeObject & { status?: { observedGeneration?: number } }>('detectionpipeline', 'plant', namespace)
/** Waits until the operator has done everything about the last edit. */
const waitUntilSeen = () => eventually('the operator has seen the edit', readSeen, (one) => one?.status?.observedGeneration === one?.metadata.generation, { timeoutMs: 60_000 })

beforeAll(async () => {
  await cluster.apply([aPipeline(where)])
  await waitForCondition(cluster, 'detectionpipeline', where, { type: 'Ready', status: 'True' })
})

test('a topic\'s configuration is set in Kafka and touches no pod', async () => {
  const before = await readRunning()
  await edit({ source: { topic: { config: { 'retention.ms': '3600000' } } } })
  await eventually('Kafka has it', () => askKafka(kafka.external, (admin) => admin.readTopic(topic)), (one) => one?.config['retention.ms'] === '3600000', { timeoutMs: 40_000 })
  await waitUntilSeen()
  expect(await readRunning()).toEqual(before)
})

test('more partitions: the topics grow, the autoscaler may go as far, no pod is replaced', async () => {
  const before = await readRunning()
  await edit({ source: { topic: { partitions: 6 } } })
  await eventually('the topics have six', () => askKafka(kafka.external, (admin) => Promise.all([topic, `${topic}-anomalies`].map((name) => admin.readPartitionCount(name)))), (counts) => counts.every((count) => count === 6), { timeoutMs: 40_000 })
  await eventually('the autoscaler may start six', () => cluster.read<KubeObject & { spec: { maxReplicas?: number } }>('hpa', 'plant-detector', namespace), (hpa) => hpa?.spec.maxReplicas === 6, { timeoutMs: 30_000 })
  await waitUntilSeen()
  expect((await readRunning()).pods).toEqual(before.pods)
})

test('fewer partitions are refused when they are applied', async () => {
  await expect(edit({ source: { topic: { partitions: 5 } } })).rejects.toThrow('partitions cannot become fewer, because Kafka removes none: write at least as many as before')
})

test('more replicas: one pod comes beside the one that runs', async () => {
  const before = await readRunning()
  await edit({ scaling: { minReplicas: 2 } })
  const after = await eventually('two detectors run', readRunning, ({ pods }) => Object.keys(pods).length === 2, { timeoutMs: 90_000 })
  expect(after.pods).toMatchObject(before.pods)
  await edit({ scaling: { minReplicas: 1, maxReplicas: 1 } })
  await eventually('one detector runs', readRunning, ({ pods }) => Object.keys(pods).length === 1, { timeoutMs: 90_000 })
})

test('a parameter of the model: every pod is replaced, in one roll-out', async () => {
  const before = await readRunning()
  await edit({ detector: { robustZScore: { limit: 4 } } })
  const after = await eventually('other pods run', readRunning, ({ generation }) => generation > before.generation, { timeoutMs: 90_000 })
  expect(after.generation).toBe(before.generation + 1)
  expect(Object.keys(after.pods).filter((name) => name in before.pods)).toEqual([])
})

test('another output: its topic is there before the pods that write to it', async () => {
  const before = await readRunning()
  await edit({ outputs: { scores: { topic: `${topic}-scores` } } })
  await eventually('other pods run', readRunning, ({ generation }) => generation === before.generation + 1, { timeoutMs: 90_000 })
  expect(await askKafka(kafka.external, (admin) => admin.readPartitionCount(`${topic}-scores`))).toBe(6)
  const pods = await cluster.list<KubeObject & { status?: { containerStatuses?: { restartCount: number }[] } }>('pods', namespace, 'tidewatch.dev/pipeline=plant')
  expect(pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).flatMap(({ status }) => status?.containerStatuses?.map(({ restartCount }) => restartCount) ?? [])).toEqual([0])
})

test('paused: no pod runs and everything else stays; resumed: it goes on', async () => {
  await edit({ paused: true })
  await waitForCondition(cluster, 'detectionpipeline', where, { type: 'Paused', status: 'True', reason: 'Paused' })
  await eventually('no detector runs', () => readPodUids(cluster, namespace, 'detector', 'plant'), (pods) => Object.keys(pods).length === 0, { timeoutMs: 60_000 })
  expect(await cluster.read('configmap', 'plant-detector', namespace)).toBeDefined()
  await edit({ paused: false })
  await waitForCondition(cluster, 'detectionpipeline', where, { type: 'Ready', status: 'True', reason: 'Running' })
})

test('kubectl scale and kubectl explain behave as they do for built-in kinds', async () => {
  await edit({ scaling: { maxReplicas: 3 } })
  await cluster.run(['scale', 'dp/plant', '--replicas=2', '-n', namespace])
  await eventually('two detectors run', readRunning, ({ pods }) => Object.keys(pods).length === 2, { timeoutMs: 90_000 })
  expect(await cluster.run(['explain', 'dp.spec.scaling.targetDrainTime'])).toContain('Seconds of work that may lie waiting')
})

test('a fleet that sends at another rate: a Job takes the place of the one before, and another pod sends', async () => {
  const fleet = { ...where, topic: uniqueName('edit-fleet'), partitions: 1 }
  await cluster.apply([aFleet(fleet)])
  await waitForCondition(cluster, 'devicefleet', fleet, { type: 'SimulatorsActive', status: 'True' })
  const readJobs = async () => (await cluster.list('jobs', namespace, 'tidewatch.dev/fleet=plant')).map(({ metadata }) => metadata.uid)
  const [jobs, pods] = [await readJobs(), await readPodUids(cluster, namespace, 'simulator', 'plant')]
  await cluster.patch('devicefleet', 'plant', namespace, { spec: { rate: 20 } })
  await eventually('there is another Job, alone', readJobs, (uids) => uids.length === 1 && uids[0] !== jobs[0], { timeoutMs: 60_000 })
  await waitForCondition(cluster, 'devicefleet', fleet, { type: 'SimulatorsActive', status: 'True' })
  const after = await readPodUids(cluster, namespace, 'simulator', 'plant')
  expect(Object.keys(after)).toHaveLength(1)
  expect(Object.keys(after)).not.toEqual(Object.keys(pods))
})
