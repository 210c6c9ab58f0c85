import type { SimulatorConfig } from '@tidewatch/api'
import { AppError, codeOf, messageOf, type Logger } from '@tidewatch/kit'
import type { OutputRecord, RecordSink } from '@tidewatch/kafka'
import type { SimulatedRecord } from './record.ts'

/** One record alone is too large; those after it may not be. */
const recordTooLarge = 'RECORD_TOO_LARGE'

/**
 * Sends batches one behind the other: the next is made while one is on its way, and waits for it. That is the
 * back-pressure.
 */
export class Dispatcher {
  sent = 0
  sendErrors = 0
  readonly injected: Record<string, number> = {}
  readonly #topic: string
  readonly #faultHeader: string
  readonly #sink: RecordSink
  readonly #log: Logger | undefined
  readonly #headersByFault = new Map<string, Record<string, string>>()
  readonly #toldCodes = new Set<string>()
  #inFlight: Promise<void> = Promise.resolve()
  #final: AppError | undefined

  constructor(options: { config: Pick<SimulatorConfig, 'topic' | 'faultHeader'>; sink: RecordSink; log: Logger | undefined }) {
    this.#topic = options.config.topic
    this.#faultHeader = options.config.faultHeader
    this.#sink = options.sink
    this.#log = options.log
  }

  /**
   * Resolves when the batch before this one was answered; this one is then on its way.
   *
   * @throws whatever ended sending for good.
   */
  async dispatch(batch: readonly SimulatedRecord[]): Promise<void> {
    await this.finish()
    this.#inFlight = this.#send(batch)
  }

  /** Resolves when everything dispatched was answered. */
  async finish(): Promise<void> {
    await this.#inFlight
    if (this.#final !== undefined) throw this.#final
  }

  async #send(batch: readonly SimulatedRecord[]): Promise<void> {
    try {
      await this.#sink.send(batch.map((record) => this.#toOutput(record)))
      this.sent += batch.length
      for (const { fault } of batch) if (fault !== undefined) this.injected[fault] = (this.injected[fault] ?? 0) + 1
    } catch (error) {
      this.sendErrors += batch.length
      if (error instanceof AppError && error.retry === 'never' && error.code !== recordTooLarge) this.#final = error
      const code = codeOf(error) ?? 'UNKNOWN'
      if (this.#toldCodes.has(code)) return
      this.#toldCodes.add(code)
      this.#log?.error({ records: batch.length, code, reason: messageOf(error) }, 'Failed to send records; more of this kind are only counted')
    }
  }

  #toOutput({ key, value, fault, partition, createTimeMs }: SimulatedRecord): OutputRecord {
    const record: OutputRecord = { topic: this.#topic, key, value }
    if (partition !== undefined) record.partition = partition
    if (createTimeMs !== undefined) record.timestampMs = createTimeMs
    if (fault !== undefined) record.headers = this.#headersOf(fault)
    return record
  }

  #headersOf(fault: string): Record<string, string> {
    const known = this.#headersByFault.get(fault)
    if (known !== undefined) return known
    const headers = { [this.#faultHeader]: fault }
    // Labels of a recording come from its data and need not be few.
    if (this.#headersByFault.size < 1_000) this.#headersByFault.set(fault, headers)
    return headers
  }
}
