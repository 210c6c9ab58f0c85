import { createRecordSink, partitionOf, type OutputRecord } from '@tidewatch/kafka'
import { testBroker, testConnection, uniqueName } from '@tidewatch/kafka/testing'
import { createLogger, mulberry32 } from '@tidewatch/kit'
import { afterAll, afterEach, expect, test } from 'vitest'
import type { Verdict } from '../index.ts'
import { DetectorHarness } from '../testing/detector-harness.ts'
import type { DetectorProcess } from '../testing/detector-process.ts'
import { aPipelineConfig, createTopics } from '../testing/pipeline.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
const startMs = Math.floor((Date.now() - 86_400_000) / 10_000) * 10_000
const devices = Array.from({ length: 10 }, (_, i) => `device-${i}`)
const kafka = new DetectorHarness(testBroker())
let isOver = false
afterEach(() => {
  // Else the next one would be started.
  isOver = true
  return kafka.kill()
})
afterAll(() => kafka.close())

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

test.each(['ExactlyOnce', 'AtLeastOnce'] as const)('%s: the input is raised from 2 to 3 partitions under a running detector: nothing is lost, no window is judged on a part of its readings', async (delivery) => {
  const name = uniqueName('growth')
  const config = aPipelineConfig(name, {
    partitions: 2,
    // What comes to a new partition before anybody knows of it must not be passed over.
    startFrom: 'Latest',
    features: ['count', 'mean', 'range'],
    model: { kind: 'robustZScore', parameters: { warmUp: 5 } },
    warmUp: 5,
    allowedLatenessMs: 0,
    idleTimeoutMs: 86_400_000,
    delivery,
    checkpoint: { topic: `${name}-state`, intervalMs: 500 },
  })
  await createTopics(kafka.admin, config)
  isOver = false
  let last!: DetectorProcess
  const exits: (number | NodeJS.Signals | null)[] = []
  // What kubelet does: one that ends is started again.
  const supervised = (async () => {
    while (!isOver) {
      last = kafka.start(config)
      exits.push(await last.exited)
    }
  })()
  await kafka.until('the group has begun', async () => (await kafka.admin.readCommitted(name, name)).size === 2, 90_000)
  await send(name, 0, 200, () => 2)
  await kafka.until('the first part is committed', () => kafka.isDone(config), 90_000)
  await send(name, 200, 205, () => 2)
  await kafka.admin.ensureTopics([{ name, partitions: 3 }])
  // Each producer hears of it at another moment, in the middle of a window.
  await send(name, 205, 230, (second, device) => (second < 206 + device * 2 ? 2 : 3))
  await send(name, 230, 400, () => 3)
  await kafka.until('all is committed', () => kafka.isDone(config), 90_000)

  const scores = (await kafka.readAll(config.outputs.scores!)).map(({ value }) => JSON.parse(String(value)) as Verdict)
  expect(scores.filter(({ features }) => features['count'] !== 10)).toEqual([])
  if (delivery === 'ExactlyOnce') expect(scores.map(({ id }) => id)).toHaveLength(new Set(scores.map(({ id }) => id)).size)
  // Those that moved are judged again once their models are warm, in the new partition as well.
  const judgedAt = (partition: number) => scores.filter(({ offsets, window_start: start }) => offsets.partition === partition && Date.parse(start) >= startMs + 300_000).length
  const moved = devices.filter((device) => partitionOf(device, 2) !== partitionOf(device, 3))
  expect(moved.length).toBeGreaterThan(2)
  expect([0, 1, 2].map((partition) => judgedAt(partition) > 0)).toEqual([0, 1, 2].map((partition) => devices.some((device) => partitionOf(device, 3) === partition)))
  expect(await kafka.admin.readPartitionCount(config.checkpoint.topic)).toBe(3)
  expect(await last.read('tidewatch_detector_partitions_growing')).toBe(3)
  expect(last.output).toContain('The input has more partitions than before: windows of which a part may lie in another partition are not judged')
  isOver = true
  await last.signal('SIGTERM')
  await supervised
  expect(exits.at(-1)).toBe(0)
})
