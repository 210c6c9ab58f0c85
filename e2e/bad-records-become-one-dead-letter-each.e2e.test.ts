import { createRecordSink, createRecordSource, createTopicAdmin, startEmbeddedKafka, type EmbeddedKafka, type KafkaRecord } from '@tidewatch/kafka'
import { createLogger } from '@tidewatch/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from './support/cli.ts'
import { useFolder } from './support/folder.ts'

const folder = useFolder()
const log = createLogger({ name: 'e2e', level: 'silent' })
let kafka: EmbeddedKafka
beforeAll(async () => {
  kafka = await startEmbeddedKafka()
})
afterAll(() => kafka.stop())

const reading = (over: Record<string, unknown> = {}): string =>
  JSON.stringify({ sensor_id: 'sensor_000001', timestamp: new Date().toISOString(), metric: 'temperature', value: 25.5, ...over })

/** What is written, and the reason that it must come back with. */
const bad: [string, string, string][] = [
  ['not JSON', 'temperature=25.5', 'notJson'],
  ['lacks a field', reading({ value: undefined }), 'missingField'],
  ['has NaN', reading().replace('25.5', 'NaN'), 'notJson'],
  ['has a wrong type', reading({ value: { celsius: 25.5 } }), 'wrongType'],
  ['a date in 1970', reading({ timestamp: '1970-01-01T00:00:00Z' }), 'timestampOutOfRange'],
  ['a date in 2100', reading({ timestamp: '2100-01-01T00:00:00Z' }), 'timestampTooFarAhead'],
  ['1 MiB of text', 'x'.repeat(1_048_576), 'tooLarge'],
]

test('each bad record is one dead letter with reason and origin, and the rest is unharmed', async () => {
  const connection = { brokers: kafka.brokers, clientId: 'e2e' }
  const admin = createTopicAdmin({ connection, log })
  await admin.ensureTopics([{ name: 'readings', partitions: 1, replicationFactor: 1, config: { 'max.message.bytes': '2097152' } }])
  const sink = createRecordSink({ connection, log })
  const good = 100
  for (const [index, [, value]] of bad.entries()) {
    await sink.send([
      ...Array.from({ length: index === 0 ? good : 1 }, (_, i) => ({ topic: 'readings', partition: 0, key: 'sensor_000001', value: reading({ value: 20 + (i % 5) }) })),
      { topic: 'readings', partition: 0, key: `bad-${index}`, value },
    ])
  }
  await sink.close()

  const manifest = folder.write(
    'pipeline.yaml',
    `apiVersion: tidewatch.dev/v1alpha1
kind: DetectionPipeline
metadata: { name: readings }
spec:
  kafka: { bootstrapServers: "${kafka.brokers}" }
  source: { topic: { name: readings, partitions: 1 }, preset: SensorReading }
  window: { none: {} }
  detector: { robustZScore: {} }
  delivery: AtLeastOnce
`,
  )
  const { code, stdout, stderr } = await runCli(['up', '-f', manifest, '--for', '8s', '--summary', folder.path('summary.json')])
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(folder.readJson('summary.json')).toMatchObject({
    sent: 0,
    processed: good + bad.length - 1,
    deadLetters: bad.length,
    deadLettersByReason: { notJson: 2, missingField: 1, wrongType: 1, timestampOutOfRange: 1, timestampTooFarAhead: 1, tooLarge: 1 },
    lag: 0,
  })
  expect(stdout).toMatch(/^dead letters +7 \(notJson 2, /m)

  const letters = await readAll('readings-dead-letters')
  expect(letters.map(({ key, headers }) => [key?.toString(), text(headers?.['tidewatch-reason']), text(headers?.['tidewatch-source-topic'])])).toEqual(
    bad.map(([, , reason], index) => [`bad-${index}`, reason, 'readings']),
  )
  expect(letters.map(({ headers }) => Number(text(headers?.['tidewatch-source-offset'])))).toEqual(bad.map((_, index) => good + index * 2))
  expect(letters[0]?.value?.toString()).toBe('temperature=25.5')
  await admin.close()

  async function readAll(topic: string): Promise<KafkaRecord[]> {
    const source = createRecordSource({ connection, log, groupId: 'e2e', topic })
    const records: KafkaRecord[] = []
    for await (const event of source) {
      if (event.kind === 'assigned') event.start(event.partitions.map(({ topic: name, partition, logStartOffset }) => ({ topic: name, partition, offset: logStartOffset })))
      else if (event.kind === 'batch') records.push(...event.batch.records)
      else if (records.length >= bad.length) break
    }
    await source.close()
    return records
  }
})

const text = (header: unknown): string => (header as Buffer | string | undefined)?.toString() ?? ''
