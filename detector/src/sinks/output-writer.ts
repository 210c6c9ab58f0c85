import type { DetectorConfig } from '@tidewatch/api'
import type { RecordSink } from '@tidewatch/kafka'
import { codeOf } from '@tidewatch/kit'
import type { Effects } from '../topology.ts'
import { planOutputs, type Output } from './outputs.ts'
import { SizeLimits, type FittedOutputs } from './size-limits.ts'

export interface OutputWriterOptions {
  config: DetectorConfig
  sink: RecordSink
  clock: { now(): number }
  /** Told of outputs that were too large as they are. */
  onTooLarge: (fitted: Omit<FittedOutputs, 'records'>) => void
}

/** Writes effects to their topics. */
export class OutputWriter {
  readonly #options: OutputWriterOptions
  readonly #limits = new SizeLimits()

  constructor(options: OutputWriterOptions) {
    this.#options = options
  }

  /** Resolves when everything is acknowledged. What is too large for its topic is written in a smaller form. */
  async write(effects: Effects): Promise<void> {
    const outputs = planOutputs(effects, this.#options.config)
    try {
      await this.#send(outputs)
    } catch (error) {
      if (codeOf(error) !== 'RECORD_TOO_LARGE') throw error
      // Which one it is nobody says. What was written before it is written again: at least once.
      for (const output of outputs) await this.#sendAlone(output)
    }
  }

  async #sendAlone(output: Output): Promise<void> {
    for (;;) {
      try {
        return await this.#send([output])
      } catch (error) {
        if (codeOf(error) !== 'RECORD_TOO_LARGE') throw error
        const { clock } = this.#options
        for (const record of this.#limits.fit([output], clock.now()).records) this.#limits.learn(record, clock.now())
      }
    }
  }

  async #send(outputs: readonly Output[]): Promise<void> {
    const { sink, clock, onTooLarge } = this.#options
    const { records, ...tooLarge } = this.#limits.fit(outputs, clock.now())
    if (records.length > 0) await sink.send(records)
    onTooLarge(tooLarge)
  }
}
