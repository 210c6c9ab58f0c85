import type { KubeObject } from '@tidewatch/kube'
import { beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { uniqueName, useNamespace, usePlatform } from '../support/platform.ts'
import { aFleet } from '../support/stories.ts'
import { readTopic } from '../support/topics.ts'

const { cluster, kafka } = usePlatform()
const namespace = useNamespace('shards')

/** Twelve devices, ten readings a second of event time, for a minute that passes in six seconds. */
const shape = { devices: { count: 12 }, rate: 10, speed: 10, duration: '60s', jitter: 0, seed: 11, shards: 3 }

interface Sent {
  device: string
  text: string
}

/** Runs a fleet to its end and returns what is on its topic. */
async function runFleet(name: string, shards: number): Promise<{ sent: Sent[]; fleet: KubeObject | undefined }> {
  const topic = uniqueName(name)
  await cluster.apply([aFleet({ namespace, bootstrap: kafka.bootstrap, topic, name, partitions: 3 }, { ...shape, shards })])
  const read = () => cluster.read<KubeObject & { status?: { phase?: string; sent?: number } }>('devicefleet', name, namespace)
  const fleet = await eventually('the fleet is done', read, (object) => object?.status?.phase === 'Completed', { timeoutMs: 120_000, everyMs: 1_000 })
  const records = await readTopic(kafka.external, topic, ({ length }) => length >= (fleet?.status?.sent ?? 0))
  return { sent: records.map(({ key, value }) => ({ device: key?.toString() ?? '', text: value?.toString() ?? '' })), fleet }
}

const countByDevice = ({ sent }: { sent: Sent[] }) => [...Map.groupBy(sent, ({ device }) => device)].map(([device, readings]) => `${device}: ${readings.length}`).sort()

let three: Awaited<ReturnType<typeof runFleet>>
let one: typeof three
beforeAll(async () => void ([three, one] = await Promise.all([runFleet('three', 3), runFleet('one', 1)])))

test('three pods share the devices: every reading is sent once, and each device by one pod', async () => {
  const { sent, fleet } = three
  expect(fleet?.status).toMatchObject({ sent: sent.length, sendErrors: 0 })
  expect(new Set(sent.map(({ device }) => device)).size).toBe(12)
  expect(new Set(sent.map(({ text }) => text)).size).toBe(sent.length)
  const pods = await cluster.list<KubeObject & { status?: { phase?: string } }>('pods', namespace, 'tidewatch.dev/fleet=three')
  expect(pods.map(({ metadata, status }) => `${metadata.annotations?.['batch.kubernetes.io/job-completion-index']} ${status?.phase}`).sort()).toEqual(['0 Succeeded', '1 Succeeded', '2 Succeeded'])
})

test('as many readings of each device as from one pod', () => {
  expect(countByDevice(three)).toEqual(countByDevice(one))
})
