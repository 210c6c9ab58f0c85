import { kafkaTool } from '../embedded/tools.ts'
import { consumeWithJava, type ShownRecord } from './console-consumer.ts'

/** A reader that has been shown something, and then nothing for so long, has seen all; on a busy machine it may take its time to begin. */
const quietMs = 3_000
const startMs = 15_000

/**
 * The values of a topic as Kafka's own console consumer shows them: committed transactions only, by partition and
 * offset. It ends after `count` of them, or when nothing has come for a while, which takes longer but shows all.
 */
export async function readTopicWithJava(brokers: string, topic: string, count?: number): Promise<string[]> {
  const records: ShownRecord[] = []
  const quiet = new AbortController()
  let timer: NodeJS.Timeout | undefined
  for await (const record of consumeWithJava(brokers, topic, { timeoutMs: startMs, count, signal: quiet.signal })) {
    records.push(record)
    timer = timer?.refresh() ?? setTimeout(() => quiet.abort(), quietMs)
  }
  clearTimeout(timer)
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset).map(({ value }) => value)
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
