import { kafkaTool } from '../embedded/tools.ts'

/**
 * The values of a topic as Kafka's own console consumer shows them: committed transactions only, by partition and
 * offset. It ends after `count` of them, or when nothing has come for a while, which takes longer but shows all.
 */
export async function readTopicWithJava(brokers: string, topic: string, count?: number): Promise<string[]> {
  const { exitCode, stdout, stderr } = await kafkaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    '--bootstrap-server',
    brokers,
    '--topic',
    topic,
    '--from-beginning',
    '--isolation-level',
    'read_committed',
    '--timeout-ms',
    '2500',
    ...(count === undefined ? [] : ['--max-messages', String(count)]),
    '--property',
    'print.partition=true',
    '--property',
    'print.offset=true',
  ])
  if (exitCode !== 0 && !`${stdout}${stderr}`.includes('Timeout')) throw new Error(stderr)
  return stdout
    .split('\n')
    .map((line) => /^Partition:(\d+)\tOffset:(\d+)\t(.*)$/s.exec(line))
    .filter((match) => match !== null)
    .sort((a, b) => Number(a[1]) - Number(b[1]) || Number(a[2]) - Number(b[2]))
    .map((match) => match[3]!)
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
