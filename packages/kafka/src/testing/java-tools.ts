import { randomBytes } from 'node:crypto'
import { createLogger } from '@tidewatch/kit'
import { createTopicAdmin } from '../admin.ts'
import { kafkaTool } from '../embedded/tools.ts'
import { createRecordSink } from '../sink.ts'
import { consumeWithJava, type ShownRecord } from './console-consumer.ts'

/** What stands behind the last record of each partition, so that a reader knows that it has seen all. */
const endMark = 'the end of what was written'
/** A reader that gets nothing for so long will get nothing more: a transaction hangs before the end. On a busy machine it takes its time to begin. */
const patienceMs = 60_000

/**
 * The values of a topic as Kafka's own console consumer shows them: committed transactions only, by partition and offset. It writes an end
 * mark into each partition and reads until it has seen them all, however slow the machine is; later readers are not shown the marks.
 *
 * @param count where given, no more are read than that, and nothing is written.
 * @returns what it was shown, also where end marks stay out of sight.
 */
export async function readTopicWithJava(brokers: string, topic: string, count?: number): Promise<string[]> {
  const mark = `${endMark} ${randomBytes(6).toString('hex')}`
  let unseen = count === undefined ? await writeEndMarks(brokers, topic, mark) : Infinity
  const records: ShownRecord[] = []
  for await (const record of consumeWithJava(brokers, topic, { timeoutMs: patienceMs, count })) {
    if (record.value === mark && --unseen === 0) break
    if (!record.value.startsWith(endMark)) records.push(record)
  }
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset).map(({ value }) => value)
}

/** @returns how many there are. */
async function writeEndMarks(brokers: string, topic: string, mark: string): Promise<number> {
  const options = { connection: { brokers, clientId: 'end-marks' }, log: createLogger({ name: 'end-marks', level: 'fatal' }) }
  const [admin, sink] = [createTopicAdmin(options), createRecordSink(options)]
  try {
    const partitions = (await admin.readPartitionCount(topic)) ?? 0
    await sink.send(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, key: null, value: mark })))
    return partitions
  } finally {
    await Promise.all([admin.close(), sink.close()])
  }
}

/** Writes lines with Kafka's own console producer, one record per line; a key stands before a tab where there are keys. */
export async function writeTopicWithJava(
  brokers: string,
  topic: string,
  lines: readonly string[],
  compression: string,
  { hasKeys = false } = {},
): Promise<void> {
  const args = ['--bootstrap-server', brokers, '--topic', topic, '--compression-codec', compression]
  if (hasKeys) args.push('--property', 'parse.key=true')
  const { exitCode, stderr } = await kafkaTool('org.apache.kafka.tools.ConsoleProducer', args, `${lines.join('\n')}\n`)
  if (exitCode !== 0) throw new Error(stderr)
}
