import { createLogger } from '@tidewatch/kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTopicAdmin, type TopicAdmin } from '../admin.ts'
import { createRecordSink } from '../sink.ts'
import { createRecordSource } from '../source.ts'
import { readTopicWithJava, writeTopicWithJava } from '../testing/java-tools.ts'
import { readRecords } from '../testing/read-records.ts'
import { testBroker, testConnection, uniqueName } from '../testing/test-broker.ts'
import { codecs, type Compression } from './index.ts'

const log = createLogger({ name: 'test', level: 'fatal' })
const compressions = Object.keys(codecs) as Compression[]
let admin: TopicAdmin

beforeAll(() => {
  admin = createTopicAdmin({ connection: testConnection(), log })
})
afterAll(() => admin.close())

/** More than one block of any codec, partly alike and partly not. */
const lines = Array.from({ length: 400 }, (_, i) => `${i} ${'tide'.repeat((i % 50) * 8)} ${Math.sin(i)}`)

async function aTopic(): Promise<string> {
  const name = uniqueName('codec')
  // Left to the producer: the broker must not pack anything again.
  await admin.ensureTopics([{ name, partitions: 1, config: { 'compression.type': 'producer' } }])
  return name
}

test.each(compressions)('what we write with %s, the Java client reads', async (compression) => {
  const topic = await aTopic()
  const sink = createRecordSink({ connection: testConnection(), log, compression })
  await sink.send(lines.map((value) => ({ topic, key: null, value })))
  await sink.close()
  expect(await readTopicWithJava(testBroker(), topic, lines.length)).toEqual(lines)
})

test.each(compressions)('what the Java client writes with %s, we read', async (compression) => {
  const topic = await aTopic()
  await writeTopicWithJava(testBroker(), topic, lines, compression)
  const source = createRecordSource({ connection: testConnection(), log, topic, groupId: uniqueName('group') })
  const records = await readRecords(source, lines.length)
  await source.close()
  expect(records.map(({ value }) => String(value))).toEqual(lines)
})
