import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordSink } from '@tidewatch/kafka'
import { buildReadings, type RecordingOptions } from './recording.ts'

export interface FeederOptions {
  sink: RecordSink
  recording: RecordingOptions
  /** At least so many readings are sent in all. */
  readings: number
  /** The time over which they are spread. */
  overMs: number
}

const stepMs = 100
/** Readings of one call, where there are more to send than the pace asks for. */
const mostAtOnce = 4_000

/** Sends a recording at a steady pace, so that whatever is done to the detectors is done under load. */
export class Feeder {
  readonly #options: FeederOptions
  readonly #perSecond: number
  #second = 0
  #sent = 0
  #isEnding = false
  #running: Promise<void> | undefined
  #error: Error | undefined

  constructor(options: FeederOptions) {
    this.#options = options
    this.#perSecond = options.recording.partitions * options.recording.devices
  }

  /** Readings that lie in the log by now, duplicates included. */
  get sent(): number {
    return this.#sent
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => {
      this.#error = error instanceof Error ? error : new Error(String(error))
    })
  }

  /** Sends what is missing, as fast as it goes. @throws what the sending failed with. */
  async finish(): Promise<void> {
    this.#isEnding = true
    await this.#running
    if (this.#error !== undefined) throw this.#error
    while (this.#sent < this.#options.readings) await this.#send(Math.ceil(Math.min(mostAtOnce, this.#options.readings - this.#sent) / this.#perSecond))
  }

  /** Sends no more. */
  async stop(): Promise<void> {
    this.#isEnding = true
    await this.#running
  }

  async #run(): Promise<void> {
    const { readings, overMs } = this.#options
    const beganMs = performance.now()
    while (!this.#isEnding) {
      const due = ((performance.now() - beganMs) * readings) / overMs - this.#second * this.#perSecond
      const seconds = Math.floor(Math.min(due, mostAtOnce) / this.#perSecond)
      if (seconds > 0) await this.#send(seconds)
      await sleep(stepMs)
    }
  }

  async #send(seconds: number): Promise<void> {
    const records = buildReadings(this.#options.recording, this.#second, this.#second + seconds)
    await this.#options.sink.send(records)
    this.#second += seconds
    this.#sent += records.length
  }
}
