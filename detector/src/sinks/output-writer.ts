import type { DetectorConfig } from '@tidewatch/api'
import type { OutputRecord, RecordSink } from '@tidewatch/kafka'
import { codeOf } from '@tidewatch/kit'
import type { Effects } from '../topology.ts'
import { deadLetterRecord, lateRecord, smallDeadLetterBytes, verdictRecords } from './output-records.ts'

/** Writes effects to their topics. */
export class OutputWriter {
  readonly #config: DetectorConfig
  readonly #sink: RecordSink

  constructor(config: DetectorConfig, sink: RecordSink) {
    this.#config = config
    this.#sink = sink
  }

  /** Resolves when everything is acknowledged. */
  async write({ verdicts, deadLetters, late }: Effects): Promise<void> {
    const { outputs } = this.#config
    const records = verdictRecords(verdicts, this.#config)
    if (deadLetters.length > 0) {
      await this.#send(records.splice(0))
      await this.#writeDeadLetters(deadLetters)
    }
    if (outputs.late !== undefined) for (const record of late) records.push(lateRecord(record, outputs.late))
    await this.#send(records)
  }

  /** A topic may take smaller records than brokers do by default: there each record is tried by itself, then cut. */
  async #writeDeadLetters(deadLetters: Effects['deadLetters']): Promise<void> {
    const topic = this.#config.outputs.deadLetters
    try {
      await this.#send(deadLetters.map((deadLetter) => deadLetterRecord(deadLetter, topic)))
    } catch (error) {
      if (codeOf(error) !== 'RECORD_TOO_LARGE') throw error
      for (const deadLetter of deadLetters) await this.#writeAlone(deadLetter, topic)
    }
  }

  async #writeAlone(deadLetter: Effects['deadLetters'][number], topic: string): Promise<void> {
    try {
      await this.#send([deadLetterRecord(deadLetter, topic)])
    } catch (error) {
      if (codeOf(error) !== 'RECORD_TOO_LARGE') throw error
      await this.#send([deadLetterRecord(deadLetter, topic, smallDeadLetterBytes)])
    }
  }

  async #send(records: OutputRecord[]): Promise<void> {
    if (records.length > 0) await this.#sink.send(records)
  }
}
