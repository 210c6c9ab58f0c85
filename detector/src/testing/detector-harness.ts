import { setTimeout as sleep } from 'node:timers/promises'
import type { DetectorConfig } from '@tidewatch/api'
import { createPartitionReader, createRecordSink, createTopicAdmin, type KafkaRecord, type PartitionReader, type RecordSink, type TopicAdmin } from '@tidewatch/kafka'
import { createLogger } from '@tidewatch/kit'
import { DetectorProcess } from './detector-process.ts'

/** As short as brokers allow, so that a detector which is gone is missed soon. */
const sessionTimeoutMs = 6_000
const lookEveryMs = 100
/** How much of each detector's words an error repeats. */
const mostCharacters = 8_000

/**
 * What a test of detectors on a broker needs: clients, processes, patience. `kill` belongs behind each test, `close` behind all of a file.
 */
export class DetectorHarness {
  readonly brokers: string
  readonly admin: TopicAdmin
  readonly sink: RecordSink
  readonly reader: PartitionReader
  #processes: DetectorProcess[] = []

  constructor(brokers: string) {
    const options = { connection: { brokers, clientId: 'test' }, log: createLogger({ name: 'test', level: 'fatal' }) }
    this.brokers = brokers
    this.admin = createTopicAdmin(options)
    this.sink = createRecordSink(options)
    this.reader = createPartitionReader(options)
  }

  /** Starts a detector; `kill` ends it at the latest. */
  start(config: DetectorConfig | string, environment: Record<string, string> = {}): DetectorProcess {
    const one = new DetectorProcess(config, this.brokers, { TIDEWATCH_SESSION_TIMEOUT_MS: String(sessionTimeoutMs), ...environment })
    this.#processes.push(one)
    return one
  }

  /**
   * Looks ten times a second whether something is so.
   *
   * @throws where it is not so in time: with what the detectors have said.
   */
  async until(what: string, isSo: () => Promise<boolean> | boolean, timeoutMs = 60_000): Promise<void> {
    const deadlineMs = Date.now() + timeoutMs
    while (!(await isSo())) {
      if (Date.now() > deadlineMs) throw new Error(`Waited ${timeoutMs / 1_000} s in vain until ${what}\n${this.#processes.map(({ output }) => output.slice(-mostCharacters)).join('\n---\n')}`)
      await sleep(lookEveryMs)
    }
  }

  /** How many records of the input the group has committed. */
  async countCommitted({ groupId, topic }: DetectorConfig): Promise<number> {
    return [...(await this.admin.readCommitted(groupId, topic)).values()].reduce((sum, { offset }) => sum + offset, 0)
  }

  /** True where the group has committed the input to its end. */
  async isDone({ groupId, topic }: DetectorConfig): Promise<boolean> {
    const committed = await this.admin.readCommitted(groupId, topic)
    return (await this.admin.readOffsets(topic)).every(({ partition, logEndOffset }) => (committed.get(partition)?.offset ?? 0) === logEndOffset)
  }

  /** Every record of a topic that readers of committed ones are shown, partition by partition. */
  async readAll(topic: string): Promise<KafkaRecord[]> {
    const records: KafkaRecord[] = []
    for (const { partition, logStartOffset, logEndOffset } of await this.admin.readOffsets(topic)) {
      records.push(...(await this.reader.read(topic, partition, { from: logStartOffset, to: logEndOffset })))
    }
    return records
  }

  /** Ends the detectors of a test at once, whatever they do. */
  async kill(): Promise<void> {
    await Promise.all(this.#processes.splice(0).map((one) => one.signal('SIGKILL')))
  }

  async close(): Promise<void> {
    await Promise.all([this.sink.close(), this.reader.close(), this.admin.close()])
  }
}
