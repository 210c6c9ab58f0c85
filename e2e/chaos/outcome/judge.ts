import { readTopicWithJava } from '../../../packages/kafka/src/testing/java-tools.ts'
import type { Stage } from '../stage.ts'
import { compareRecords, compareVerdicts } from './comparison.ts'
import { computeExpectation } from './expectation.ts'
import { readHanging } from './hanging.ts'
import type { ChaosReport } from './report.ts'

export type Judgement = Pick<ChaosReport, 'expected' | 'lost' | 'repeated' | 'changed' | 'unexpected' | 'readings' | 'bad' | 'outputs' | 'hanging'>

/** Kafka's own topic of positions: a transaction that hangs there holds back what the next detector reads. */
const offsetsTopic = '__consumer_offsets'

/** Compares all that detectors have written, who are gone by now, with what an uninterrupted run writes. */
export async function judge({ config, admin, reader, broker }: Stage): Promise<Judgement> {
  const { anomalies, scores, deadLetters, late } = config.outputs
  const written = [scores!, anomalies, deadLetters, late!]
  // At once: the broker ends by itself what has been open for a minute.
  const topics = [config.topic, ...written, config.checkpoint.topic, offsetsTopic]
  const partitions = new Map(await Promise.all(topics.map(async (topic) => [topic, (await admin.readPartitionCount(topic))!] as const)))
  const hanging = await readHanging(Number(broker.brokers.split(':')[1]), partitions)
  const expected = await computeExpectation(config, { admin, reader, nowMs: Date.now() })
  const found = await Promise.all(written.map((topic) => readTopicWithJava(broker.brokers, topic)))
  const outputs = {
    verdicts: compareVerdicts(expected.verdicts, found[0]!),
    anomalies: compareVerdicts(expected.anomalies, found[1]!),
    deadLetters: compareRecords(expected.deadLetters, found[2]!),
    late: compareRecords(expected.late, found[3]!),
  }
  const sumOf = (kind: 'lost' | 'repeated' | 'changed' | 'unexpected') => Object.values(outputs).reduce((sum, one) => sum + one[kind], 0)
  return {
    expected: outputs.verdicts.expected,
    lost: sumOf('lost'),
    repeated: sumOf('repeated'),
    changed: sumOf('changed'),
    unexpected: sumOf('unexpected'),
    readings: expected.readings,
    bad: expected.bad,
    outputs,
    hanging,
  }
}
