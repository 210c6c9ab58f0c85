import type { DetectorConfig } from '@tidewatch/api'
import { createPartitionReader, createRecordSink, createTopicAdmin, partitionOf, type OutputRecord, type PartitionReader, type TopicAdmin } from '@tidewatch/kafka'
import { testBroker, testConnection, uniqueName } from '@tidewatch/kafka/testing'
import { createLogger, mulberry32 } from '@tidewatch/kit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Verdict } from '../index.ts'
import { aConfig } from '../testing/a-config.ts'
import { DetectorProcess } from '../testing/detector-process.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
const startMs = Math.floor((Date.now() - 86_400_000) / 10_000) * 10_000
const devices = Array.from({ length: 10 }, (_, i) => `device-${i}`)
const processes: DetectorProcess[] = []
let admin: TopicAdmin
let reader: PartitionReader

beforeAll(() => {
  admin = createTopicAdmin({ connection: testConnection(), log })
  reader = createPartitionReader({ connection: testConnection(), log })
})
afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.signal('SIGKILL')))
})
afterAll(async () => {
  await Promise.all([reader.close(), admin.close()])
})

/** Readings of ten devices, one each second; a device's go to the partition of its key among as many as its producer knows of then. */
async function send(topic: string, from: number, to: number, partitionsAt: (second: number, device: number) => number): Promise<void> {
  const records: OutputRecord[] = []
  for (let second = from; second < to; second++) {
    for (const [d, device] of devices.entries()) {
      const value = { sensor_id: device, timestamp: new Date(startMs + second * 1_000).toISOString(), metric: 't', value: 20 + mulberry32(second * 16 + d)() }
      records.push({ topic, partition: partitionOf(device, partitionsAt(second, d)), key: device, value: JSON.stringify(value) })
    }
  }
  // A sink of its own: one that is older has not heard of new partitions.
  const sink = createRecordSink({ connection: testConnection(), log })
  await sink.send(records)
  await sink.close()
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + 90_000
  while (!(await isSo())) {
    if (Date.now() > deadlineMs) throw new Error(`waited in vain until ${what}\n${processes.map(({ output }) => output.slice(-6_000)).join('\n---\n')}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test.each(['ExactlyOnce', 'AtLeastOnce'] as const)('%s: the input is raised from 2 to 3 partitions under a running detector: nothing is lost, no window is judged on a part of its readings', async (delivery) => {
  const name = uniqueName('growth')
  const config: DetectorConfig = aConfig({
    pipeline: { name, namespace: 'default', uid: name },
    groupId: name,
    topic: name,
    partitions: 2,
    // What comes to a new partition before anybody knows of it must not be passed over.
    startFrom: 'Latest',
    groupBy: 'DeviceAndMetric',
    window: { kind: 'tumbling', sizeMs: 10_000 },
    features: ['count', 'mean', 'range'],
    model: { kind: 'robustZScore', parameters: { warmUp: 5 } },
    warmUp: 5,
    allowedLatenessMs: 0,
    idleTimeoutMs: 86_400_000,
    outputs: { anomalies: `${name}-anomalies`, scores: `${name}-scores`, deadLetters: `${name}-dead` },
    delivery,
    checkpoint: { topic: `${name}-state`, intervalMs: 500 },
  })
  await admin.ensureTopics([name, config.outputs.anomalies, config.outputs.scores!, config.outputs.deadLetters].map((topic) => ({ name: topic, partitions: 2 })))
  await admin.ensureTopics([{ name: config.checkpoint.topic, partitions: 2, config: { 'cleanup.policy': 'compact' } }])
  let isOver = false
  const exits: (number | NodeJS.Signals | null)[] = []
  // What kubelet does: one that ends is started again.
  const supervised = (async () => {
    while (!isOver) {
      const child = new DetectorProcess(config, testBroker(), { TIDEWATCH_SESSION_TIMEOUT_MS: '6000' })
      processes.push(child)
      exits.push(await child.exited)
    }
  })()
  await until('the group has begun', async () => (await admin.readCommitted(name, name)).size === 2)
  const isDone = async () => {
    const committed = await admin.readCommitted(name, name)
    return (await admin.readOffsets(name)).every(({ partition, logEndOffset }) => committed.get(partition)?.offset === logEndOffset)
  }
  await send(name, 0, 200, () => 2)
  await until('the first part is committed', isDone)
  await send(name, 200, 205, () => 2)
  await admin.ensureTopics([{ name, partitions: 3 }])
  // Each producer hears of it at another moment, in the middle of a window.
  await send(name, 205, 230, (second, device) => (second < 206 + device * 2 ? 2 : 3))
  await send(name, 230, 400, () => 3)
  await until('all is committed', isDone)

  const scores: Verdict[] = []
  for (const { partition, logEndOffset } of await admin.readOffsets(config.outputs.scores!)) {
    for (const { value } of await reader.read(config.outputs.scores!, partition, { from: 0, to: logEndOffset })) scores.push(JSON.parse(String(value)) as Verdict)
  }
  expect(scores.filter(({ features }) => features['count'] !== 10)).toEqual([])
  if (delivery === 'ExactlyOnce') expect(scores.map(({ id }) => id)).toHaveLength(new Set(scores.map(({ id }) => id)).size)
  // Those that moved are judged again once their models are warm, in the new partition as well.
  const judgedAt = (partition: number) => scores.filter(({ offsets, window_start: start }) => offsets.partition === partition && Date.parse(start) >= startMs + 300_000).length
  const moved = devices.filter((device) => partitionOf(device, 2) !== partitionOf(device, 3))
  expect(moved.length).toBeGreaterThan(2)
  expect([0, 1, 2].map((partition) => judgedAt(partition) > 0)).toEqual([0, 1, 2].map((partition) => devices.some((device) => partitionOf(device, 3) === partition)))
  expect(await admin.readPartitionCount(config.checkpoint.topic)).toBe(3)
  const last = processes.at(-1)!
  expect(await last.read('tidewatch_detector_partitions_growing')).toBe(3)
  expect(last.output).toContain('The input has more partitions than before: windows of which a part may lie in another partition are not judged')
  isOver = true
  await last.signal('SIGTERM')
  await supervised
  expect(exits.at(-1)).toBe(0)
})
