import { startKafkaTool } from '../embedded/tools.ts'

export interface ShownRecord {
  partition: number
  offset: number
  value: string
}

export interface ConsoleConsumerOptions {
  /** It ends when nothing has come for so long. */
  timeoutMs: number
  /** It ends after so many records; undefined: however many there are. */
  count?: number | undefined
}

/**
 * The records of a topic from its beginning, as Kafka's own console consumer shows them: committed transactions only, as they come. A
 * loop that is left ends it.
 *
 * @throws where the consumer itself fails.
 */
export async function* consumeWithJava(brokers: string, topic: string, { timeoutMs, count }: ConsoleConsumerOptions): AsyncGenerator<ShownRecord, void> {
  const ask = ['--bootstrap-server', brokers, '--topic', topic, '--from-beginning', '--isolation-level', 'read_committed', '--timeout-ms', String(timeoutMs)]
  const show = ['--property', 'print.partition=true', '--property', 'print.offset=true']
  const most = count === undefined ? [] : ['--max-messages', String(count)]
  const child = await startKafkaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [...ask, ...show, ...most])
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  // Awaited below; where Java is missing it fails before.
  ended.catch(() => {})
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  try {
    let rest = ''
    for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [, partition, offset, value] = /^Partition:(\d+)\tOffset:(\d+)\t(.*)$/s.exec(line) ?? []
        if (value !== undefined) yield { partition: Number(partition), offset: Number(offset), value }
      }
    }
    // It complains of the time-out as of an error.
    if ((await ended) !== 0 && !complaint.includes('TimeoutException')) throw new Error(`Kafka's console consumer could not read ${topic}: ${complaint}`)
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}
