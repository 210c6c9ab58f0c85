import type { DetectorConfig } from '@tidewatch/api'
import { createPartitionReader, createRecordSink, createTopicAdmin, type KafkaRecord, type OutputRecord, type PartitionReader, type RecordSink, type TopicAdmin } from '@tidewatch/kafka'
import { testBroker, testConnection, uniqueName } from '@tidewatch/kafka/testing'
import { createLogger, mulberry32 } from '@tidewatch/kit'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { aConfig } from '../testing/a-config.ts'
import { DetectorProcess } from '../testing/detector-process.ts'
import { TopologyDriver } from '../testing/topology-driver.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
const startMs = Math.floor((Date.now() - 86_400_000) / 10_000) * 10_000
const processes: DetectorProcess[] = []
let admin: TopicAdmin
let sink: RecordSink
let reader: PartitionReader

beforeAll(() => {
  admin = createTopicAdmin({ connection: testConnection(), log })
  sink = createRecordSink({ connection: testConnection(), log })
  reader = createPartitionReader({ connection: testConnection(), log })
})
afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.signal('SIGKILL')))
})
afterAll(async () => {
  await Promise.all([sink.close(), reader.close(), admin.close()])
})

/** A device whose name alone is more than the topic of scores takes. */
const longName = 'n'.repeat(5_000)

/** Two devices, bad records of several sizes, and late ones with a large header. */
function readings(topic: string, seconds: number): OutputRecord[] {
  const records: OutputRecord[] = []
  for (let second = 0; second < seconds; second++) {
    const timestamp = (lateS = 0) => new Date(startMs + (second - lateS) * 1_000).toISOString()
    const draw = mulberry32(second)
    for (const device of ['short', longName]) records.push({ topic, partition: 0, key: 'k', value: JSON.stringify({ sensor_id: device, timestamp: timestamp(), metric: 't', value: 20 + draw() }) })
    if (second % 20 === 19) records.push({ topic, partition: 0, key: 'bad', value: 'x'.repeat(10 + second * 60) })
    if (second % 50 === 49) records.push({ topic, partition: 0, key: 'late', value: JSON.stringify({ sensor_id: 'short', timestamp: timestamp(40), metric: 't', value: 1 }), headers: { note: 'y'.repeat(second * 20) } })
  }
  return records
}

async function readAll(topic: string): Promise<KafkaRecord[]> {
  const { logEndOffset } = await reader.readBounds(topic, 0)
  return reader.read(topic, 0, { from: 0, to: logEndOffset })
}

const text = (header: unknown) => String(header)

test.each(['ExactlyOnce', 'AtLeastOnce'] as const)('%s: what is too large for its topic is a dead letter with the reason, and everything else is there', async (delivery) => {
  const name = uniqueName('limits')
  const config: DetectorConfig = aConfig({
    pipeline: { name, namespace: 'default', uid: name },
    groupId: name,
    topic: name,
    groupBy: 'DeviceAndMetric',
    window: { kind: 'tumbling', sizeMs: 10_000 },
    outputs: { anomalies: `${name}-anomalies`, scores: `${name}-scores`, deadLetters: `${name}-dead`, late: `${name}-late` },
    allowedLatenessMs: 0,
    warmUp: 4,
    idleTimeoutMs: 86_400_000,
    delivery,
    checkpoint: { topic: `${name}-state`, intervalMs: 500 },
  })
  const { anomalies, scores, deadLetters, late } = config.outputs
  const narrow = (bytes: number) => ({ config: { 'max.message.bytes': String(bytes) } })
  await admin.ensureTopics([
    { name, partitions: 1 }, { name: anomalies, partitions: 1, ...narrow(4_000) }, { name: scores!, partitions: 1, ...narrow(4_000) },
    // Less than a dead letter is cut to at first.
    { name: deadLetters, partitions: 1, ...narrow(6_000) }, { name: late!, partitions: 1, ...narrow(4_000) },
    { name: config.checkpoint.topic, partitions: 1, config: { 'cleanup.policy': 'compact' } },
  ])
  const records = readings(name, 600)
  await sink.send(records)
  const driver = new TopologyDriver({ config, nowMs: Date.now() })
  for (const record of await readAll(name)) driver.step(record)
  const child = new DetectorProcess(config, testBroker())
  processes.push(child)
  const deadlineMs = Date.now() + 60_000
  while ((await admin.readCommitted(name, name)).get(0)?.offset !== records.length) {
    if (Date.now() > deadlineMs) throw new Error(`the detector did not come to the end:\n${child.output.slice(-6_000)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const counted = await child.scrape()
  expect(await child.signal('SIGTERM')).toBe(0)

  // A record of AtLeastOnce may be there twice.
  const distinct = (values: string[]) => [...new Set(values)].sort()
  const expected = driver.verdicts.map(({ verdict, device }) => ({ text: JSON.stringify(verdict), isLong: device === longName }))
  expect(distinct((await readAll(scores!)).map(({ value }) => String(value)))).toEqual(expected.filter(({ isLong }) => !isLong).map((one) => one.text).sort())
  const letters = (await readAll(deadLetters)).map(({ headers }) => `${text(headers?.['tidewatch-reason'])} ${text(headers?.['tidewatch-source-offset'])}`)
  const smallLate = driver.late.filter((record) => text(record.headers?.['note']).length < 3_500)
  const tooLarge = [
    ...driver.verdicts.filter(({ device }) => device === longName).map(({ verdict }) => `outputTooLarge ${verdict.offsets.last}`),
    ...driver.late.filter((record) => !smallLate.includes(record)).map(({ offset }) => `outputTooLarge ${offset}`),
  ]
  expect(tooLarge.length).toBeGreaterThan(10)
  expect(distinct(letters)).toEqual(distinct([...tooLarge, ...driver.deadLetters.map(({ record }) => `notJson ${record.offset}`)]))
  expect(distinct((await readAll(late!)).map(({ headers }) => text(headers?.['tidewatch-source-offset'])))).toEqual(smallLate.map(({ offset }) => String(offset)).sort())
  if (delivery === 'ExactlyOnce') expect(letters).toHaveLength(new Set(letters).size)
  const counter = (became: string) => counted.find(({ name: metric, labels }) => metric === 'tidewatch_detector_outputs_too_large_total' && labels['became'] === became)?.value
  expect(counter('shortened')).toBeGreaterThanOrEqual(tooLarge.length)
  expect(counter('leftOut')).toBe(0)
  expect(child.output).toContain('Outputs larger than their topics take went out in a smaller form')
})
