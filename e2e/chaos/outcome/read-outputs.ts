import type { RecordSink } from '@tidewatch/kafka'
import { consumeWithJava } from '../../../packages/kafka/src/testing/console-consumer.ts'

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
  const values: string[] = []
  let marks = 0
  for await (const { value } of consumeWithJava(brokers, topic, { timeoutMs: quietMs })) {
    if (value !== endMark) values.push(value)
    else if (++marks === partitions) break
  }
  return values
}
