import type { OutputRecord } from '@tidewatch/kafka'
import { testBroker, uniqueName } from '@tidewatch/kafka/testing'
import { mulberry32 } from '@tidewatch/kit'
import { afterAll, afterEach, expect, test } from 'vitest'
import { DetectorHarness } from '../testing/detector-harness.ts'
import { aPipelineConfig, createTopics } from '../testing/pipeline.ts'
import { TopologyDriver } from '../testing/topology-driver.ts'

const startMs = Math.floor((Date.now() - 86_400_000) / 10_000) * 10_000
const kafka = new DetectorHarness(testBroker())
afterEach(() => kafka.kill())
afterAll(() => kafka.close())

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

const text = (header: unknown) => String(header)

test.each(['ExactlyOnce', 'AtLeastOnce'] as const)('%s: what is too large for its topic is a dead letter with the reason, and everything else is there', async (delivery) => {
  const name = uniqueName('limits')
  const config = aPipelineConfig(name, {
    allowedLatenessMs: 0,
    warmUp: 4,
    idleTimeoutMs: 86_400_000,
    delivery,
    checkpoint: { topic: `${name}-state`, intervalMs: 500 },
  })
  const { anomalies, scores, deadLetters, late } = config.outputs
  const narrow = (bytes: number) => ({ 'max.message.bytes': String(bytes) })
  // Those of dead letters take less than one is cut to at first.
  await createTopics(kafka.admin, config, { [anomalies]: narrow(4_000), [scores!]: narrow(4_000), [deadLetters]: narrow(6_000), [late!]: narrow(4_000) })
  await kafka.sink.send(readings(name, 600))
  const driver = new TopologyDriver({ config, nowMs: Date.now() })
  for (const record of await kafka.readAll(name)) driver.step(record)
  const child = kafka.start(config)
  await kafka.until('all is committed', () => kafka.isDone(config))
  const counted = await child.scrape()
  expect(await child.signal('SIGTERM')).toBe(0)

  // A record of AtLeastOnce may be there twice.
  const distinct = (values: string[]) => [...new Set(values)].sort()
  const expected = driver.verdicts.map(({ verdict, device }) => ({ text: JSON.stringify(verdict), isLong: device === longName }))
  expect(distinct((await kafka.readAll(scores!)).map(({ value }) => String(value)))).toEqual(expected.filter(({ isLong }) => !isLong).map((one) => one.text).sort())
  const letters = (await kafka.readAll(deadLetters)).map(({ headers }) => `${text(headers?.['tidewatch-reason'])} ${text(headers?.['tidewatch-source-offset'])}`)
  const smallLate = driver.late.filter((record) => text(record.headers?.['note']).length < 3_500)
  const tooLarge = [
    ...driver.verdicts.filter(({ device }) => device === longName).map(({ verdict }) => `outputTooLarge ${verdict.offsets.last}`),
    ...driver.late.filter((record) => !smallLate.includes(record)).map(({ offset }) => `outputTooLarge ${offset}`),
  ]
  expect(tooLarge.length).toBeGreaterThan(10)
  expect(distinct(letters)).toEqual(distinct([...tooLarge, ...driver.deadLetters.map(({ record }) => `notJson ${record.offset}`)]))
  expect(distinct((await kafka.readAll(late!)).map(({ headers }) => text(headers?.['tidewatch-source-offset'])))).toEqual(smallLate.map(({ offset }) => String(offset)).sort())
  if (delivery === 'ExactlyOnce') expect(letters).toHaveLength(new Set(letters).size)
  const counter = (became: string) => counted.find(({ name: metric, labels }) => metric === 'tidewatch_detector_outputs_too_large_total' && labels['became'] === became)?.value
  expect(counter('shortened')).toBeGreaterThanOrEqual(tooLarge.length)
  expect(counter('leftOut')).toBe(0)
  expect(child.output).toContain('Outputs larger than their topics take went out in a smaller form')
})
