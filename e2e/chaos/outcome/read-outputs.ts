import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { RecordSink } from '@tidewatch/kafka'
import { readEmbeddedConfig } from '../../../packages/kafka/src/embedded/config.ts'
import { ensureJars } from '../../../packages/kafka/src/embedded/jars.ts'

/** What stands behind the last record of each partition, so that a reader knows that it has seen all. */
const endMark = 'the end of what was written'
/** A reader that gets nothing for so long will get nothing more: a transaction hangs before the end. */
const quietMs = 60_000

/** Writes an end mark into each partition; nobody else may write any more. */
export async function writeEndMarks(sink: RecordSink, topics: readonly string[], partitions: number): Promise<void> {
  await sink.send(topics.flatMap((topic) => Array.from({ length: partitions }, (_, partition) => ({ topic, partition, key: null, value: endMark }))))
}

/**
 * The values of a topic before its end marks, as Kafka's own console consumer shows them: committed transactions only. It reads until
 * it has seen every end mark, however slow the machine is.
 *
 * @returns what it was shown, also where the end marks stay out of sight.
 * @throws where the reader itself fails.
 */
export async function readToEndMarks(brokers: string, topic: string, partitions: number): Promise<string[]> {
  const { cacheDir, javaCommand } = readEmbeddedConfig()
  const args = ['--bootstrap-server', brokers, '--topic', topic, '--from-beginning', '--isolation-level', 'read_committed', '--timeout-ms', String(quietMs)]
  const flags = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Dlog4j2.level=error', '-cp', await ensureJars(cacheDir)]
  const child = spawn(javaCommand, [...flags, 'org.apache.kafka.tools.consumer.ConsoleConsumer', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const values: string[] = []
  let marks = 0
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== endMark) values.push(line)
    else if (++marks === partitions) break
  }
  // All was seen; it would go on to wait for more.
  child.kill('SIGKILL')
  const code = await ended
  if (marks < partitions && code !== 0 && !complaint.includes('TimeoutException')) throw new Error(`Kafka's console consumer could not read ${topic}: ${complaint}`)
  return values
}
