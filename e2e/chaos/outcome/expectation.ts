import type { DetectorConfig } from '@tidewatch/api'
import { TopologyDriver } from '@tidewatch/detector/testing'
import type { PartitionReader, TopicAdmin } from '@tidewatch/kafka'
import { isBad } from '../recording.ts'

/** What an uninterrupted run writes. */
export interface Expectation {
  verdicts: string[]
  anomalies: string[]
  deadLetters: string[]
  late: string[]
  /** Records in the log, and those of them that no detector can read. */
  readings: number
  bad: number
}

/** Records that are held in memory at a time. */
const stretch = 20_000

/** Runs the real topology over the log of each partition, once, without a broker between records and verdicts. */
export async function computeExpectation(config: DetectorConfig, { admin, reader, nowMs }: { admin: TopicAdmin; reader: PartitionReader; nowMs: number }): Promise<Expectation> {
  const expected: Expectation = { verdicts: [], anomalies: [], deadLetters: [], late: [], readings: 0, bad: 0 }
  for (const { partition, logEndOffset } of await admin.readOffsets(config.topic)) {
    const driver = new TopologyDriver({ config, partition, nowMs })
    for (let from = 0; from < logEndOffset; from += stretch) {
      for (const record of await reader.read(config.topic, partition, { from, to: Math.min(from + stretch, logEndOffset) })) {
        expected.readings++
        if (isBad(record.value!.toString(), nowMs)) expected.bad++
        driver.step(record)
      }
    }
    for (const { verdict } of driver.verdicts) {
      const text = JSON.stringify(verdict)
      expected.verdicts.push(text)
      if (verdict.is_anomaly) expected.anomalies.push(text)
    }
    expected.deadLetters.push(...driver.deadLetters.map(({ record }) => record.value!.toString()))
    expected.late.push(...driver.late.map(({ value }) => value!.toString()))
  }
  return expected
}
